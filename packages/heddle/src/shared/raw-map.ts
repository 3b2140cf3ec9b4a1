/**
 * The mechanism of SharedMap, on addresses: a hash table in sixteen parts, *shards*, so that threads seldom meet. The
 * key of an operation is this thread's key draft (map-key.ts); what it stores is this thread's draft, and what it gives
 * is what this thread has taken (cell.ts). Which shard and which chain a key belongs to is told by its hash.
 *
 * | word of the map | meaning |
 * | --- | --- |
 * | SEED | two random words that key the hash; its maker, once |
 * | SIZE | entries in all; changed by Atomics under the mutex of a shard, or without under all of them |
 * | SHARDS | the shards, each on a cache line of its own |
 *
 * | word of a shard | meaning |
 * | --- | --- |
 * | MUTEX | robust mutex (memory/mutex.ts); several are taken in the order of the shards |
 * | TABLE | address of a block with the first entry of each chain, or 0: there are no entries, whatever COUNT says |
 * | MASK | chains less one; a power of two less one |
 * | SIDE | 0 or 1: which of an entry's two NEXT words belongs to this table |
 * | COUNT | entries |
 * | TURN | see turn.ts |
 *
 * | word of an entry | meaning |
 * | --- | --- |
 * | NEXT | two words, one for each SIDE: the next entry of the chain, or 0 |
 * | IDENTITY, HEAD | of its key |
 * | CELL | its value |
 * | DATA … | of its key |
 *
 * Whoever has the mutex changes the shard in a straight line of stores: an entry comes and goes with one link, its value
 * with its cell. A table that has become too small or too large is replaced: the chains of the new one are built with
 * the NEXT words that are not in use, and then TABLE, MASK and SIDE change. A death before that leaves the old table as
 * it was.
 */
import { OutOfMemoryError } from '../base/errors.js';
import { allocate, allocateZeroed, free } from '../memory/allocator.js';
import { i32, pointer, reach } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { Obj } from '../memory/object.js';
import { dropTaken, exchangeDraft, moveOut, type Seen, storeDraft, takeCopy } from './cell.js';
import * as key from './map-key.js';

export const SHARDS = 16;
const SHARD_SHIFT = 28;
const SHARD_WORDS = 16;

type MapWord = 'SEED' | 'SIZE' | 'SHARDS' | 'WORDS';
export const M: Readonly<Record<MapWord, number>> = {
  SEED: Obj.BODY,
  SIZE: Obj.BODY + 16,
  SHARDS: Obj.BODY + 32,
  WORDS: Obj.BODY + 32 + SHARDS * SHARD_WORDS,
};

export const S = { MUTEX: 0, TABLE: 1, MASK: 2, SIDE: 3, COUNT: 4, TURN: 5 } as const;
export const E = { NEXT: 0, IDENTITY: 2, HEAD: 3, CELL: 4, DATA: 8 } as const;

const FIRST_CHAINS = 8;
/** A table shrinks when it has so many chains for each entry. */
const SPARSE = 8;

/** Fills in a new map. */
export function initialise(map: number): void {
  const [a = 0, b = 0] = crypto.getRandomValues(new Int32Array(2));
  i32[map + M.SEED] = a;
  i32[map + M.SEED + 1] = b;
}

/** How many entries there are. */
export function sizeOf(map: number): number {
  return Atomics.load(i32, map + M.SIZE);
}

/** The address of the n-th shard. */
export function shardAt(map: number, n: number): number {
  return map + M.SHARDS + n * SHARD_WORDS;
}

/** The shard that the key belongs to. */
export function shardOf(map: number): number {
  return map + M.SHARDS + (key.hash >>> SHARD_SHIFT) * SHARD_WORDS;
}

// --- operations on one key: the key draft -----------------------------------------------------------------

/** Takes a copy of the value. False if there is none. */
export function take(map: number): boolean {
  const shard = shardOf(map);
  lock(shard);
  try {
    const entry = entryIn(shard);
    if (entry === 0) return false;
    takeCopy(entry + E.CELL);
    return true;
  } finally {
    unlock(shard);
  }
}

/** Whether the key is there. */
export function has(map: number): boolean {
  const shard = shardOf(map);
  lock(shard);
  try {
    return entryIn(shard) !== 0;
  } finally {
    unlock(shard);
  }
}

/** Stores the draft. @throws OutOfMemoryError; the draft stays then */
export function set(map: number): void {
  const shard = shardOf(map);
  lock(shard);
  try {
    const entry = entryIn(shard);
    if (entry === 0) {
      insert(map, shard);
      return;
    }
    exchangeDraft(entry + E.CELL);
  } finally {
    unlock(shard);
  }
  dropTaken();
}

