/** Many items in one step, at queues of any kind. They are made ready, and opened, without the queue's mutex. */
import { i32 } from '../memory/heap.js';
import { now } from '../platform/clock.js';
import { storeOf } from './store.js';
import { getParcel, putParcel, unpack } from './waiting.js';
import { watch } from './watch.js';

/** See `Queue.putMany`. `rank`: see nodes.ts. */
export function putMany(queue: number, items: Iterable<unknown>, timeout: number, rank: number = 0): void {
  const deadline = timeout === Infinity ? Infinity : now() + timeout;
  const supply = storeOf(queue).prepare(items, rank);
  try {
    while (!supply.isEmpty) {
      supply.putFitting(queue);
      if (supply.isEmpty) return;
      const left = deadline === Infinity ? Infinity : Math.max(0, deadline - now());
      putParcel(queue, supply.nextParcel(), left);
    }
  } finally {
    supply.drop();
  }
}

/** See `Queue.getMany`. */
export function getMany(queue: number, max: number, timeout: number): unknown[] {
  const store = storeOf(queue);
  const seen = Atomics.load(i32, queue + store.putWord);
  let taken = store.take(queue, max);
  if (taken.count === 0 && timeout > 0 && watch(queue + store.putWord, seen)) taken = store.take(queue, max);
  if (taken.count > 0) return taken.open([]);
  const parcel = getParcel(queue, timeout);
  const mark = store.markOf(parcel);
  const first = unpack(queue, parcel);
  // If nothing has come between, both together are as good as one step.
  return store.take(queue, max - 1, mark).open([first]);
}

/** See `Queue.drain`. */
export function drain(queue: number, max: number): unknown[] {
  return storeOf(queue).take(queue, max).open([]);
}
