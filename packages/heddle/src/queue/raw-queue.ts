/**
 * The mechanism of Queue, on addresses: words.ts has the table of its words, chunks.ts how items are stored, and
 * records.ts how they look, admit.ts who goes on when several wait. Many items at once are in batch.ts.
 *
 * Rejected designs. *A waiter is woken and takes an item itself*: between the two another thread takes it, so waiters
 * starve, or items must be reserved, and counted again when a thread dies. *Items in a list of blocks, one for each*:
 * the allocator's mutex twice for each item. *Two mutexes, one for each end*: the consumer that waits at an empty
 * queue and the producer that gives it the next item need both anyway.
 */
import { allocate, free } from '../memory/allocator.js';
import { f64, i32, reach } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { Obj } from '../memory/object.js';
import * as awaited from '../park/await.js';
import type { Patience } from '../park/await.js';
import { probe } from '../park/probe.js';
import { watch } from './watch.js';
import * as blocking from '../park/wait.js';
import { admit, hasRoom, isShutDown, shutDownError } from './admit.js';
import { firstRecord, makeRoom, offsetOf, ROOM, sizeOf, startChain } from './chunks.js';
import * as records from './records.js';
import { PARCEL_WORDS, SKIP, wordsIn } from './records.js';
import { Q, REFUSED, UNBOUNDED } from './words.js';

/** Fills in a new queue. @throws OutOfMemoryError */
export function initialise(queue: number, capacity: number): void {
  i32[queue + Q.BOUND] = Math.min(capacity, UNBOUNDED);
  f64[(queue + Q.CAPACITY) >> 1] = capacity;
  startChain(queue);
}

export function capacityOf(queue: number): number {
  return f64[(queue + Q.CAPACITY) >> 1]!;
}

/** Items in the queue now. */
export function size(queue: number): number {
  lock(queue + Obj.MUTEX);
  try {
    return sizeOf(queue);
  } finally {
    unlock(queue + Obj.MUTEX);
  }
}

/** Whether the queue is shut down and empty: nothing will come out of it any more. */
export function isAtEnd(queue: number): boolean {
  return isShutDown(queue) && size(queue) === 0;
}

// --- putting ---------------------------------------------------------------------------------------------

/**
 * Puts the draft if there is room; else false, and the draft stays.
 * @throws QueueShutdownError, OutOfMemoryError; the draft is discarded then
 */
export function tryPut(queue: number): boolean {
  const words = records.draftSize();
  lock(queue + Obj.MUTEX);
  try {
    let at = reach(i32[queue + Q.WRITE]!);
    if (((i32[queue + Q.LIMIT]! - i32[at + 1]!) | 0) <= 0 || offsetOf(at) + words > ROOM) {
      at = roomForDraft(queue, words);
      if (at === 0) return false;
    }
    records.writeDraft(at);
    publish(queue, at, words);
    return true;
  } finally {
    unlock(queue + Obj.MUTEX);
  }
}

/** Under MUTEX: where the draft has room, found with a closer look; 0 if it has none. */
function roomForDraft(queue: number, words: number): number {
  try {
    return hasRoom(queue) ? makeRoom(queue, words) : 0;
  } catch (error) {
    records.discardDraft();
    throw error;
  }
}

/** Under MUTEX: makes the record at `at`, of so many words, the queue's last. */
function publish(queue: number, at: number, words: number): void {
  // No call and no loop from here to WRITE, which is what puts the item.
  i32[at + words + 1] = (i32[at + 1]! + 1) | 0;
  f64[(queue + Q.PUTS) >> 1]! += 1;
  i32[queue + Q.WRITE] = at + words;
  if (probe !== undefined) probe.passed(queue);
  if (i32[queue + Q.GETTERS] !== 0) admit(queue);
}

/** Puts the draft, which found no room, waiting for it. @throws as `Queue.put`; the draft is discarded then */
export function putSlow(queue: number, timeout: number): void {
  const seen = Atomics.load(i32, queue + Q.READ);
  if (timeout > 0 && (tryPut(queue) || (watch(queue + Q.READ, seen) && tryPut(queue)))) return;
  const parcel = packDraft();
  putParcel(queue, parcel, timeout);
}

/** Puts what is in a parcel, waiting for room. The parcel is freed, whatever happens. */
export function putParcel(queue: number, parcel: number, timeout: number): void {
  let value = REFUSED;
  try {
    value = blocking.wait(queue, queue + Q.PUTTERS, timeout, () => attemptPut(queue, parcel), parcel);
  } finally {
    if (value === REFUSED) records.dropRecord(i32, parcel);
    free(parcel);
  }
  if (value === REFUSED) throw shutDownError(queue, 'takes no more items');
  notePassage(queue);
}

