/** How a queue comes to its end: items marked done, those who wait for that, and the shutdown. */
import { f64, i32, pointer } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { Obj } from '../memory/object.js';
import * as awaited from '../park/await.js';
import type { Patience } from '../park/await.js';
import { probe } from '../park/probe.js';
import * as blocking from '../park/wait.js';
import { admit } from './admit.js';
import { dropRecords, sizeOf, unfinishedIn } from './chunks.js';
import { notePassage } from './raw-queue.js';
import { Closed, Q } from './words.js';

/** Marks `n` items done. False if so many are not unfinished. */
export function markDone(queue: number, n: number): boolean {
  lock(queue + Obj.MUTEX);
  const unfinished = unfinishedIn(queue);
  if (n <= unfinished) {
    i32[queue + Q.DONE] = (i32[queue + Q.DONE]! + n) | 0;
    if (probe !== undefined) probe.passed(queue);
    if (n === unfinished && i32[queue + Q.JOINERS] !== 0) admit(queue);
  }
  unlock(queue + Obj.MUTEX);
  return n <= unfinished;
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
  const unfinished = unfinishedIn(queue);
  unlock(queue + Obj.MUTEX);
  return unfinished === 0;
}

/** See `Queue.shutdown`. */
export function shutDown(queue: number, immediately: boolean): void {
  lock(queue + Obj.MUTEX);
  const start = pointer(queue + Q.READ);
  const end = pointer(queue + Q.WRITE);
  const dropped = immediately ? sizeOf(queue) : 0;
  // No call and no loop from here to `admit`.
  i32[queue + Q.LIMIT] = i32[end + 1]!;
  i32[queue + Obj.STATE] =
    i32[queue + Obj.STATE]! | (immediately ? Closed.SHUT_DOWN | Closed.IMMEDIATELY : Closed.SHUT_DOWN);
  if (immediately) {
    i32[queue + Q.READ] = end;
    i32[queue + Q.DONE] = (i32[queue + Q.DONE]! + dropped) | 0;
    f64[(queue + Q.DROPPED) >> 1]! += dropped;
  }
  if (probe !== undefined) probe.passed(queue);
  admit(queue);
  unlock(queue + Obj.MUTEX);
  // Nothing is put any more, nor put back: nobody else comes near these records.
  if (immediately) dropRecords(start, end);
}
