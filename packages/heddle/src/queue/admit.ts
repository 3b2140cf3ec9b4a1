/**
 * Who may go on: the one place where waiting getters, putters and joiners are served. All of it under MUTEX; words.ts
 * says what the waiters bring and get.
 */
import { OutOfMemoryError, QueueShutdownError } from '../base/errors.js';
import { free } from '../memory/allocator.js';
import { f64, i32, pointer } from '../memory/heap.js';
import { Obj, titleOf } from '../memory/object.js';
import { record } from '../memory/records.js';
import { firstOf, grant, grantAll } from '../park/waiters.js';
import { W } from '../park/waiter.js';
import { firstRecord, makeRoom, numberAt, putBack, sizeOf, unfinishedIn } from './chunks.js';
import { copyRecord, dropRecord, wordsIn } from './records.js';
import { Closed, PASSED, Q, REFUSED } from './words.js';

/** `Kind.admit`: passes items to getters, and lets putters and joiners go on, as far as it can be done. */
export function admit(queue: number): void {
  for (let getter = firstOf(queue + Q.GETTERS); getter !== 0; getter = firstOf(queue + Q.GETTERS)) {
    const at = firstRecord(queue);
    if (at === 0) break;
    const parcel = pointer(getter + W.MODE);
    copyRecord(at, parcel);
    i32[parcel + 1] = i32[at + 1]!;
    grant(getter, PASSED, queue + Q.READ, at, at + wordsIn(i32[at]!));
  }
  if (isShutDown(queue)) {
    grantAll(queue + Q.PUTTERS, REFUSED);
    if (sizeOf(queue) === 0) grantAll(queue + Q.GETTERS, REFUSED);
  } else if (i32[queue + Q.PUTTERS] !== 0) {
    admitPutters(queue);
  }
  if (unfinishedIn(queue) === 0) grantAll(queue + Q.JOINERS);
}

/** Copies the items of the first putters into the queue, as many as there is room for. */
function admitPutters(queue: number): void {
  for (let putter = firstOf(queue + Q.PUTTERS); putter !== 0; putter = firstOf(queue + Q.PUTTERS)) {
    if (!hasRoom(queue)) return;
    const parcel = pointer(putter + W.MODE);
    const words = wordsIn(i32[parcel]!);
    let at: number;
    try {
      at = makeRoom(queue, words);
    } catch (error) {
      // It is not this thread's item. The putter waits on, and is admitted at the next occasion.
      if (error instanceof OutOfMemoryError) return;
      throw error;
    }
    const number = i32[at + 1]!;
    copyRecord(parcel, at);
    i32[at + words + 1] = (number + 1) | 0;
    grant(putter, PASSED, queue + Q.WRITE, at, at + words);
    f64[(queue + Q.PUTS) >> 1]! += 1;
  }
}

/** `Kind.waiterLeft`. The thread itself frees its parcel, unless it is dead. */
export function waiterLeft(queue: number, waiter: number): void {
  if (pointer(waiter + W.WORKER) !== record) {
    const parcel = pointer(waiter + W.MODE);
    if (i32[waiter + W.LIST] === queue + Q.PUTTERS) dropRecord(i32, parcel);
    if (parcel !== 0) free(parcel);
  }
  admit(queue);
}

/** `Kind.grantLost`: an item that was passed to a getter which died before it had it goes to the next. */
export function grantLost(queue: number, waiter: number): void {
  const parcel = pointer(waiter + W.MODE);
  if (parcel === 0) return; // a joiner
  const passed = i32[waiter + W.VALUE] === PASSED;
  if (i32[waiter + W.LIST] === queue + Q.GETTERS) {
    if (passed) recover(queue, parcel);
  } else if (!passed) {
    dropRecord(i32, parcel);
  }
  free(parcel);
  admit(queue);
}

/** Puts an item back that was taken for a getter, or drops it if the others have been dropped meanwhile. */
function recover(queue: number, parcel: number): void {
  if ((i32[queue + Obj.STATE]! & Closed.IMMEDIATELY) === 0) {
    putBack(queue, parcel);
  } else {
    i32[queue + Q.DONE] = (i32[queue + Q.DONE]! + 1) | 0;
    f64[(queue + Q.DROPPED) >> 1]! += 1;
    dropRecord(i32, parcel);
  }
}

/** Whether the queue has been shut down. */
export function isShutDown(queue: number): boolean {
  return (Atomics.load(i32, queue + Obj.STATE) & Closed.SHUT_DOWN) !== 0;
}

/** Under MUTEX: whether one more item may be put; raises LIMIT and HIGH accordingly. @throws QueueShutdownError */
export function hasRoom(queue: number): boolean {
  if (i32[queue + Obj.STATE] !== 0) throw shutDownError(queue, 'takes no more items');
  const first = numberAt(queue + Q.READ);
  const size = (numberAt(queue + Q.WRITE) - first) | 0;
  if (size >= i32[queue + Q.HIGH]!) {
    if (size >= i32[queue + Q.BOUND]!) return false;
    i32[queue + Q.HIGH] = size + 1;
  }
  i32[queue + Q.LIMIT] = (first + i32[queue + Q.HIGH]!) | 0;
  return true;
}

/** The error for a queue that has been shut down. */
export function shutDownError(queue: number, state: string): QueueShutdownError {
  return new QueueShutdownError(
    `${titleOf(queue)} was shut down and ${state}. ` +
      (state === 'is empty'
        ? 'Iterate the queue to stop at its end without an error'
        : 'Shut it down only when its producers have finished'),
  );
}
