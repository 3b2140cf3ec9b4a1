/**
 * The mechanism of SharedList, on addresses. What it stores is this thread's draft, or drafts kept in local memory, and
 * what it gives is what this thread has taken (cell.ts).
 *
 * | word | meaning |
 * | --- | --- |
 * | BLOCK | address of the block with the cells; 0: none yet |
 * | FIRST | address of the cell of item 0; the others follow it |
 * | CAPACITY | cells that the block has room for |
 * | LENGTH | items |
 * | TURN | see turn.ts |
 *
 * ```text
 * BLOCK  … free … | item 0 | item 1 | item 2 | … free …  CAPACITY
 *                 ▲ FIRST                    ▲ FIRST + LENGTH cells
 * ```
 *
 * All but TURN changes under MUTEX; LENGTH is read without it too. There is room at both ends, so taking from either end
 * moves nothing, and inserting or removing in between moves the shorter part, with `copyWithin`. That is a built-in,
 * at whose call no thread is stopped (where Atomics are called it may be): together with the plain stores behind it, it
 * is one step.
 */
import { OutOfMemoryError } from '../base/errors.js';
import { allocate, free } from '../memory/allocator.js';
import { i32, pointer, reach } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { Obj } from '../memory/object.js';
import {
  CELL_WORDS,
  discardDraft,
  draftWords,
  dropAll,
  exchangeDraft,
  moveOut,
  shareAll,
  takeCopy,
} from './cell.js';

type ListWord = 'BLOCK' | 'FIRST' | 'CAPACITY' | 'LENGTH' | 'TURN' | 'WORDS';

export const L: Readonly<Record<ListWord, number>> = {
  BLOCK: Obj.BODY,
  FIRST: Obj.BODY + 1,
  CAPACITY: Obj.BODY + 2,
  LENGTH: Obj.BODY + 3,
  TURN: Obj.BODY + 4,
  WORDS: Obj.BODY + 5,
};

const LEAST = 4;
/** A block is given back when less than one in so many of its cells is in use. */
const SPARSE = 8;

/** How many items there are. */
export function lengthOf(list: number): number {
  return Atomics.load(i32, list + L.LENGTH);
}

/** Takes a copy of an item, counted from the end if `index` is negative. False if there is none. */
export function takeAt(list: number, index: number): boolean {
  lock(list + Obj.MUTEX);
  try {
    const length = i32[list + L.LENGTH]!;
    const place = index < 0 ? index + length : index;
    if (!(place >= 0 && place < length)) return false;
    takeCopy(cellOf(list, place));
    return true;
  } finally {
    unlock(list + Obj.MUTEX);
  }
}

/** Replaces an item by the draft and takes the old one. False if there is none; the draft stays then. */
export function exchangeAt(list: number, index: number): boolean {
  lock(list + Obj.MUTEX);
  try {
    if (index >= i32[list + L.LENGTH]!) return false;
    exchangeDraft(cellOf(list, index));
    return true;
  } finally {
    unlock(list + Obj.MUTEX);
  }
}

/** Puts the draft at the end; returns the new length. @throws OutOfMemoryError; the draft is discarded then */
export function push(list: number): number {
  lock(list + Obj.MUTEX);
  try {
    const length = i32[list + L.LENGTH]!;
    makeRoom(list, 1);
    const at = cellOf(list, length);
    const to = i32;
    for (let k = 0; k < CELL_WORDS; k++) to[at + k] = draftWords[k]!;
    to[list + L.LENGTH] = length + 1; // this puts it
    return length + 1;
  } catch (error) {
    discardDraft();
    throw error;
  } finally {
    unlock(list + Obj.MUTEX);
  }
}

/** Puts all drafts in `words` at the end; returns the new length. @throws OutOfMemoryError; they are dropped then */
export function pushAll(list: number, words: Int32Array): number {
  const count = words.length / CELL_WORDS;
  lock(list + Obj.MUTEX);
  try {
    const length = i32[list + L.LENGTH]! + count;
    makeRoom(list, count);
    const at = cellOf(list, length - count); // in a statement of its own: it may replace the view
    if (count > 0) i32.set(words, at);
    i32[list + L.LENGTH] = length; // this puts them
    return length;
  } catch (error) {
    dropAll(words);
    throw error;
  } finally {
    unlock(list + Obj.MUTEX);
  }
}

/**
 * Puts the draft before the item at `index`. False if `index` is more than the length; the draft stays then.
 * @throws OutOfMemoryError; the draft is discarded then
 */
export function insertAt(list: number, index: number): boolean {
  lock(list + Obj.MUTEX);
  try {
    const length = i32[list + L.LENGTH]!;
    if (index > length) return false;
    const moveLower = index < length / 2 && pointer(list + L.FIRST) > i32[list + L.BLOCK]!;
    if (!moveLower) makeRoom(list, 1);
    const first = cellOf(list, 0) - (moveLower ? CELL_WORDS : 0);
    const at = first + index * CELL_WORDS;
    reach(first + (length + 1) * CELL_WORDS - 1);
    const to = i32;
    const from = draftWords;
    // No call but of `copyWithin`, and no loop, from here on: the others move, and the new one is between them.
    if (moveLower) to.copyWithin(first, first + CELL_WORDS, at + CELL_WORDS);
    else to.copyWithin(at + CELL_WORDS, at, first + length * CELL_WORDS);
    to[at] = from[0]!;
    to[at + 1] = from[1]!;
    to[at + 2] = from[2]!;
    to[at + 3] = from[3]!;
    to[list + L.FIRST] = first;
    to[list + L.LENGTH] = length + 1;
    return true;
  } catch (error) {
    discardDraft();
    throw error;
  } finally {
    unlock(list + Obj.MUTEX);
  }
}

