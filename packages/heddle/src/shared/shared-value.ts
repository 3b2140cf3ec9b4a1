import type { Named } from '../base/arguments.js';
import { checkFunction, describe } from '../base/arguments.js';
import { lock, unlock } from '../memory/mutex.js';
import type { Kind } from '../memory/object.js';
import { disposeHandle } from '../memory/handles.js';
import { addressOf, Attach, defineKind, KindId, Obj } from '../memory/object.js';
import {
  CELL_WORDS,
  draftValue,
  dropTaken,
  exchangeDraft,
  moveOut,
  openTaken,
  storeDraft,
  takeCopy,
} from './cell.js';
import { addressWithDraft, SharedObject } from './shared-object.js';
import { changed, isUpdating, Place, update } from './update.js';

/** The value (cell.ts); under MUTEX. */
const CELL = Obj.BODY;
/** See turn.ts. */
const TURN: number = CELL + CELL_WORDS;
const WORDS: number = TURN + 1;

const kind: Kind = defineKind({
  id: KindId.SHARED_VALUE,
  name: 'SharedValue',
  handles: () => SharedValue,
  attach: (address) => new SharedValue(new Attach(address)),
  destroy(address) {
    moveOut(address + CELL);
    dropTaken();
  },
});

/**
 * One value of any kind that all threads see: whatever can cross between threads, replaced as a whole.
 *
 * `get` gives a copy, as `structuredClone` would make it; heddle's own objects in it stay what they are. Changing the
 * copy changes nothing for others: `set` or `update` it. A number or a flag alone is better off in an {@link Atomic},
 * memory that several threads write into, in a shared array.
 *
 * Nothing here blocks. *Happens before*: all operations on one value have one order that all threads agree on, and
 * everything before a `set` or `update` happens before everything after a `get` or `update` that sees what it stored.
 *
 * A thread that dies has replaced the value or not. Shared objects that refer to each other in a circle are never
 * freed: replace one of the references when you have done with them.
 *
 * @example
 * ```ts
 * const settings = new SharedValue({ level: 1, names: ['Ada'] });
 * settings.update((old) => ({ ...old, level: old.level + 1 }));
 * console.log(settings.get().level); // 2
 * ```
 */
export class SharedValue<T> extends SharedObject {
  /**
   * @param options `name` is shown in reports
   * @throws CloneError if the value cannot cross threads; its path begins with `value`
   */
  constructor(value: T, options?: Named) {
    if (value instanceof Attach) {
      super(kind, WORDS, value);
      return;
    }
    super(kind, WORDS, options);
    try {
      draftValue(value, 'value');
    } catch (error) {
      disposeHandle(this);
      throw error;
    }
    storeDraft(this.address + CELL);
  }

  /**
   * A copy of the value as it is now.
   *
   * @example
   * ```ts
   * const place = new SharedValue({ x: 1, y: 2 });
   * const { x, y } = place.get(); // both of one moment
   * ```
   */
  get(): T {
    const address = this.address || addressOf(this);
    lock(address + Obj.MUTEX);
    try {
      takeCopy(address + CELL);
    } finally {
      unlock(address + Obj.MUTEX);
    }
    return openTaken() as T;
  }

  /**
   * Replaces the value.
   *
   * @throws CloneError if it cannot cross threads; its path begins with `value`
   * @throws OutOfMemoryError; the old value stays then
   *
   * @example
   * ```ts
   * const state = new SharedValue<'idle' | 'busy'>('idle');
   * state.set('busy');
   * ```
   */
  set(value: T): void {
    draftValue(value, 'value');
    const address = this.address || addressWithDraft(this);
    lock(address + Obj.MUTEX);
    try {
      exchangeDraft(address + CELL);
    } finally {
      unlock(address + Obj.MUTEX);
    }
    dropTaken();
    if (isUpdating()) changed(address, () => true);
  }

  /**
   * Replaces the value by what `fn` makes of it, in one step, and returns the new one, as `fn` returned it. If another
   * thread changes the value meanwhile, `fn` is called again with what it has become, so it should do nothing but
   * compute. It runs without any lock. What it throws is thrown, and the value stays.
   *
   * @throws CloneError if what `fn` returns cannot cross threads
   * @throws DeadlockError if `fn` itself replaces the value
   *
   * @example
   * ```ts
   * const longest = new SharedValue('');
   * longest.update((old) => (job.length > old.length ? job : old));
   * ```
   */
  update(fn: (value: T) => T): T {
    checkFunction('fn', fn);
    const place = new ValuePlace(this, TURN);
    const value = update(place, fn as (value: unknown) => unknown) as T;
    if (isUpdating()) changed(place.object, () => true);
    return value;
  }

  protected override describeState(): string {
    return describe(this.get());
  }
}

class ValuePlace extends Place {
  take(): boolean {
    const { object } = this;
    lock(object + Obj.MUTEX);
    try {
      takeCopy(object + CELL);
    } finally {
      unlock(object + Obj.MUTEX);
    }
    return true;
  }

  commit(): boolean {
    const { object } = this;
    lock(object + Obj.MUTEX);
    try {
      if (!this.isIn(object + CELL)) return false;
      exchangeDraft(object + CELL);
    } finally {
      unlock(object + Obj.MUTEX);
    }
    dropTaken();
    return true;
  }
}
