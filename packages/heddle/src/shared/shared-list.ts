import type { Named } from '../base/arguments.js';
import { checkFunction, describe } from '../base/arguments.js';
import type { Kind } from '../memory/object.js';
import { disposeHandle } from '../memory/handles.js';
import { addressOf, Attach, defineKind, KindId, Obj, type Shared } from '../memory/object.js';
import { lock, unlock } from '../memory/mutex.js';
import {
  CELL_WORDS,
  discardDraft,
  draftValue,
  dropAll,
  dropTaken,
  exchangeDraft,
  keepDraft,
  openAll,
  openTaken,
} from './cell.js';
import * as raw from './raw-list.js';
import { addressWithDraft, SharedObject } from './shared-object.js';
import { changed, isUpdating, Place, update } from './update.js';

const kind: Kind = defineKind({
  id: KindId.SHARED_LIST,
  name: 'SharedList',
  handles: () => SharedList,
  blank: (name) => new SharedList(null, { name }),
  attach: (address) => new SharedList(new Attach(address) as unknown as Iterable<unknown>),
  destroy: raw.clear,
});

/**
 * A list of values that all threads see and change. Items are whatever can cross between threads. An item that is read
 * is a copy, as `structuredClone` would make it; heddle's own objects in it stay what they are. Nothing is copied but
 * what is read. Changing a copy changes nothing for others: `set` or `update` the item.
 *
 * Nothing here blocks: an empty list gives `undefined`. To wait for items, use a {@link Queue}.
 *
 * Each method is one step: other threads see the list before it or after it. To read or change several items as one
 * step, use `toArray`, `push` with several items, or a lock of your own. *Happens before*: all operations on one list
 * have one order that all threads agree on, and everything before one of them happens before everything after the next.
 *
 * `push`, `pop`, `shift`, `get` and `set` take the same time however long the list is (`push` now and then moves all of
 * it); `insert` and `remove` move the shorter part of the list.
 *
 * A thread that dies has made a change or not. Shared objects that refer to each other in a circle are never freed:
 * `clear()` one of them when you have done with them.
 *
 * @example
 * ```ts
 * const log = new SharedList<string>();
 * log.push('begun');
 * log.push('worked', 'ended');
 * console.log(log.toArray().join(', ')); // begun, worked, ended
 * ```
 */
export class SharedList<T> extends SharedObject implements Iterable<T> {
  /**
   * @param items what it holds at first
   * @param options `name` is shown in reports
   * @throws CloneError if an item cannot cross threads; its path begins with `items[` and the item's index
   */
  constructor(items?: Iterable<T> | null, options?: Named) {
    if (items instanceof Attach) {
      super(kind, raw.L.WORDS, items);
      return;
    }
    const all = items === undefined || items === null ? [] : listed(items);
    super(kind, raw.L.WORDS, options);
    try {
      if (all.length > 0) raw.pushAll(this.address, draftAll(all));
    } catch (error) {
      disposeHandle(this);
      throw error;
    }
  }

  /** How many items there are. */
  get length(): number {
    return raw.lengthOf(addressOf(this));
  }

  /**
   * A copy of the item at an index.
   *
   * @throws RangeError if there is no such item; `at` gives undefined then
   *
   * @example
   * ```ts
   * const list = new SharedList(['a', 'b']);
   * list.get(1); // 'b'
   * ```
   */
  get(index: number): T {
    const address = this.address || addressOf(this);
    if (!raw.takeAt(address, checkIndex(index))) throw outside(address, index);
    return openTaken() as T;
  }

  /**
   * A copy of the item at an index, or undefined if there is none. A negative index counts from the end.
   *
   * @example
   * ```ts
   * const list = new SharedList(['a', 'b']);
   * list.at(-1); // 'b'
   * list.at(2); // undefined
   * ```
   */
  at(index: number): T | undefined {
    const address = addressOf(this);
    if (typeof index !== 'number') throw new TypeError(`index must be a number, not ${describe(index)}`);
    return raw.takeAt(address, Math.trunc(index) || 0) ? (openTaken() as T) : undefined;
  }

