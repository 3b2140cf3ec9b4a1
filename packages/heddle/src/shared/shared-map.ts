import type { Named } from '../base/arguments.js';
import { checkFunction, describe } from '../base/arguments.js';
import type { Kind } from '../memory/object.js';
import { disposeHandle } from '../memory/handles.js';
import { addressOf, Attach, defineKind, KindId } from '../memory/object.js';
import { discardDraft, draftValue, openTaken } from './cell.js';
import { checkKey, draftKey } from './map-key.js';
import { EntryPlace, noteChange, RemovalPlace } from './map-place.js';
import { entriesOf, keysOfShard } from './map-reading.js';
import * as raw from './raw-map.js';
import { addressWithDraft, SharedObject } from './shared-object.js';
import { changed, isUpdating, update } from './update.js';

const kind: Kind = defineKind({
  id: KindId.SHARED_MAP,
  name: 'SharedMap',
  handles: () => SharedMap,
  blank: (name) => new SharedMap(null, { name }),
  attach: (address) => new SharedMap(new Attach(address) as unknown as null),
  destroy: raw.clear,
});

/**
 * A map that all threads see and change. Keys are strings and numbers, compared as a Map compares them: 1 and '1' are
 * two keys, 0 and -0 are one. Values are whatever can cross between threads. A value that is read is a copy, as
 * `structuredClone` would make it; heddle's own objects in it stay what they are. Nothing is copied but what is read.
 * Changing a copy changes nothing for others: `set` or `update` the entry.
 *
 * Nothing here blocks, and threads that use different keys seldom meet. Each method is one step: other threads see the
 * map before it or after it. A `get` and a `set` are two: to change a value that depends on what it was, `update` it.
 * *Happens before*: all operations on one map have one order that all threads agree on, and everything before one that
 * changes a key happens before everything after one that sees the change. The loops (`keys`, `values`, `entries`,
 * `forEach`, `for … of`) are many steps: see {@link entries}. `snapshot` is one.
 *
 * There is no order among the entries.
 *
 * A thread that dies has made a change or not. Shared objects that refer to each other in a circle are never freed:
 * `clear()` one of them when you have done with them. Keys from outside cannot be chosen to make the map slow: they are
 * hashed with a secret of each map.
 *
 * @example
 * ```ts
 * const stock = new SharedMap<string, number>([['bolt', 5]]);
 * stock.update('bolt', (count = 0) => count + 1);
 * stock.update('nut', (count = 0) => count + 1);
 * console.log(stock.get('bolt'), stock.get('nut')); // 6 1
 * ```
 */
// With `string | number` the compiler would take the very keys of the first entries for the type of all keys.
// eslint-disable-next-line @typescript-eslint/no-wrapper-object-types -- see above: a primitive type fits both
export class SharedMap<K extends String | Number, V> extends SharedObject implements Iterable<[K, V]> {
  /**
   * @param entries what it holds at first: a Map, or pairs of key and value
   * @param options `name` is shown in reports
   * @throws TypeError if a key is neither a string nor a number
   * @throws CloneError if a value cannot cross threads; its path begins with `entries[`, the pair's index and `][1]`
   */
  constructor(entries?: Iterable<readonly [K, V]> | null, options?: Named) {
    if ((entries as unknown) instanceof Attach) {
      super(kind, raw.M.WORDS, entries as unknown as Attach);
      return;
    }
    if (entries !== undefined && entries !== null) checkEntries(entries);
    super(kind, raw.M.WORDS, options);
    raw.initialise(this.address);
    try {
      let index = 0;
      for (const pair of entries ?? []) this.#setPair(pair, index++);
    } catch (error) {
      disposeHandle(this);
      throw error;
    }
  }

  /** How many entries there are. */
  get size(): number {
    return raw.sizeOf(addressOf(this));
  }

  /**
   * A copy of the value of a key, or undefined if the key is not there.
   *
   * @throws TypeError if `key` is neither a string nor a number
   *
   * @example
   * ```ts
   * const ages = new SharedMap<string, number>([['Ada', 36]]);
   * ages.get('Ada'); // 36
   * ages.get('Bob'); // undefined
   * ```
   */
  get(key: K): V | undefined {
    const address = this.address || addressOf(this);
    draftKey(key, address + raw.M.SEED);
    return raw.take(address) ? (openTaken() as V) : undefined;
  }

  /** Whether a key is there. @throws TypeError if `key` is neither a string nor a number */
  has(key: K): boolean {
    const address = this.address || addressOf(this);
    draftKey(key, address + raw.M.SEED);
    return raw.has(address);
  }

