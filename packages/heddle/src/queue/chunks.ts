/**
 * The storage of a Queue: a chain of chunks, in which records (records.ts) lie one after another.
 *
 * ```
 * chunk  … used up … | record | record | … | SKIP ──▶ chunk  record | record | (number)
 *                    ▲ READ                                                   ▲ WRITE
 * ```
 *
 * A chunk is a block of {@link CHUNK_WORDS} words at a multiple of its size, so that the chunk of a record is told
 * by the record's address. It needs no header. Where the next record would not fit, a SKIP says where the chain goes
 * on; there is always room for one. When READ passes a SKIP, its chunk is used up. One such chunk is kept as SPARE,
 * so a queue in steady use does not call the allocator.
 *
 * Everything here is done under the queue's MUTEX.
 */
import { allocate, free } from '../memory/allocator.js';
import { f64, i32, pointer, reach } from '../memory/heap.js';
import { copyRecord, dropRecord, SKIP, wordsIn } from './records.js';
import { Q } from './words.js';

/** Words of a chunk: a size that the allocator cuts from a page without a rest, and so at a multiple of it. */
const CHUNK_WORDS = 1024;
const OFFSET: number = CHUNK_WORDS - 1;
/** Words of a SKIP. */
const SKIP_WORDS = 4;
/** Offset behind which a record must not end, to leave room for a SKIP. */
export const ROOM: number = CHUNK_WORDS - SKIP_WORDS;

/** The offset of an address in its chunk. */
export function offsetOf(at: number): number {
  return at & OFFSET;
}

/** The chunk that an address is in. */
export function chunkOf(at: number): number {
  return at & ~OFFSET;
}

/** Gives a new queue its first chunk. @throws OutOfMemoryError */
export function startChain(queue: number): void {
  const chunk = allocate(CHUNK_WORDS);
  i32[chunk + 1] = 0;
  i32[queue + Q.READ] = chunk;
  i32[queue + Q.WRITE] = chunk;
}

/** Items in the queue. */
export function sizeOf(queue: number): number {
  const next = numberAt(queue + Q.WRITE);
  return (next - numberAt(queue + Q.READ)) | 0;
}

/** The number of the item that a word points to: the first one, or the next to be put. */
export function numberAt(word: number): number {
  const record = reach(i32[word]!); // in a statement of its own: it may replace the view
  return i32[record + 1]!;
}

/** Items put and not marked done. */
export function unfinishedIn(queue: number): number {
  return (numberAt(queue + Q.WRITE) - i32[queue + Q.DONE]!) | 0;
}

/** The address of the first record, or 0 if there is none. */
export function firstRecord(queue: number): number {
  let at = reach(i32[queue + Q.READ]!);
  if (at === i32[queue + Q.WRITE]) return 0;
  if (i32[at] === SKIP) {
    at = passSkip(queue, at);
    if (at === i32[queue + Q.WRITE]) return 0;
  }
  return at;
}

/** Moves READ from a SKIP to where that leads. */
function passSkip(queue: number, skip: number): number {
  const at = pointer(skip + 2);
  i32[queue + Q.READ] = at;
  keepChunk(queue, chunkOf(skip));
  return at;
}

/** Keeps a chunk that is used up for later, or gives it back. */
export function keepChunk(queue: number, chunk: number): void {
  if (i32[queue + Q.SPARE] === 0) i32[queue + Q.SPARE] = chunk;
  else free(chunk);
}

/** An address at the end of the chain where a record of so many words has room. @throws OutOfMemoryError */
export function makeRoom(queue: number, words: number): number {
  const at = reach(i32[queue + Q.WRITE]!);
  if (offsetOf(at) + words <= ROOM) return at;
  return (i32[queue + Q.WRITE] = extend(queue, at, i32[at + 1]!));
}

/**
 * Continues the chain at `at`, where the record with this number would begin, in another chunk; returns its address.
 * For the queue it begins to exist when WRITE says so. @throws OutOfMemoryError
 */
export function extend(queue: number, at: number, number: number): number {
  let chunk = reach(i32[queue + Q.SPARE]!);
  if (chunk === 0) chunk = allocate(CHUNK_WORDS);
  else i32[queue + Q.SPARE] = 0;
  i32[chunk + 1] = number;
  i32[at + 2] = chunk;
  i32[at + 1] = number;
  i32[at] = SKIP;
  return chunk;
}

/**
 * Puts a record back in front of all others, as if it had never been taken. The source is a parcel.
 * @throws OutOfMemoryError
 */
export function putBack(queue: number, parcel: number): void {
  const first = reach(i32[queue + Q.READ]!);
  const words = wordsIn(i32[parcel]!);
  // What lies before READ in its chunk is used up.
  const at = offsetOf(first) >= words ? first - words : chunkBefore(first, words);
  copyRecord(parcel, at);
  i32[at + 1] = (i32[first + 1]! - 1) | 0;
  const next = numberAt(queue + Q.WRITE);
  i32[queue + Q.LIMIT] = next;
  i32[queue + Q.READ] = at;
}

/** A new chunk that ends in a SKIP to `next`; returns the address of `words` words before that. */
function chunkBefore(next: number, words: number): number {
  const skip = allocate(CHUNK_WORDS) + ROOM;
  i32[skip] = SKIP;
  i32[skip + 1] = i32[next + 1]!;
  i32[skip + 2] = next;
  return skip - words;
}

/** Gives up all records, and all chunks but that of `end`: from `start` to `end`, which nobody else reads any more. */
export function dropRecords(start: number, end: number): void {
  for (let at = start; at !== end;) {
    if (i32[at] === SKIP) {
      const next = pointer(at + 2);
      free(chunkOf(at));
      at = next;
    } else {
      const next = at + wordsIn(i32[at]!);
      dropRecord(i32, at);
      at = next;
    }
  }
}

/**
 * Frees the whole storage, with what is left in it. No reference to the queue is left, but while profiling its numbers
 * stay: those of an empty queue.
 */
export function endChain(queue: number): void {
  const start = reach(i32[queue + Q.READ]!);
  if (start === 0) return; // there was no memory for it
  const end = reach(i32[queue + Q.WRITE]!);
  f64[(queue + Q.DROPPED) >> 1]! += sizeOf(queue);
  i32[queue + Q.READ] = 0;
  i32[queue + Q.WRITE] = 0;
  dropRecords(start, end);
  free(chunkOf(end));
  const spare = reach(i32[queue + Q.SPARE]!);
  if (spare !== 0) free(spare);
}
