/** How a queue comes to its end: items marked done, those who wait for that, and the shutdown. */
import { i32 } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { Obj } from '../memory/object.js';
import * as awaited from '../park/await.js';
import type { Patience } from '../park/await.js';
import { probe } from '../park/probe.js';
import * as blocking from '../park/wait.js';
import { admit } from './admit.js';
import { isShutDown, shutDownError, storeOf } from './store.js';
import { notePassage } from './waiting.js';
import { Q } from './words.js';

/** Marks `n` items done. @throws RangeError if not so many are unfinished */
export function markDone(queue: number, n: number): void {
  if (subtract(queue, n)) return;
  throw new RangeError(
    'taskDone() was called for more items than were put: call it once for each item taken with get(), and not at ' +
      'all for items that a loop over the queue yields',
  );
}

function subtract(queue: number, n: number): boolean {
  lock(queue + Obj.MUTEX);
  try {
    const unfinished = storeOf(queue).unfinished(queue);
    if (n > unfinished) return false;
    i32[queue + Q.DONE] = (i32[queue + Q.DONE]! + n) | 0;
    if (probe !== undefined) probe.passed?.(queue);
    if (n === unfinished && i32[queue + Q.JOINERS] !== 0) admit(queue);
    return true;
  } finally {
    unlock(queue + Obj.MUTEX);
  }
}

/** See `Queue.join`. */
export function join(queue: number, timeout: number): void {
  if (!isDone(queue))
    blocking.wait(queue, queue + Q.JOINERS, timeout, () => storeOf(queue).unfinished(queue) === 0);
  notePassage(queue);
}

/** See `Queue.joinAsync`. */
export async function joinAsync(queue: number, patience: Patience): Promise<void> {
  if (!isDone(queue))
    await awaited.waitAsync(queue, queue + Q.JOINERS, patience, () => storeOf(queue).unfinished(queue) === 0);
  notePassage(queue);
}

function isDone(queue: number): boolean {
  lock(queue + Obj.MUTEX);
  try {
    return storeOf(queue).unfinished(queue) === 0;
  } finally {
    unlock(queue + Obj.MUTEX);
  }
}

/** See `Queue.shutdown`. */
export function shutDown(queue: number, immediately: boolean): void {
  const store = storeOf(queue);
  let items: number;
  lock(queue + Obj.MUTEX);
  try {
    items = store.close(queue, immediately);
    if (probe !== undefined) probe.passed?.(queue);
    admit(queue);
  } finally {
    unlock(queue + Obj.MUTEX);
  }
  if (immediately) store.drop(queue, items);
}

/** Items in the queue now. */
export function sizeNow(queue: number): number {
  lock(queue + Obj.MUTEX);
  try {
    return storeOf(queue).size(queue);
  } finally {
    unlock(queue + Obj.MUTEX);
  }
}

/** Whether the queue is shut down and empty: nothing will come out of it any more. */
export function isAtEnd(queue: number): boolean {
  return isShutDown(queue) && sizeNow(queue) === 0;
}

/** What `tryGet` returns when it has found nothing: `fallback`. @throws QueueShutdownError */
export function fallbackOf<F>(queue: number, fallback: F): F {
  if (isAtEnd(queue)) throw shutDownError(queue, 'is empty');
  return fallback;
}
