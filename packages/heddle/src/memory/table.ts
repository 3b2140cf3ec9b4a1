/**
 * A growing table of addresses in shared memory, for walking later: the objects a worker has handles to, the
 * threads that have not ended, failures that nobody has collected.
 *
 * The table is a chain of chunks. An entry is two words: an address (0: free) and a number that is the user's own.
 *
 * | chunk word | meaning |
 * | --- | --- |
 * | 0 | next chunk, or 0 |
 * | 1 | unused |
 * | 2 … | entries |
 *
 * An entry comes into being, and goes, by one store of its address; whoever may write the table (its worker, or
 * the holder of a mutex) can therefore die at any point, and a walk sees only whole entries.
 */
import { allocateZeroed, free } from './allocator.js';
import { i32, pointer } from './heap.js';

const ENTRIES = 63;
const CHUNK_WORDS: number = 2 + ENTRIES * 2;

/** Adds an address to the table whose first chunk is named by the word at `root`; returns the entry's address. */
export function addEntry(root: number, address: number): number {
  let link = root;
  for (let chunk = pointer(link); chunk !== 0; link = chunk, chunk = pointer(link)) {
    for (let entry = chunk + 2; entry < chunk + CHUNK_WORDS; entry += 2) {
      if (i32[entry] === 0) {
        i32[entry + 1] = 0;
        Atomics.store(i32, entry, address);
        return entry;
      }
    }
  }
  const chunk = allocateZeroed(CHUNK_WORDS);
  i32[chunk + 2] = address;
  Atomics.store(i32, link, chunk);
  return chunk + 2;
}

/** As {@link addEntry}, for a table that only grows, however large: the newest chunk is the first. */
export function pushEntry(root: number, address: number): void {
  const newest = pointer(root);
  if (newest !== 0) {
    for (let entry = newest + 2; entry < newest + CHUNK_WORDS; entry += 2) {
      if (i32[entry] !== 0) continue;
      Atomics.store(i32, entry, address);
      return;
    }
  }
  const chunk = allocateZeroed(CHUNK_WORDS);
  i32[chunk] = newest;
  i32[chunk + 2] = address;
  Atomics.store(i32, root, chunk);
}

/** Removes the entry at an address that {@link addEntry} returned. */
export function removeEntry(entry: number): void {
  Atomics.store(i32, entry, 0);
}

/** Removes the first entry for `address`; true if there was one. */
export function removeAddress(root: number, address: number): boolean {
  for (const entry of entries(root)) {
    if (i32[entry] !== address) continue;
    removeEntry(entry);
    return true;
  }
  return false;
}

/** Whether there is an entry for `address`. */
export function hasAddress(root: number, address: number): boolean {
  for (const entry of entries(root)) if (i32[entry] === address) return true;
  return false;
}

/** The addresses of the entries in use. The table may change while it is walked. */
export function* entries(root: number): Generator<number, void> {
  for (let chunk = pointer(root); chunk !== 0; chunk = pointer(chunk)) {
    for (let entry = chunk + 2; entry < chunk + CHUNK_WORDS; entry += 2) {
      if (pointer(entry) !== 0) yield entry;
    }
  }
}

/** The entries of a chunk that was just made or found: for owners that keep their own list of free entries. */
export function appendChunk(root: number): number[] {
  let link = root;
  while (pointer(link) !== 0) link = pointer(link);
  const chunk = allocateZeroed(CHUNK_WORDS);
  Atomics.store(i32, link, chunk);
  return Array.from({ length: ENTRIES }, (_, n) => chunk + 2 + n * 2);
}

/** Gives the chunks back. */
export function freeTable(root: number): void {
  let chunk = pointer(root);
  Atomics.store(i32, root, 0);
  while (chunk !== 0) {
    const next = pointer(chunk);
    free(chunk);
    chunk = next;
  }
}