  /**
   * Sets the value of a key, and returns the map.
   *
   * @throws TypeError if `key` is neither a string nor a number
   * @throws CloneError if the value cannot cross threads; its path begins with `value`
   * @throws OutOfMemoryError; in either case the map stays as it was
   *
   * @example
   * ```ts
   * const ages = new SharedMap<string, number>();
   * ages.set('Ada', 36).set('Bob', 40);
   * ```
   */
  set(key: K, value: V): this {
    checkKey(key);
    draftValue(value, 'value');
    this.#store(key);
    return this;
  }

  /** Removes a key; false if it was not there. @throws TypeError if `key` is neither a string nor a number */
  delete(key: K): boolean {
    const address = this.address || addressOf(this);
    draftKey(key, address + raw.M.SEED);
    const wasThere = raw.remove(address);
    if (isUpdating()) noteChange(address, key);
    return wasThere;
  }

  /**
   * Removes a key and returns its value, in one step: of several threads that do so only one gets it. Undefined if the key
   * is not there.
   *
   * @throws TypeError if `key` is neither a string nor a number
   * @example
   * ```ts
   * const sessions = new SharedMap<string, { user: string }>([['k3', { user: 'Ada' }]]);
   * console.log(sessions.take('k3')?.user, sessions.take('k3')?.user); // Ada undefined
   * ```
   */
  take(key: K): V | undefined {
    const address = this.address || addressOf(this);
    draftKey(key, address + raw.M.SEED);
    const wasThere = raw.removeTaking(address);
    if (isUpdating()) noteChange(address, key);
    return wasThere ? (openTaken() as V) : undefined;
  }

  /**
   * Removes a key if `condition` is true of its value, in one step. True if it was removed. If another thread changes
   * the value meanwhile, `condition` is called again with what it has become; it runs without any lock.
   *
   * @throws TypeError if `key` is neither a string nor a number; what `condition` throws
   *
   * @example
   * ```ts
   * const users = new SharedMap<string, number>([['room 1', 0]]);
   * users.deleteIf('room 1', (count) => count === 0); // true
   * ```
   */
  deleteIf(key: K, condition: (value: V) => boolean): boolean {
    checkKey(key);
    checkFunction('condition', condition);
    const place = new RemovalPlace(this, key);
    const isRemoved = update(place, condition as (value: unknown) => unknown) === true;
    if (isUpdating()) noteChange(place.object, key);
    return isRemoved;
  }

  /** Removes all entries, in one step. */
  clear(): void {
    const address = addressOf(this);
    raw.clear(address);
    if (isUpdating()) changed(address, () => true);
  }

  /**
   * The value of a key; if it is not there, it is first set to `value`. Of several threads that do so at one time one
   * sets its value, and all return that one: for the thread that set it, `value` itself, for the others a copy.
   *
   * @throws as {@link set}
   *
   * @example
   * ```ts
   * const locks = new SharedMap<string, Lock>();
   * using guard = locks.getOrInsert('accounts', new Lock()).acquire();
   * ```
   */
  getOrInsert(key: K, value: V): V {
    const address = this.address || addressOf(this);
    draftKey(key, address + raw.M.SEED);
    if (raw.take(address)) return openTaken() as V;
    draftValue(value, 'value');
    return this.#insertNew(key, value);
  }

  /**
   * As {@link getOrInsert}, with a value that is computed only if the key is not there. `compute` runs without any lock,
   * so several threads may compute; one of them sets its value, and all return that one. To have it computed by one
   * thread alone, use a {@link Once}.
   *
   * @throws as {@link set}, and what `compute` throws
   *
   * @example
   * ```ts
   * const lengths = new SharedMap<string, number>();
   * lengths.getOrInsertComputed('heddle', (word) => word.length); // 6
   * ```
   */
  getOrInsertComputed(key: K, compute: (key: K) => V): V {
    const address = addressOf(this);
    checkFunction('compute', compute);
    draftKey(key, address + raw.M.SEED);
    if (raw.take(address)) return openTaken() as V;
    const value = compute((key as unknown) === 0 ? (0 as unknown as K) : key); // as a Map does: -0 is 0
    draftValue(value, 'value');
    return this.#insertNew(key, value);
  }

