/** Many items in one step. They are made ready, and opened, in this thread's own memory, without the queue's mutex. */
import { allocate, free } from '../memory/allocator.js';
import { f64, i32, pointer, reach } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { Obj } from '../memory/object.js';
import { probe } from '../park/probe.js';
import { watch } from './watch.js';
import { now } from '../platform/clock.js';
import { chunkOf, extend, firstRecord, keepChunk, offsetOf, ROOM, sizeOf } from './chunks.js';
import { admit, hasRoom } from './admit.js';
import { getParcel, putParcel, unpack } from './raw-queue.js';
import {
  draftItem,
  dropRecord,
  openLocal,
  PARCEL_WORDS,
  SKIP,
  wordsIn,
  writeDraft,
  writeRecord,
} from './records.js';
import { Local } from './records.js';
import { Q } from './words.js';

const FIRST_WORDS = 1024;

/** Records one after another, in this thread's own memory. */
class Batch {
  /** Number of records. */
  count = 0;
  /** Words in use. */
  used = 0;
  private local = new Local(FIRST_WORDS);

  /** Appends a copy of a record of the heap. */
  append(at: number): void {
    const words = wordsIn(i32[at]!);
    if (this.used + words > this.local.words.length) this.grow();
    const to = this.local.words;
    const { used } = this;
    for (let k = 0; k < words; k++) to[used + k] = i32[at + k]!;
    this.used = used + words;
    this.count++;
  }

  private grow(): void {
    const larger = new Local(this.local.words.length * 2);
    larger.words.set(this.local.words);
    this.local = larger;
  }

  /** Words of the record at an offset. */
  wordsAt(offset: number): number {
    return wordsIn(this.local.words[offset]!);
  }

  /** Copies the record at an offset into the heap, all but its number. */
  copyTo(at: number, offset: number): void {
    writeRecord(this.local.words, offset, at);
  }

  /** The items. The records are used up, also if one cannot be opened. */
  open(items: unknown[]): unknown[] {
    let offset = 0;
    try {
      while (offset < this.used) {
        const at = offset;
        offset += this.wordsAt(at);
        items.push(openLocal(this.local, at));
      }
      return items;
    } finally {
      this.drop(offset);
    }
  }

  /** Gives up the records from an offset on. */
  drop(from: number): void {
    for (let offset = from; offset < this.used; offset += this.wordsAt(offset)) {
      dropRecord(this.local.words, offset);
    }
  }
}

// --- putting ---------------------------------------------------------------------------------------------

/** See `Queue.putMany`. */
export function putMany(queue: number, items: Iterable<unknown>, timeout: number): void {
  const deadline = timeout === Infinity ? Infinity : now() + timeout;
  const batch = prepare(items);
  let done = 0;
  try {
    while ((done = putFitting(queue, batch, done)) < batch.used) {
      const parcel = allocate(PARCEL_WORDS);
      batch.copyTo(parcel, done);
      done += batch.wordsAt(done);
      putParcel(queue, parcel, deadline === Infinity ? Infinity : Math.max(0, deadline - now()));
    }
  } finally {
    batch.drop(done);
  }
}

/** Makes all items ready. @throws what keeps one from being encoded, and what iterating throws; nothing is kept then */
function prepare(items: Iterable<unknown>): Batch {
  const batch = new Batch();
  const parcel = allocate(PARCEL_WORDS);
  let complete = false;
  try {
    for (const item of items) {
      draftItem(item, batch.count);
      writeDraft(parcel);
      batch.append(parcel);
    }
    complete = true;
    return batch;
  } finally {
    free(parcel);
    if (!complete) batch.drop(0);
  }
}

/**
 * Puts the records from an offset on in one step, as many as there is room and memory for; returns the offset behind
 * them. @throws QueueShutdownError; OutOfMemoryError if there is no memory for the first
 */
function putFitting(queue: number, batch: Batch, from: number): number {
  if (from === batch.used) return from;
  lock(queue + Obj.MUTEX);
  try {
    if (!hasRoom(queue)) return from;
    const size = sizeOf(queue);
    const most = i32[queue + Q.BOUND]! - size;
    let at = reach(i32[queue + Q.WRITE]!);
    let number = i32[at + 1]!;
    let offset = from;
    let count = 0;
    for (; offset < batch.used && count < most; count++) {
      const words = batch.wordsAt(offset);
      if (offsetOf(at) + words > ROOM) {
        const next = extendIfPossible(queue, at, number, count === 0);
        if (next === 0) break;
        at = next;
      }
      batch.copyTo(at, offset);
      i32[at + 1] = number;
      number = (number + 1) | 0;
      at += words;
      offset += words;
    }
    // No call and no loop from here to WRITE, which is what puts the items.
    i32[at + 1] = number;
    f64[(queue + Q.PUTS) >> 1]! += count;
    if (size + count > i32[queue + Q.HIGH]!) i32[queue + Q.HIGH] = size + count;
    i32[queue + Q.WRITE] = at;
    if (probe !== undefined) probe.passed(queue);
    if (i32[queue + Q.GETTERS] !== 0) admit(queue);
    return offset;
  } finally {
    unlock(queue + Obj.MUTEX);
  }
}

/** {@link extend}, or 0 if there is no memory; `must`: then it throws. */
function extendIfPossible(queue: number, at: number, number: number, must: boolean): number {
  try {
    return extend(queue, at, number);
  } catch (error) {
    if (must) throw error;
    return 0;
  }
}

// --- taking ----------------------------------------------------------------------------------------------

/** See `Queue.getMany`. */
export function getMany(queue: number, max: number, timeout: number): unknown[] {
  const seen = Atomics.load(i32, queue + Q.WRITE);
  let batch = take(queue, max);
  if (batch.count === 0 && timeout > 0 && watch(queue + Q.WRITE, seen)) batch = take(queue, max);
  if (batch.count > 0) return batch.open([]);
  const parcel = getParcel(queue, timeout);
  const following = (i32[parcel + 1]! + 1) | 0;
  const first = unpack(parcel);
  return take(queue, max - 1, following).open([first]);
}

/** See `Queue.drain`. */
export function drain(queue: number, max: number): unknown[] {
  return take(queue, max).open([]);
}

/**
 * Takes up to `max` items in one step. With `following`, only if the first one has that number: then nobody has
 * taken one since the item before it was passed to this thread, and both together are as good as one step.
 */
function take(queue: number, max: number, following?: number): Batch {
  const batch = new Batch();
  const passed: number[] = [];
  lock(queue + Obj.MUTEX);
  try {
    let at = firstRecord(queue);
    if (at === 0 || (following !== undefined && i32[at + 1] !== following)) return batch;
    while (batch.count < max && at !== i32[queue + Q.WRITE]) {
      if (i32[at] === SKIP) {
        passed.push(chunkOf(at));
        at = pointer(at + 2);
      } else {
        batch.append(at);
        at += wordsIn(i32[at]!);
      }
    }
    i32[queue + Q.READ] = at;
    for (const chunk of passed) keepChunk(queue, chunk);
    if (probe !== undefined) probe.passed(queue);
    if (i32[queue + Q.PUTTERS] !== 0) admit(queue);
    return batch;
  } finally {
    unlock(queue + Obj.MUTEX);
  }
}
