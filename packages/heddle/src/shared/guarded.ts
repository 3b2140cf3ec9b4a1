import type { Named, WaitOptions } from '../base/arguments.js';
import { checkFunction, checkTimeout } from '../base/arguments.js';
import { OwnershipError } from '../base/errors.js';
import type { Kind } from '../memory/object.js';
import { disposeHandle } from '../memory/handles.js';
import { addressOf, Attach, defineKind, isShared, KindId, titleOf } from '../memory/object.js';
import { partOf } from '../memory/part.js';
import { checkWaitOptions } from '../park/await.js';
import type { ThreadInfo } from '../park/thread-info.js';
import { infoOfTid } from '../park/thread-info.js';
import { Waitable } from '../park/waitable.js';
import type { Guard } from '../sync/guard.js';
import type { LockStats } from '../sync/lock-stats.js';
import { lockStats } from '../sync/lock-stats.js';
import * as raw from '../sync/raw-lock.js';
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

/** The value (cell.ts); whoever owns the lock. The words before it are the lock's. */
const CELL = raw.LockWords.WORDS;
const WORDS: number = CELL + CELL_WORDS;

const kind: Kind = defineKind({
  id: KindId.GUARDED,
  name: 'Guarded',
  handles: () => Guarded,
  attach: (address) => new Guarded(new Attach(address)),
  destroy(address) {
    moveOut(address + CELL);
    dropTaken();
  },
  admit: raw.admit,
  retry: raw.retry,
  ownerEnded: raw.ownerEnded,
  isHeld: raw.isOwn,
  holder: raw.ownerOf,
  heldBy: raw.isHeldBy,
});

/** What a {@link Guarded} hands out: its value, until it is released. */
export interface ValueGuard<T> extends Guard {
  /**
   * The value. What it is at the release becomes the value of the Guarded: change it in place, or assign another.
   * @throws OwnershipError once the guard was released
   */
  value: T;
}

/**
 * A value behind a lock: nobody gets at it without holding the lock.
 *
 * The holder is given a copy of the value, as `structuredClone` would make it, and what has become of it is stored when
 * the lock is released. What is shared anyway is not copied: heddle's own objects, and typed arrays over shared memory
 * ({@link sharedArray}), alone or within the value, are the same for all.
 *
 * *Blocks*: `acquire` and `with` until the lock is free; `acquireAsync` and `withAsync` give promises instead. All end
 * early by timeout and `thread.cancel()`, promises also by their signal. *Fairness*: as {@link Lock}.
 *
 * *Happens before*: everything before a release happens before everything after the next acquisition.
 *
 * If `fn` of `with` throws, what it did to a copy is forgotten: the value stays as it was. A guard, which cannot know,
 * stores what it has, however its block ends.
 *
 * A thread that ends while it holds the lock abandons it: waiters and later acquirers get `AbandonedLockError` until one
 * of them calls `recover()`. The value is then as it was last released; only shared memory may be half written.
 *
 * @example
 * ```ts
 * const account = new Guarded({ balance: 100, log: ['opened'] });
 * account.with((it) => {
 *   it.balance -= 30;
 *   it.log.push('paid');
 * });
 * console.log(account.with((it) => it.balance)); // 70
 * ```
 */
export class Guarded<T> extends Waitable {
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
   * Blocks until the lock is free, calls `fn` with the value, stores what has become of it and releases the lock. Returns
   * what `fn` returned; if `fn` throws, that is thrown, and the value stays as it was.
   *
   * @param timeout milliseconds; omitted waits for ever, 0 tries once
   * @throws TypeError if `fn` returns a promise: use `withAsync`; the value stays as it was
   * @throws CloneError if the value cannot cross threads any more; it stays as it was
   * @throws TimeoutError, CancelledError, DeadlockError, AbandonedLockError as `Lock.acquire`
   *
   * @example
   * ```ts
   * const names = new Guarded(['Ada']);
   * names.with((list) => list.push('Grace')); // 2
   * ```
   */
  with<R>(fn: (value: T) => R, timeout?: number): R {
    checkFunction('fn', fn);
    const guard = this.#acquire(timeout);
    let result: R;
    try {
      result = fn(guard.value);
      if (isThenable(result)) {
        result.then(undefined, () => undefined); // how it ends does not matter any more
        throw new TypeError(
          `the function given to with() of ${titleOf(addressOf(this))} returned a promise, so the lock would be released ` +
            'before it has done its work: use withAsync()',
        );
      }
    } catch (error) {
      guard.releaseUnchanged();
      throw error;
    }
    guard.release();
    return result;
  }

  /**
   * As {@link with}, but awaited, and `fn` may be async: the lock is held until its promise settles.
   *
   * @throws as {@link with}, but for the promise
   *
   * @example
   * ```ts
   * const total = new Guarded({ rows: 0 });
   * await total.withAsync(async (it) => {
   *   it.rows += await Promise.resolve(3);
   * });
   * ```
   */
  async withAsync<R>(fn: (value: T) => R, options?: WaitOptions): Promise<Awaited<R>> {
    checkFunction('fn', fn);
    const guard = await this.#acquireAsync(options);
    let result: Awaited<R>;
    try {
      result = await fn(guard.value);
    } catch (error) {
      guard.releaseUnchanged();
      throw error;
    }
    guard.release();
    return result;
  }

