/** How a queue comes to its end: items marked done, those who wait for that, and the shutdown. */
import { f64, i32, reach } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { Obj } from '../memory/object.js';
import * as awaited from '../park/await.js';
import type { Patience } from '../park/await.js';
import { probe } from '../park/probe.js';
import * as blocking from '../park/wait.js';
import { admit } from './admit.js';
import { dropRecords, numberAt, sizeOf, unfinishedIn } from './chunks.js';
import { notePassage } from './raw-queue.js';
import { Closed, Q } from './words.js';

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
    const unfinished = unfinishedIn(queue);
    if (n > unfinished) return false;
    i32[queue + Q.DONE] = (i32[queue + Q.DONE]! + n) | 0;
    if (probe !== undefined) probe.passed(queue);
    if (n === unfinished && i32[queue + Q.JOINERS] !== 0) admit(queue);
    return true;
  } finally {
    unlock(queue + Obj.MUTEX);
  }
}

/** See `Queue.join`. */
export function join(queue: number, timeout: number): void {
  if (!isDone(queue)) blocking.wait(queue, queue + Q.JOINERS, timeout, () => unfinishedIn(queue) === 0);
  notePassage(queue);
}

/** See `Queue.joinAsync`. */
export async function joinAsync(queue: number, patience: Patience): Promise<void> {
  if (!isDone(queue))
    await awaited.waitAsync(queue, queue + Q.JOINERS, patience, () => unfinishedIn(queue) === 0);
  notePassage(queue);
}

function isDone(queue: number): boolean {
  lock(queue + Obj.MUTEX);
  try {
    return unfinishedIn(queue) === 0;
  } finally {
    unlock(queue + Obj.MUTEX);
  }
}

/** See `Queue.shutdown`. */
export function shutDown(queue: number, immediately: boolean): void {
  lock(queue + Obj.MUTEX);
  const start = i32[queue + Q.READ]!;
  const end = i32[queue + Q.WRITE]!;
  try {
    close(queue, immediately);
    if (probe !== undefined) probe.passed(queue);
    admit(queue);
  } finally {
    unlock(queue + Obj.MUTEX);
  }
  // Nothing is put any more, nor put back: nobody else comes near these records.
  if (immediately) dropRecords(reach(start), end);
}

function close(queue: number, immediately: boolean): void {
  const next = numberAt(queue + Q.WRITE);
  const size = sizeOf(queue);
  // No call and no loop from here on: a death leaves all items in the queue, or none.
  i32[queue + Q.LIMIT] = next;
  i32[queue + Obj.STATE] = i32[queue + Obj.STATE]! | Closed.SHUT_DOWN;
  if (!immediately) return;
  i32[queue + Obj.STATE] = i32[queue + Obj.STATE]! | Closed.IMMEDIATELY;
  i32[queue + Q.READ] = i32[queue + Q.WRITE]!;
  i32[queue + Q.DONE] = (i32[queue + Q.DONE]! + size) | 0;
  f64[(queue + Q.DROPPED) >> 1]! += size;
}