  /**
   * Sets the value of a key to what `fn` makes of it, in one step, and returns the new one, as `fn` returned it. `fn` is
   * given undefined if the key is not there. If another thread changes the value meanwhile, `fn` is called again with
   * what it has become, so it should do nothing but compute; it runs without any lock, and may use the map. What it
   * throws is thrown, and the map stays as it was.
   *
   * What `fn` returns is stored, undefined too; to remove a key depending on its value, use {@link deleteIf}. The value
   * that `fn` is given is a copy: to change it in place, without returning it, changes nothing.
   *
   * @throws TypeError if `key` is neither a string nor a number
   * @throws CloneError if what `fn` returns cannot cross threads
   * @throws DeadlockError if `fn` itself changes the value of this key
   *
   * @example
   * ```ts
   * const words = new SharedMap<string, number>();
   * for (const word of 'to be or not to be'.split(' ')) words.update(word, (count = 0) => count + 1);
   * words.get('be'); // 2
   * ```
   */
  update(key: K, fn: (value: V | undefined) => V): V {
    checkKey(key);
    checkFunction('fn', fn);
    const place = new EntryPlace(this, key);
    const value = update(place, fn as (value: unknown) => unknown) as V;
    if (isUpdating()) noteChange(place.object, key);
    return value;
  }

  /**
   * Copies of all entries, as they are at one moment.
   *
   * @example
   * ```ts
   * const ages = new SharedMap<string, number>([['Ada', 36]]);
   * const ofNow: Map<string, number> = ages.snapshot();
   * ```
   */
  snapshot(): Map<K, V> {
    return entriesOf(addressOf(this)) as Map<K, V>;
  }

  /** Goes through the keys, as {@link entries} does. */
  *keys(): IterableIterator<K> {
    for (let n = 0; n < raw.SHARDS; n++) {
      for (const key of keysOfShard(addressOf(this), n) as K[]) if (this.has(key)) yield key;
    }
  }

  /** Goes through copies of the values, as {@link entries} does. */
  *values(): IterableIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  /**
   * Goes through the entries. The map may be changed during the loop, by any thread: an entry that is there all the time
   * comes up once, with the value that it has when the loop comes to it; one that is removed before that does not come
   * up; one that is added may come up or not. For all entries at one moment, use {@link snapshot}.
   *
   * @example
   * ```ts
   * const ages = new SharedMap<string, number>([['Ada', 36]]);
   * for (const [name, age] of ages) ages.set(name, age + 1);
   * ```
   */
  *entries(): IterableIterator<[K, V]> {
    for (let n = 0; n < raw.SHARDS; n++) {
      for (const key of keysOfShard(addressOf(this), n) as K[]) {
        const address = addressOf(this);
        draftKey(key, address + raw.M.SEED);
        if (raw.take(address)) yield [key, openTaken() as V];
      }
    }
  }

  /** Goes through the entries, as {@link entries} does. */
  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.entries();
  }

  /** Calls `fn` with each entry, as {@link entries} goes through them. */
  forEach(fn: (value: V, key: K, map: this) => void): void {
    checkFunction('fn', fn);
    for (const [key, value] of this.entries()) fn(value, key, this);
  }

  #setPair(pair: readonly [K, V], index: number): void {
    if (typeof pair !== 'object' || (pair as unknown) === null) {
      throw new TypeError(`entries must be pairs of a key and a value, not ${describe(pair)}`);
    }
    const [key, value] = pair;
    checkKey(key);
    draftValue(value, `entries[${String(index)}][1]`);
    this.#store(key);
  }

  /** Stores the draft. */
  #store(key: K): void {
    const address = this.address || addressWithDraft(this);
    draftKey(key, address + raw.M.SEED);
    try {
      raw.set(address);
    } catch (error) {
      discardDraft();
      throw error;
    }
    if (isUpdating()) noteChange(address, key);
  }

  /** Stores the draft, of `value`, or returns what is there. */
  #insertNew(key: K, value: V): V {
    const address = addressWithDraft(this);
    draftKey(key, address + raw.M.SEED);
    let isNew = false;
    try {
      isNew = raw.insertNew(address);
      if (!isNew) return openTaken() as V;
    } finally {
      if (!isNew) discardDraft();
    }
    if (isUpdating()) noteChange(address, key);
    return value;
  }

  protected override describeState(): string {
    const { size } = this;
    return size === 1 ? '1 entry' : `${String(size)} entries`;
  }
}

function checkEntries(entries: object): void {
  if (typeof (entries as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function') return;
  throw new TypeError(
    `entries must be iterable, such as a Map, not ${describe(entries)}; options come second: new SharedMap(null, { name })`,
  );
}
