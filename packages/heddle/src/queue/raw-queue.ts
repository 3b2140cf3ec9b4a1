/**
 * The mechanism of Queue, on addresses: words.ts has the table of its words, chunks.ts how items are stored, and
 * records.ts how they look. What it shares with the other kinds of queue begins in store.ts. Many items at once are in
 * chunk-batch.ts.
 *
 * Rejected designs. *Items in a list of blocks, one for each*, as the other kinds have them: the allocator's mutex
 * twice for each item. *Two mutexes, one for each end*: the consumer that waits at an empty queue and the producer that
 * gives it the next item need both anyway.
 */
import { OutOfMemoryError } from '../base/errors.js';
import { allocate } from '../memory/allocator.js';
import { f64, i32, pointer, reach } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { Obj } from '../memory/object.js';
import type { Patience } from '../park/await.js';
import { probe } from '../park/probe.js';
import { W } from '../park/waiter.js';
import { grant } from '../park/waiters.js';
import { admit } from './admit.js';
import { COUNT, passMany } from './chunk-parcel.js';
import { firstRecord, makeRoom, numberAt, offsetOf, ROOM } from './chunks.js';
import * as records from './records.js';
import { PARCEL_WORDS, SKIP, wordsIn } from './records.js';
import { shutDownError } from './store.js';
import { putParcel, putParcelAsync } from './waiting.js';
import { watch } from './watch.js';
import { PASSED, Q } from './words.js';

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

/** Under MUTEX: makes the record at `at`, of so many words, the queue's last. */
function publish(queue: number, at: number, words: number): void {
  // No call and no loop from here to WRITE, which is what puts the item.
  i32[at + words + 1] = (i32[at + 1]! + 1) | 0;
  f64[(queue + Q.PUTS) >> 1]! += 1;
  i32[queue + Q.WRITE] = at + words;
  if (probe !== undefined) probe.passed?.(queue);
  if (i32[queue + Q.GETTERS] !== 0) admit(queue);
}

/** Puts the draft, which found no room, waiting for it. @throws as `Queue.put`; the draft is discarded then */
export function putSlow(queue: number, timeout: number): void {
  const seen = Atomics.load(i32, queue + Q.READ);
  if (timeout > 0 && (tryPut(queue) || (watch(queue + Q.READ, seen) && tryPut(queue)))) return;
  putParcel(queue, packDraft(), timeout);
}

/** As {@link putSlow}, but awaited. */
export async function putSlowAsync(queue: number, patience: Patience): Promise<void> {
  await putParcelAsync(queue, packDraft(), patience);
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

/** See `Store.insert`. */
export function insert(queue: number, parcel: number): void {
  const words = wordsIn(i32[parcel]!);
  const at = makeRoom(queue, words);
  records.copyRecord(parcel, at);
  publish(queue, at, words);
}

/** See `Store.accept`. */
export function accept(queue: number, putter: number): boolean {
  const parcel = pointer(putter + W.MODE);
  const words = wordsIn(i32[parcel]!);
  let at: number;
  try {
    at = makeRoom(queue, words);
  } catch (error) {
    if (error instanceof OutOfMemoryError) return false;
    throw error;
  }
  const number = i32[at + 1]!;
  records.copyRecord(parcel, at);
  i32[at + words + 1] = (number + 1) | 0;
  grant(putter, PASSED, queue + Q.WRITE, at, at + words);
  f64[(queue + Q.PUTS) >> 1]! += 1;
  return true;
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
    if (probe !== undefined) probe.passed?.(queue);
    if (i32[queue + Q.PUTTERS] !== 0) admit(queue);
    return true;
  } finally {
    unlock(queue + Obj.MUTEX);
  }
}

/** See `Store.extract`. */
export function extract(queue: number, parcel: number): number {
  const at = firstRecord(queue);
  if (at === 0) return 0;
  fill(parcel, at);
  i32[queue + Q.READ] = at + wordsIn(i32[at]!);
  if (i32[queue + Q.PUTTERS] !== 0) admit(queue);
  return parcel;
}

/** See `Store.pass`. */
export function pass(queue: number, getter: number): boolean {
  const at = firstRecord(queue);
  const parcel = pointer(getter + W.MODE);
  if (i32[getter + W.VALUE]! > 1) return passMany(queue, getter, parcel, at);
  fill(parcel, at);
  return grant(getter, parcel, queue + Q.READ, at, at + wordsIn(i32[at]!));
}

/** Copies the record of one item into a parcel. */
function fill(parcel: number, at: number): void {
  records.copyRecord(at, parcel);
  i32[parcel + COUNT] = 1;
}
