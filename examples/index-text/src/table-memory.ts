import { sharedArray } from 'heddle';

/** The memory of a word table: plain shared arrays, which all threads see when one passes them to another. */
export interface TableMemory {
  /** The words of {@link Head}. */
  readonly head: Int32Array;
  /** Numbers of entries, 0 if free. An entry's is in the first free slot from `hash & MASK` on. */
  readonly slots: Int32Array;
  /** The words of {@link Entry} for each entry. Entry 0 stands for none. */
  readonly entries: Int32Array;
  /** The bytes of all words, one word after another. */
  readonly letters: Uint8Array;
}

/** What the words of `head` are. */
export const Head = {
  /** How many entries there are. */
  SIZE: 0,
  /** How many slots are in use, less one: a power of two, at least twice the entries. */
  MASK: 1,
  WORDS: 2,
} as const;

/** What the words of an entry are. */
export const Entry = {
  HASH: 0,
  /** Where in `letters` the word ends; it begins where the entry before it ends. */
  END: 1,
  /** How often the word occurs. */
  COUNT: 2,
  /** In how many files. */
  FILES: 3,
  WORDS: 4,
} as const;

export const FIRST_SLOTS = 1024;
const LETTERS_A_WORD = 16;

/**
 * Makes an empty table with room for `capacity` words, a power of two. Room costs nothing until it is used: the system
 * provides memory when it is first written to.
 */
export function tableMemory(capacity: number): TableMemory {
  const head = sharedArray('i32', Head.WORDS);
  head[Head.MASK] = FIRST_SLOTS - 1;
  return {
    head,
    slots: sharedArray('i32', Math.max(capacity * 2, FIRST_SLOTS)),
    entries: sharedArray('i32', (capacity + 1) * Entry.WORDS),
    letters: sharedArray('u8', capacity * LETTERS_A_WORD),
  };
}
