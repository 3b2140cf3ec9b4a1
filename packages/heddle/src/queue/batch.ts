/** Many items in one step, at queues of any kind. They are made ready, and opened, without the queue's mutex. */
import { checkCount, describe } from '../base/arguments.js';
import { i32 } from '../memory/heap.js';
import { now } from '../platform/clock.js';
import { storeOf } from './store.js';
import { getParcel, putParcel } from './waiting.js';
import { watch } from './watch.js';

/** The most items that one who waits may ask for: its waiter has a word for that. */
const MOST = 0x7fff_ffff;

/** See `Queue.putMany`. `rank`: see nodes.ts. */
export function putMany(queue: number, items: Iterable<unknown>, timeout: number, rank: number = 0): void {
  const deadline = timeout === Infinity ? Infinity : now() + timeout;
  const supply = storeOf(queue).prepare(items, rank);
  try {
    if (supply.isEmpty()) return;
    for (;;) {
      supply.putFitting(queue);
      if (supply.isEmpty()) return;
      const left = deadline === Infinity ? Infinity : Math.max(0, deadline - now());
      putParcel(queue, supply.nextParcel(), left);
      if (supply.isEmpty()) return;
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
  return store.openAll(getParcel(queue, timeout, Math.min(max, MOST)));
}

/** See `Queue.drain`. */
export function drain(queue: number, max: number): unknown[] {
  return storeOf(queue).take(queue, max).open([]);
}

/** Returns what can be put. @throws TypeError */
export function checkItems<T>(items: Iterable<T>): Iterable<T> {
  if (typeof (items as Partial<Iterable<T>> | null | undefined)?.[Symbol.iterator] !== 'function') {
    throw new TypeError(`items must be iterable, such as an array, not ${describe(items)}`);
  }
  return items;
}

/** Returns how many items may be taken. @throws TypeError, RangeError */
export function checkMost(max: number): number {
  return max === Infinity ? max : checkCount('max', max, 1, Number.MAX_SAFE_INTEGER);
}
