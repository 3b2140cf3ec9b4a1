/** Loops over a queue of any kind, to its end. Each item is marked done when its turn is over, however the loop is left. */
import { QueueShutdownError } from '../base/errors.js';
import { addressOf, type Shared } from '../memory/object.js';
import { markDone } from './ending.js';
import { NOTHING, storeOf } from './store.js';
import { getSlow, getSlowAsync } from './waiting.js';

const FOREVER = { timeout: Infinity, signal: undefined };

/** See `Queue[Symbol.iterator]`. */
export function* items(handle: Shared): Generator<unknown, void, undefined> {
  const queue = addressOf(handle);
  const { tryGet } = storeOf(queue);
  for (;;) {
    let item: unknown;
    try {
      item = tryGet(queue);
      if (item === NOTHING) item = getSlow(queue, Infinity);
    } catch (error) {
      if (error instanceof QueueShutdownError) return;
      throw error;
    }
    try {
      yield item;
    } finally {
      // By the handle: were it garbage by now, the queue would be gone while the loop goes on.
      markDone(addressOf(handle), 1);
    }
  }
}

/** See `Queue[Symbol.asyncIterator]`. */
export async function* itemsAsync(handle: Shared): AsyncGenerator<unknown, void, undefined> {
  const queue = addressOf(handle);
  const { tryGet } = storeOf(queue);
  for (;;) {
    let item: unknown;
    try {
      item = tryGet(queue);
      if (item === NOTHING) item = await getSlowAsync(queue, FOREVER);
    } catch (error) {
      if (error instanceof QueueShutdownError) return;
      throw error;
    }
    try {
      yield item;
    } finally {
      // By the handle: were it garbage by now, the queue would be gone while the loop goes on.
      markDone(addressOf(handle), 1);
    }
  }
}