/** As {@link putSlow}, but awaited. */
export async function putSlowAsync(queue: number, patience: Patience): Promise<void> {
  const parcel = packDraft();
  let value = REFUSED;
  try {
    value = await awaited.waitAsync(
      queue,
      queue + Q.PUTTERS,
      patience,
      () => attemptPut(queue, parcel),
      parcel,
    );
  } finally {
    if (value === REFUSED) records.dropRecord(i32, parcel);
    free(parcel);
  }
  if (value === REFUSED) throw shutDownError(queue, 'takes no more items');
  notePassage(queue);
}

/** Moves the draft to a new parcel. */
function packDraft(): number {
  let parcel: number;
  try {
    parcel = allocate(PARCEL_WORDS);
  } catch (error) {
    records.discardDraft();
    throw error;
  }
  records.writeDraft(parcel);
  return parcel;
}

/** Under MUTEX. */
function attemptPut(queue: number, parcel: number): boolean {
  if (hasRoom(queue)) {
    const words = wordsIn(i32[parcel]!);
    const at = makeRoom(queue, words);
    records.copyRecord(parcel, at);
    publish(queue, at, words);
    return true;
  }
  // Somebody else will put the item, on this thread's behalf.
  if (probe !== undefined) probe.passed(queue);
  return false;
}

// --- taking ----------------------------------------------------------------------------------------------

/** Takes the first item; false if there is none. Its record is then to be opened (records.ts). */
export function tryTake(queue: number): boolean {
  lock(queue + Obj.MUTEX);
  try {
    let at = reach(i32[queue + Q.READ]!);
    if (at === i32[queue + Q.WRITE]) return false;
    if (i32[at] === SKIP && (at = firstRecord(queue)) === 0) return false;
    const words = records.copyOut(at);
    i32[queue + Q.READ] = at + words;
    if (probe !== undefined) probe.passed(queue);
    if (i32[queue + Q.PUTTERS] !== 0) admit(queue);
    return true;
  } finally {
    unlock(queue + Obj.MUTEX);
  }
}

/** Takes and opens the first item; it found none, and waits. @throws as `Queue.get` */
export function getSlow(queue: number, timeout: number): unknown {
  if (timeout > 0) {
    const seen = Atomics.load(i32, queue + Q.WRITE);
    if (tryTake(queue) || (watch(queue + Q.WRITE, seen) && tryTake(queue))) return records.openTaken();
  }
  return unpack(getParcel(queue, timeout));
}

/** Waits for the first item; it is in the parcel that is returned, and so is its number. */
export function getParcel(queue: number, timeout: number): number {
  const parcel = allocate(PARCEL_WORDS);
  let value = REFUSED;
  try {
    value = blocking.wait(queue, queue + Q.GETTERS, timeout, () => attemptGet(queue, parcel), parcel);
  } finally {
    if (value === REFUSED) free(parcel);
  }
  if (value === REFUSED) throw shutDownError(queue, 'is empty');
  notePassage(queue);
  return parcel;
}

/** As {@link getSlow}, but awaited. */
export async function getSlowAsync(queue: number, patience: Patience): Promise<unknown> {
  const parcel = allocate(PARCEL_WORDS);
  let value = REFUSED;
  try {
    value = await awaited.waitAsync(
      queue,
      queue + Q.GETTERS,
      patience,
      () => attemptGet(queue, parcel),
      parcel,
    );
  } finally {
    if (value === REFUSED) free(parcel);
  }
  if (value === REFUSED) throw shutDownError(queue, 'is empty');
  notePassage(queue);
  return unpack(parcel);
}

/** Opens a parcel and frees it. */
export function unpack(parcel: number): unknown {
  try {
    return records.openParcel(parcel);
  } finally {
    free(parcel);
  }
}

/** Under MUTEX. @throws QueueShutdownError */
function attemptGet(queue: number, parcel: number): boolean {
  const at = firstRecord(queue);
  if (at === 0) {
    if (isShutDown(queue)) throw shutDownError(queue, 'is empty');
    return false;
  }
  records.copyRecord(at, parcel);
  i32[parcel + 1] = i32[at + 1]!;
  i32[queue + Q.READ] = at + wordsIn(i32[at]!);
  if (i32[queue + Q.PUTTERS] !== 0) admit(queue);
  return true;
}

/** Tells the tool that watches this thread of an item that somebody else has passed on its behalf. */
export function notePassage(queue: number): void {
  if (probe === undefined) return;
  lock(queue + Obj.MUTEX);
  probe.passed(queue);
  unlock(queue + Obj.MUTEX);
}
