/** Loops over a queue, to its end. Each item is marked done when its turn is over, however the loop is left. */
import { QueueShutdownError } from '../base/errors.js';
import { markDone } from './ending.js';
import { getSlow, getSlowAsync, tryTake } from './raw-queue.js';
import { openTaken } from './records.js';

const FOREVER = { timeout: Infinity, signal: undefined };

/** See `Queue[Symbol.iterator]`. */
export function* items(queue: number): Generator<unknown, void, undefined> {
  for (;;) {
    let item: unknown;
    try {
      item = tryTake(queue) ? openTaken() : getSlow(queue, Infinity);
    } catch (error) {
      if (error instanceof QueueShutdownError) return;
      throw error;
    }
    try {
      yield item;
    } finally {
      markDone(queue, 1);
    }
  }
}

/** See `Queue[Symbol.asyncIterator]`. */
export async function* itemsAsync(queue: number): AsyncGenerator<unknown, void, undefined> {
  for (;;) {
    let item: unknown;
    try {
      item = tryTake(queue) ? openTaken() : await getSlowAsync(queue, FOREVER);
    } catch (error) {
      if (error instanceof QueueShutdownError) return;
      throw error;
    }
    try {
      yield item;
    } finally {
      markDone(queue, 1);
    }
  }
}