/** Takes an item out of the list, counted from the end if `index` is negative. False if there is none. */
export function removeAt(list: number, index: number): boolean {
  lock(list + Obj.MUTEX);
  try {
    const length = i32[list + L.LENGTH]!;
    const place = index < 0 ? index + length : index;
    if (!(place >= 0 && place < length)) return false;
    const first = cellOf(list, 0);
    const at = first + place * CELL_WORDS;
    const end = reach(first + length * CELL_WORDS - 1) + 1;
    moveOut(at);
    const to = i32;
    // No call but of `copyWithin`, and no loop, from here on: the item goes, and the others close up.
    if (place < length / 2) {
      if (place > 0) to.copyWithin(first + CELL_WORDS, first, at);
      to[list + L.FIRST] = first + CELL_WORDS;
    } else if (place < length - 1) to.copyWithin(at, at + CELL_WORDS, end);
    to[list + L.LENGTH] = length - 1;
    if (i32[list + L.CAPACITY]! > (length - 1) * SPARSE && i32[list + L.CAPACITY]! > LEAST * SPARSE)
      shrink(list);
    return true;
  } finally {
    unlock(list + Obj.MUTEX);
  }
}

/** Copies of all items, to be opened by `openAll`. */
export function takeAll(list: number): Int32Array {
  lock(list + Obj.MUTEX);
  try {
    const length = i32[list + L.LENGTH]!;
    const words = copyOut(list, length);
    shareAll(words);
    return words;
  } finally {
    unlock(list + Obj.MUTEX);
  }
}

/** Takes all items out of the list. */
export function clear(list: number): void {
  let block: number;
  let words: Int32Array;
  lock(list + Obj.MUTEX);
  try {
    words = copyOut(list, i32[list + L.LENGTH]!);
    block = i32[list + L.BLOCK]!;
    const to = i32;
    // No call and no loop from here on.
    to[list + L.BLOCK] = 0;
    to[list + L.FIRST] = 0;
    to[list + L.CAPACITY] = 0;
    to[list + L.LENGTH] = 0;
  } finally {
    unlock(list + Obj.MUTEX);
  }
  if (block !== 0) free(block);
  dropAll(words);
}

/** Under MUTEX: the cells of the first `length` items, in this thread's own memory. */
function copyOut(list: number, length: number): Int32Array {
  const first = cellOf(list, 0);
  const end = first + length * CELL_WORDS;
  reach(end - 1);
  return i32.slice(first, end);
}

/** Under MUTEX: the address of an item's cell. */
export function cellOf(list: number, index: number): number {
  return reach(i32[list + L.FIRST]! + index * CELL_WORDS);
}

/** Under MUTEX: makes room for `count` more cells at the end. @throws OutOfMemoryError */
function makeRoom(list: number, count: number): void {
  const block = pointer(list + L.BLOCK);
  const length = i32[list + L.LENGTH]!;
  const capacity = i32[list + L.CAPACITY]!;
  const before = (i32[list + L.FIRST]! - block) / CELL_WORDS;
  if (before + length + count <= capacity) return;
  if (length + count > capacity / 2) {
    move(list, Math.max(LEAST, capacity * 2, length + count));
    return;
  }
  // At least half of the block is free, at its beginning.
  const first = reach(i32[list + L.FIRST]!);
  reach(block + capacity * CELL_WORDS - 1);
  const to = i32;
  // No call but of `copyWithin`, and no loop, from here on.
  to.copyWithin(block, first, first + length * CELL_WORDS);
  to[list + L.FIRST] = block;
}

/** Under MUTEX: moves the items to a smaller block, if there is memory for it. */
function shrink(list: number): void {
  try {
    move(list, Math.max(LEAST, i32[list + L.LENGTH]! * 2));
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error; // without memory, it stays where it is
  }
}

/** Under MUTEX: moves the items to a new block. @throws OutOfMemoryError */
function move(list: number, capacity: number): void {
  const fresh = allocate(capacity * CELL_WORDS);
  const old = pointer(list + L.BLOCK);
  const first = reach(i32[list + L.FIRST]!);
  const end = first + i32[list + L.LENGTH]! * CELL_WORDS;
  reach(end - 1);
  reach(fresh + capacity * CELL_WORDS - 1);
  i32.copyWithin(fresh, first, end);
  const to = i32;
  // No call and no loop from here on: the list is in one block or in the other.
  to[list + L.BLOCK] = fresh;
  to[list + L.FIRST] = fresh;
  to[list + L.CAPACITY] = capacity;
  if (old !== 0) free(old);
}
