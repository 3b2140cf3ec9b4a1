/** Many items of a Queue in one step: they lie in this thread's own memory before they are put, and once taken. */
import { allocate, free } from '../memory/allocator.js';
import { f64, i32, pointer, reach } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { Obj } from '../memory/object.js';
import { probe } from '../park/probe.js';
import { admit } from './admit.js';
import { chunkOf, extend, firstRecord, keepChunk, offsetOf, ROOM, sizeOf } from './chunks.js';
import { hasRoom } from './raw-queue.js';
import {
  draftItem,
  dropRecord,
  Local,
  openLocal,
  PARCEL_WORDS,
  SKIP,
  wordsIn,
  writeDraft,
  writeRecord,
} from './records.js';
import type { Supply, Taken } from './store.js';
import { Q } from './words.js';

const FIRST_WORDS = 1024;

/** Records one after another, in this thread's own memory. */
class Batch implements Taken {
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

/** See `Store.prepare`. */
export function prepare(items: Iterable<unknown>): Supply {
  const batch = ready(items);
  let done = 0;
  return {
    isEmpty() {
      return done === batch.used;
    },
    putFitting(queue) {
      done = putFitting(queue, batch, done);
    },
    nextParcel() {
      const parcel = allocate(PARCEL_WORDS);
      batch.copyTo(parcel, done);
      done += batch.wordsAt(done);
      return parcel;
    },
    drop() {
      batch.drop(done);
    },
  };
}

function ready(items: Iterable<unknown>): Batch {
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
    if (probe !== undefined) probe.passed?.(queue);
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

/** See `Store.take`. */
export function take(queue: number, max: number): Taken {
  const batch = new Batch();
  const passed: number[] = [];
  lock(queue + Obj.MUTEX);
  try {
    let at = firstRecord(queue);
    if (at === 0) return batch;
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
    if (probe !== undefined) probe.passed?.(queue);
    if (i32[queue + Q.PUTTERS] !== 0) admit(queue);
    return batch;
  } finally {
    unlock(queue + Obj.MUTEX);
  }
}
