import { Problem } from './problem.js';
import { Entry, FIRST_SLOTS, Head, type TableMemory } from './table-memory.js';

/**
 * A hash table from words to how often they occur and in how many files. It consists of numbers in typed arrays: it
 * has no objects for the garbage collector to follow, and over shared memory it is one table in all threads.
 *
 * As in Python's dict, sparse slots lead to dense entries, which are numbered from 1 as they come. Nothing here is
 * atomic: threads that share a table take turns with a lock.
 */
export class WordTable {
  readonly letters: Uint8Array;
  readonly #head: Int32Array;
  readonly #slots: Int32Array;
  readonly #entries: Int32Array;

  constructor(memory: TableMemory) {
    this.letters = memory.letters;
    this.#head = memory.head;
    this.#slots = memory.slots;
    this.#entries = memory.entries;
  }

  /** How many words it has, and so the number of the last entry. */
  get size(): number {
    return this.#head[Head.SIZE]!;
  }

  hashOf(entry: number): number {
    return this.#entries[entry * Entry.WORDS + Entry.HASH]!;
  }

  startOf(entry: number): number {
    return this.endOf(entry - 1);
  }

  endOf(entry: number): number {
    return this.#entries[entry * Entry.WORDS + Entry.END]!;
  }

  countOf(entry: number): number {
    return this.#entries[entry * Entry.WORDS + Entry.COUNT]!;
  }

  filesOf(entry: number): number {
    return this.#entries[entry * Entry.WORDS + Entry.FILES]!;
  }

  textOf(entry: number): string {
    return Buffer.from(this.letters.subarray(this.startOf(entry), this.endOf(entry))).toString();
  }

  /** The entry of the word in `bytes` from `start` to `end`, or 0 if the table does not have it. */
  find(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const slots = this.#slots;
    const entries = this.#entries;
    const mask = this.#head[Head.MASK]!;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot]!;
      if (entry === 0) return 0;
      if (entries[entry * Entry.WORDS + Entry.HASH] === hash && this.#isWord(entry, bytes, start, end))
        return entry;
    }
  }

  /** The same, but makes the entry if there is none. @throws Problem if there is no room for it */
  entryOf(bytes: Uint8Array, start: number, end: number, hash: number): number {
    return this.find(bytes, start, end, hash) || this.#insert(bytes, start, end, hash);
  }

  /** Counts a word further `count` times, in `files` further files. */
  add(entry: number, count: number, files: number): void {
    this.#entries[entry * Entry.WORDS + Entry.COUNT]! += count;
    this.#entries[entry * Entry.WORDS + Entry.FILES]! += files;
  }

  clear(): void {
    this.#slots.fill(0, 0, this.#head[Head.MASK]! + 1);
    this.#head[Head.SIZE] = 0;
    this.#head[Head.MASK] = FIRST_SLOTS - 1;
  }

  #isWord(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const { letters } = this;
    let at = this.startOf(entry);
    if (this.endOf(entry) - at !== end - start) return false;
    for (let from = start; from < end; from++) {
      if (letters[at++] !== bytes[from]) return false;
    }
    return true;
  }

  #insert(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const entry = this.size + 1;
    const words = entry * Entry.WORDS;
    const top = this.endOf(entry - 1);
    if (words === this.#entries.length || top + end - start > this.letters.length) {
      throw new Problem('there are more different words than there is room for; set a lower --limit', 1);
    }
    for (let from = start; from < end; from++) this.letters[top + from - start] = bytes[from]!;
    this.#entries[words + Entry.HASH] = hash;
    this.#entries[words + Entry.END] = top + end - start;
    this.#entries[words + Entry.COUNT] = 0;
    this.#entries[words + Entry.FILES] = 0;
    this.#head[Head.SIZE] = entry;
    if (entry * 2 > this.#head[Head.MASK]! + 1) this.#doubleSlots();
    else this.#place(entry);
    return entry;
  }

  #doubleSlots(): void {
    const slots = (this.#head[Head.MASK]! + 1) * 2;
    this.#head[Head.MASK] = slots - 1;
    this.#slots.fill(0, 0, slots);
    for (let entry = 1; entry <= this.size; entry++) this.#place(entry);
  }

  /** Lets the first free slot lead to the entry. */
  #place(entry: number): void {
    const mask = this.#head[Head.MASK]!;
    let slot = this.hashOf(entry) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry;
  }
}