  /**
   * Replaces the item at an index. A list grows by `push` and `insert` only.
   *
   * @throws RangeError if there is no such item
   * @throws CloneError if the value cannot cross threads; its path begins with `value`
   *
   * @example
   * ```ts
   * const list = new SharedList([1, 2]);
   * list.set(0, 10);
   * ```
   */
  set(index: number, value: T): void {
    checkIndex(index);
    draftValue(value, 'value');
    const address = this.address || addressWithDraft(this);
    if (!raw.exchangeAt(address, index)) {
      discardDraft();
      throw outside(address, index);
    }
    dropTaken();
    if (isUpdating()) noteChange(address, index, index);
  }

  /**
   * Puts items at the end and returns the new length. Several go in as one step: no other thread's items come between.
   *
   * @throws CloneError if an item cannot cross threads; its path begins with `items[` and the item's index
   * @throws OutOfMemoryError; in either case the list stays as it was
   *
   * @example
   * ```ts
   * const list = new SharedList<number>();
   * list.push(1); // 1
   * list.push(2, 3); // 3
   * ```
   */
  push(...items: T[]): number {
    if (items.length !== 1) return this.#pushAll(items);
    draftValue(items[0], 'items[0]');
    return raw.push(this.address || addressWithDraft(this));
  }

  /**
   * Takes the last item out; undefined if there is none.
   *
   * @example
   * ```ts
   * const stack = new SharedList([1, 2]);
   * stack.pop(); // 2
   * ```
   */
  pop(): T | undefined {
    return this.#take(-1);
  }

  /**
   * Takes the first item out; undefined if there is none.
   *
   * @example
   * ```ts
   * const list = new SharedList([1, 2]);
   * list.shift(); // 1
   * ```
   */
  shift(): T | undefined {
    return this.#take(0);
  }

  /**
   * Puts an item before the one at an index; at `length`, at the end.
   *
   * @throws RangeError if `index` is more than the length
   * @throws CloneError if the value cannot cross threads; its path begins with `value`
   *
   * @example
   * ```ts
   * const list = new SharedList(['b']);
   * list.insert(0, 'a');
   * ```
   */
  insert(index: number, value: T): void {
    checkIndex(index);
    draftValue(value, 'value');
    const address = addressWithDraft(this);
    if (!raw.insertAt(address, index)) {
      discardDraft();
      throw outside(address, index);
    }
    this.#moved(index);
  }

  /**
   * Takes the item at an index out and returns it; those behind it move up.
   *
   * @throws RangeError if there is no such item
   *
   * @example
   * ```ts
   * const list = new SharedList(['a', 'b', 'c']);
   * list.remove(1); // 'b'
   * ```
   */
  remove(index: number): T {
    const address = addressOf(this);
    if (!raw.removeAt(address, checkIndex(index))) throw outside(address, index);
    const item = openTaken() as T;
    this.#moved(index);
    return item;
  }

  /**
   * Replaces the item at an index by what `fn` makes of it, in one step, and returns the new one, as `fn` returned it.
   * If another thread changes the item meanwhile, `fn` is called again with what it has become, so it should do nothing
   * but compute. It runs without any lock. What it throws is thrown, and the item stays.
   *
   * @throws RangeError if there is no such item, or none any more
   * @throws CloneError if what `fn` returns cannot cross threads
   * @throws DeadlockError if `fn` itself replaces the item
   *
   * @example
   * ```ts
   * const counts = new SharedList([0, 0]);
   * counts.update(1, (count) => count + 1);
   * ```
   */
  update(index: number, fn: (value: T) => T): T {
    checkFunction('fn', fn);
    const place = new ItemPlace(this, checkIndex(index));
    const value = update(place, fn as (value: unknown) => unknown) as T;
    if (isUpdating()) noteChange(place.object, index, index);
    return value;
  }

