/** Reading many entries of a SharedMap: copied out under the mutexes, and made into values when those are given back. */
import { i32, reach } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { CELL_WORDS, openAll, shareAll } from './cell.js';
import { dataWordsOf, keyFrom } from './map-key.js';
import { E, forEachEntry, lockAll, S, SHARDS, shardAt, unlockAll } from './raw-map.js';

/** Words of a growing stretch of this thread's own memory. */
class Words {
  #words: Int32Array<ArrayBuffer> = new Int32Array(64);
  #used = 0;

  /** Adds `count` words of the heap. */
  add(at: number, count: number): void {
    if (this.#used + count > this.#words.length) this.#grow(count);
    const from = i32;
    for (let k = 0; k < count; k++) this.#words[this.#used + k] = from[at + k]!;
    this.#used += count;
  }

  #grow(count: number): void {
    const larger = new Int32Array((this.#used + count) * 2);
    larger.set(this.#words);
    this.#words = larger;
  }

  /** All that was added. */
  get all(): Int32Array<ArrayBuffer> {
    return this.#words.subarray(0, this.#used);
  }
}

/** Under MUTEX: adds the keys of a shard to `keys` and its cells to `cells`, if that is there. */
function gather(shard: number, keys: Words, cells: Words | undefined): void {
  forEachEntry(shard, (entry) => {
    const data = dataWordsOf(i32[entry + E.HEAD]!);
    reach(entry + E.DATA + data - 1);
    keys.add(entry + E.IDENTITY, 2);
    keys.add(entry + E.DATA, data);
    cells?.add(entry + E.CELL, CELL_WORDS);
  });
}

/** The keys that {@link gather} added. */
function keysIn({ all }: Words): (string | number)[] {
  const bytes = Buffer.from(all.buffer);
  const keys: (string | number)[] = [];
  for (let at = 0; at < all.length;) {
    const head = all[at + 1]!;
    keys.push(keyFrom(head, all[at]!, all, bytes, at + 2));
    at += 2 + dataWordsOf(head);
  }
  return keys;
}

/** The keys of the n-th shard, as they are at one moment. */
export function keysOfShard(map: number, n: number): (string | number)[] {
  const shard = shardAt(map, n);
  const keys = new Words();
  lock(shard + S.MUTEX);
  try {
    gather(shard, keys, undefined);
  } finally {
    unlock(shard + S.MUTEX);
  }
  return keysIn(keys);
}

/** All entries, as they are at one moment. */
export function entriesOf(map: number): Map<string | number, unknown> {
  const keys = new Words();
  const cells = new Words();
  lockAll(map);
  try {
    for (let n = 0; n < SHARDS; n++) gather(shardAt(map, n), keys, cells);
    shareAll(cells.all);
  } finally {
    unlockAll(map);
  }
  const values = openAll(cells.all);
  return new Map(keysIn(keys).map((key, place) => [key, values[place]]));
}