/**
 * Stores the draft if the key is not there; else takes a copy of its value and returns false, and the draft stays.
 * @throws OutOfMemoryError; the draft stays then
 */
export function insertNew(map: number): boolean {
  const shard = shardOf(map);
  lock(shard);
  try {
    const entry = entryIn(shard);
    if (entry === 0) insert(map, shard);
    else takeCopy(entry + E.CELL);
    return entry === 0;
  } finally {
    unlock(shard);
  }
}

/**
 * Stores the draft if the value still is what was seen, or the key still is not there if `seen` is undefined; else
 * returns false, and the draft stays. @throws OutOfMemoryError; the draft stays then
 */
export function replace(map: number, seen: Seen | undefined): boolean {
  const shard = shardOf(map);
  lock(shard);
  try {
    const entry = entryIn(shard);
    if (entry === 0 || seen === undefined) {
      if (entry !== 0 || seen !== undefined) return false;
      insert(map, shard);
      return true;
    }
    if (!seen.isIn(entry + E.CELL)) return false;
    exchangeDraft(entry + E.CELL);
  } finally {
    unlock(shard);
  }
  dropTaken();
  return true;
}

/** As {@link removeTaking}, and gives the value up. */
export function remove(map: number, seen?: Seen): boolean {
  const isRemoved = removeTaking(map, seen);
  if (isRemoved) dropTaken();
  return isRemoved;
}

/**
 * Takes the entry out, and its value, if that still is what was seen, where something was. False if it is not there or has
 * changed.
 */
export function removeTaking(map: number, seen?: Seen): boolean {
  const shard = shardOf(map);
  let entry: number;
  lock(shard);
  try {
    const link = linkIn(shard);
    entry = link === 0 ? 0 : i32[link]!;
    if (entry === 0 || seen?.isIn(entry + E.CELL) === false) return false;
    const next = i32[entry + E.NEXT + i32[shard + S.SIDE]!]!;
    moveOut(entry + E.CELL);
    const to = i32;
    // No call and no loop from here on but the first one, which no other store precedes: the entry goes.
    Atomics.sub(to, map + M.SIZE, 1);
    to[link] = next;
    to[shard + S.COUNT]! -= 1;
    if (to[shard + S.MASK]! > to[shard + S.COUNT]! * SPARSE && to[shard + S.MASK]! > FIRST_CHAINS) {
      shrink(map, shard);
    }
  } finally {
    unlock(shard);
  }
  free(entry);
  return true;
}

/** Under MUTEX: the entry with the key, or 0. */
function entryIn(shard: number): number {
  const link = linkIn(shard);
  return link === 0 ? 0 : i32[link]!;
}

/**
 * Under MUTEX: the address of the word that names the entry with the key, or that ends the chain in which the key would
 * be. 0 if there is no table.
 */
function linkIn(shard: number): number {
  const table = i32[shard + S.TABLE]!;
  if (table === 0) return 0;
  const { head, identity } = key;
  const side = i32[shard + S.SIDE]!;
  let link = reach(table + (key.hash & i32[shard + S.MASK]!));
  for (let entry = reach(i32[link]!); entry !== 0; entry = reach(i32[link]!)) {
    if (i32[entry + E.IDENTITY] === identity && i32[entry + E.HEAD] === head && hasSameData(entry))
      return link;
    link = entry + E.NEXT + side;
  }
  return link;
}

function hasSameData(entry: number): boolean {
  if (key.dataWords === 0) return true;
  reach(entry + E.DATA + key.dataWords - 1);
  return key.hasData(entry + E.DATA);
}

/** Under MUTEX: makes an entry of the key, which is not there, and the draft. @throws OutOfMemoryError */
function insert(map: number, shard: number): void {
  if (i32[shard + S.TABLE] === 0) makeTable(shard);
  else if (i32[shard + S.COUNT]! > i32[shard + S.MASK]!) rebuild(map, shard, i32[shard + S.MASK]! * 2 + 1);
  const entry = allocate(E.DATA + key.dataWords);
  i32[entry + E.IDENTITY] = key.identity;
  i32[entry + E.HEAD] = key.head;
  i32[entry + E.NEXT + i32[shard + S.SIDE]!] = 0;
  storeDraft(entry + E.CELL);
  key.writeData(entry + E.DATA);
  const link = linkIn(shard);
  const to = i32;
  // No call and no loop from here on but the first one, which no other store precedes: the entry is there.
  Atomics.add(to, map + M.SIZE, 1);
  to[link] = entry;
  to[shard + S.COUNT]! += 1;
}

// --- tables ------------------------------------------------------------------------------------------------