  /** Takes all items out. */
  clear(): void {
    raw.clear(addressOf(this));
    this.#moved(0);
  }

  /**
   * Copies of all items, as they are at one moment.
   *
   * @example
   * ```ts
   * const list = new SharedList([3, 1, 2]);
   * const sorted = list.toArray().sort();
   * ```
   */
  toArray(): T[] {
    return openAll(raw.takeAll(addressOf(this))) as T[];
  }

  /**
   * Goes through the items as they are when the loop begins, whatever becomes of the list meanwhile.
   *
   * @example
   * ```ts
   * let total = 0;
   * for (const n of new SharedList([1, 2, 3])) total += n;
   * ```
   */
  [Symbol.iterator](): IterableIterator<T> {
    return this.toArray().values();
  }

  #pushAll(items: readonly T[]): number {
    const words = draftAll(items);
    if (this.address === 0) dropAll(words);
    return raw.pushAll(addressOf(this), words);
  }

  #take(index: number): T | undefined {
    const address = this.address || addressOf(this);
    if (!raw.removeAt(address, index)) return undefined;
    const item = openTaken() as T;
    this.#moved(index < 0 ? raw.lengthOf(address) : index);
    return item;
  }

  /** Other items than before stand at `index` and behind it. */
  #moved(index: number): void {
    if (isUpdating()) noteChange(addressOf(this), index, Infinity);
  }

  protected override describeState(): string {
    const { length } = this;
    return length === 1 ? '1 item' : `${String(length)} items`;
  }
}

class ItemPlace extends Place {
  readonly index: number;

  constructor(list: Shared, index: number) {
    super(list, raw.L.TURN);
    this.index = index;
  }

  take(): boolean {
    if (!raw.takeAt(this.object, this.index)) throw outside(this.object, this.index);
    return true;
  }

  commit(): boolean {
    const { object, index } = this;
    lock(object + Obj.MUTEX);
    try {
      if (index >= raw.lengthOf(object) || !this.isIn(raw.cellOf(object, index))) return false;
      exchangeDraft(raw.cellOf(object, index));
    } finally {
      unlock(object + Obj.MUTEX);
    }
    dropTaken();
    return true;
  }
}

/** Tells the updates under way on this thread that it has put other items at some places. */
function noteChange(list: number, first: number, last: number): void {
  changed(list, (place) => place instanceof ItemPlace && place.index >= first && place.index <= last);
}

/** The items, in an array; told apart from options in their place. */
function listed<T>(items: Iterable<T>): T[] {
  if (typeof items !== 'string' && typeof (items as Partial<Iterable<T>>)[Symbol.iterator] !== 'function') {
    throw new TypeError(
      `items must be iterable, not ${describe(items)}; options come second: new SharedList(null, { name })`,
    );
  }
  return [...items];
}

/** Drafts of all items, for them to be stored together. */
function draftAll(items: readonly unknown[]): Int32Array {
  const words = new Int32Array(items.length * CELL_WORDS);
  try {
    for (let k = 0; k < items.length; k++) {
      draftValue(items[k], 'items', k);
      keepDraft(words, k * CELL_WORDS);
    }
    return words;
  } catch (error) {
    dropAll(words);
    throw error;
  }
}

/** @throws TypeError, RangeError if it is no index of any list */
function checkIndex(index: number): number {
  if (typeof index !== 'number') throw new TypeError(`index must be a number, not ${describe(index)}`);
  if (!Number.isInteger(index) || index < 0) {
    throw new RangeError(`index must be a whole number of at least 0, not ${String(index)}`);
  }
  return index;
}

function outside(list: number, index: number): RangeError {
  return new RangeError(
    `there is no item ${String(index)} in this SharedList of ${String(raw.lengthOf(list))}; at() gives undefined then`,
  );
}