  /**
   * Blocks until the lock is free and takes it. The value is the guard's until it is released.
   *
   * @param timeout milliseconds; omitted waits for ever, 0 tries once
   * @throws TimeoutError if the lock is not free in time
   * @throws CancelledError if the thread is cancelled meanwhile
   * @throws DeadlockError if this thread holds the lock already
   * @throws AbandonedLockError if its owner ended without releasing it
   *
   * @example
   * ```ts
   * const count = new Guarded(0);
   * {
   *   using guard = count.acquire();
   *   guard.value += 1;
   * }
   * ```
   */
  acquire(timeout?: number): ValueGuard<T> {
    return this.#acquire(timeout);
  }

  /** Takes the lock if it is free, else returns null at once. @throws AbandonedLockError */
  tryAcquire(): ValueGuard<T> | null {
    return raw.tryTake(addressOf(this)) ? new HeldValue<T>(this) : null;
  }

  /** As {@link acquire}, but awaited; waits also for another task of this thread. */
  async acquireAsync(options?: WaitOptions): Promise<ValueGuard<T>> {
    return this.#acquireAsync(options);
  }

  /**
   * Takes the lock over from an owner that ended without releasing it, with the value as it was last released. Null if
   * the lock is not abandoned.
   *
   * @example
   * ```ts
   * const account = new Guarded({ balance: 0 });
   * account.recover()?.release();
   * ```
   */
  recover(): ValueGuard<T> | null {
    return raw.recover(addressOf(this)) ? new HeldValue<T>(this) : null;
  }

  /** Whether some thread holds the lock now. */
  get locked(): boolean {
    return raw.ownerOf(addressOf(this)) !== 0;
  }

  /** The thread that holds the lock now, or null. */
  get owner(): ThreadInfo | null {
    return infoOfTid(raw.ownerOf(addressOf(this)));
  }

  /** A frozen snapshot of how much threads have waited for the lock and, while profiling, held it. */
  override stats(): LockStats {
    return Object.freeze(lockStats(addressOf(this), this.name));
  }

  #acquire(timeout: number | undefined): HeldValue<T> {
    raw.take(addressOf(this), checkTimeout(timeout));
    return new HeldValue<T>(this);
  }

  async #acquireAsync(options: WaitOptions | undefined): Promise<HeldValue<T>> {
    await raw.takeAsync(addressOf(this), checkWaitOptions(options));
    return new HeldValue<T>(this);
  }

  protected override describeState(): string {
    return raw.describeOwner(this.address);
  }
}

/** The lock, held, and the value. */
class HeldValue<T> implements ValueGuard<T> {
  readonly #guarded: Guarded<T>;
  /** The value as it was handed out. */
  readonly #original: T;
  #value: T;
  #isReleased = false;

  /** The lock has been taken; it is released if the value cannot be had. */
  constructor(guarded: Guarded<T>) {
    this.#guarded = guarded;
    const address = addressOf(guarded);
    try {
      takeCopy(address + CELL);
      this.#original = openTaken() as T;
    } catch (error) {
      raw.give(address);
      throw error;
    }
    this.#value = this.#original;
  }

  get value(): T {
    if (this.#isReleased) throw this.#released();
    return this.#value;
  }

  set value(value: T) {
    if (this.#isReleased) throw this.#released();
    this.#value = value;
  }

  release(): void {
    if (this.#isReleased) return;
    const address = addressOf(this.#guarded);
    if (!raw.isOwn(address)) {
      raw.give(address); // throws; the guard stays good for the owner
      return;
    }
    this.#isReleased = true; // first: the value may have getters, and those call this again
    try {
      this.#store(address);
    } finally {
      raw.give(address);
    }
  }

  /** Releases the lock, and leaves the value as it was. */
  releaseUnchanged(): void {
    if (this.#isReleased) return;
    raw.give(addressOf(this.#guarded));
    this.#isReleased = true;
  }

  /** Stores what the value has become. */
  #store(address: number): void {
    const value = this.#value;
    if (Object.is(value, this.#original) && isSameForAll(value)) return;
    draftValue(value, 'value');
    exchangeDraft(address + CELL);
    dropTaken();
  }

  #released(): OwnershipError {
    return new OwnershipError(
      `the guard of ${this.#guarded.name} was released: use its value only until then, or acquire it again`,
    );
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/** Whether a value that is still the same object need not be stored again: it cannot change, or all share it. */
function isSameForAll(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (isShared(value) || value instanceof SharedArrayBuffer || partOf(value) !== undefined) return true;
  return ArrayBuffer.isView(value) && value.buffer instanceof SharedArrayBuffer;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