function makeTable(shard: number): void {
  const table = allocateZeroed(FIRST_CHAINS);
  const to = i32;
  // No call and no loop from here on.
  to[shard + S.MASK] = FIRST_CHAINS - 1;
  to[shard + S.SIDE] = 0;
  to[shard + S.COUNT] = 0;
  to[shard + S.TABLE] = table;
}

/** Under MUTEX: gives the shard a table of `mask` + 1 chains. @throws OutOfMemoryError */
function rebuild(map: number, shard: number, mask: number): void {
  const fresh = allocateZeroed(mask + 1);
  reach(fresh + mask);
  const side = 1 - i32[shard + S.SIDE]!;
  forEachEntry(shard, (entry) => {
    const hash = key.hashOf(i32[entry + E.HEAD]!, i32[entry + E.IDENTITY]!, map + M.SEED);
    const chain = fresh + (hash & mask);
    i32[entry + E.NEXT + side] = i32[chain]!;
    i32[chain] = entry;
  });
  const old = pointer(shard + S.TABLE);
  const to = i32;
  // No call and no loop from here on: the chains are the old ones or the new ones.
  to[shard + S.MASK] = mask;
  to[shard + S.SIDE] = side;
  to[shard + S.TABLE] = fresh;
  free(old);
}

/** Under MUTEX: replaces a table that has become too large, if there is memory for it. */
function shrink(map: number, shard: number): void {
  let chains = FIRST_CHAINS;
  while (chains < i32[shard + S.COUNT]! * 2) chains *= 2;
  try {
    rebuild(map, shard, chains - 1);
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error; // without memory, it stays
  }
}

/** Under MUTEX: calls `visit` with every entry of a shard. It must not change the chains. */
export function forEachEntry(shard: number, visit: (entry: number) => void): void {
  walk(pointer(shard + S.TABLE), i32[shard + S.MASK]!, i32[shard + S.SIDE]!, visit);
}

function walk(table: number, mask: number, side: number, visit: (entry: number) => void): void {
  if (table === 0) return;
  reach(table + mask);
  for (let chain = table; chain <= table + mask; chain++) {
    for (let entry = pointer(chain); entry !== 0;) {
      const next = pointer(entry + E.NEXT + side);
      visit(entry);
      entry = next;
    }
  }
}

// --- the whole map -----------------------------------------------------------------------------------------

/** Takes the mutexes of all shards. */
export function lockAll(map: number): void {
  for (let n = 0; n < SHARDS; n++) lock(shardAt(map, n));
}

/** Gives the mutexes of all shards back. */
export function unlockAll(map: number): void {
  for (let n = SHARDS - 1; n >= 0; n--) unlock(shardAt(map, n));
}

/** Takes all entries out, in one step. */
export function clear(map: number): void {
  const shards: { table: number; mask: number; side: number }[] = [];
  lockAll(map);
  try {
    for (let n = 0; n < SHARDS; n++) {
      const shard = shardAt(map, n);
      shards.push({
        table: i32[shard + S.TABLE]!,
        mask: i32[shard + S.MASK]!,
        side: i32[shard + S.SIDE]!,
      });
    }
    emptyAll(map + M.SIZE, map + M.SHARDS + S.TABLE);
  } finally {
    unlockAll(map);
  }
  for (const { table, mask, side } of shards) {
    if (table === 0) continue;
    walk(reach(table), mask, side, (entry) => {
      moveOut(entry + E.CELL);
      dropTaken();
      free(entry);
    });
    free(table);
  }
}

/** Under all mutexes: empties the shards whose TABLE words begin at `first`. */
function emptyAll(size: number, first: number): void {
  const to = i32;
  // No call and no loop from here on: a death finds all entries, or none.
  to[first] = 0;
  to[first + SHARD_WORDS] = 0;
  to[first + SHARD_WORDS * 2] = 0;
  to[first + SHARD_WORDS * 3] = 0;
  to[first + SHARD_WORDS * 4] = 0;
  to[first + SHARD_WORDS * 5] = 0;
  to[first + SHARD_WORDS * 6] = 0;
  to[first + SHARD_WORDS * 7] = 0;
  to[first + SHARD_WORDS * 8] = 0;
  to[first + SHARD_WORDS * 9] = 0;
  to[first + SHARD_WORDS * 10] = 0;
  to[first + SHARD_WORDS * 11] = 0;
  to[first + SHARD_WORDS * 12] = 0;
  to[first + SHARD_WORDS * 13] = 0;
  to[first + SHARD_WORDS * 14] = 0;
  to[first + SHARD_WORDS * 15] = 0;
  to[size] = 0;
}
