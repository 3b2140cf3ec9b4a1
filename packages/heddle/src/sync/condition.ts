import type { Named, WaitOptions } from '../base/arguments.js';
import { checkCount, checkFunction, checkTimeout } from '../base/arguments.js';
import { OwnershipError, TimeoutError } from '../base/errors.js';
import { f64, i32, pointer } from '../memory/heap.js';
import { lock as lockMutex, unlock as unlockMutex } from '../memory/mutex.js';
import type { Kind } from '../memory/object.js';
import { handleFor } from '../memory/handles.js';
import { addressOf, Attach, defineKind, KindId, Obj, release, retain, titleOf } from '../memory/object.js';
import type { Patience } from '../park/await.js';
import { checkWaitOptions } from '../park/await.js';
import { current, Th } from '../park/current.js';
import { Waitable } from '../park/waitable.js';
import { sharedNow } from '../platform/clock.js';
import { firstOf } from '../park/waiters.js';
import { Lock } from './lock.js';
import * as rawCondition from './raw-condition.js';
import * as raw from './raw-lock.js';
import { RLock } from './rlock.js';

/** Address of the lock; the condition has one reference to it. Written once, by the maker. */
const LOCK = Obj.BODY;
/** The number of the thread that last notified when nobody waited, or 0, and when, a float. Under MUTEX; for reports. */
const IN_VAIN_BY = Obj.BODY + 1;
const IN_VAIN_AT = Obj.BODY + 2;
const WORDS: number = Obj.BODY + 4;

const kind: Kind = defineKind({
  id: KindId.CONDITION,
  name: 'Condition',
  handles: () => Condition,
  blank: (name) => new Condition(undefined, { name }),
  attach: (address) => new Condition(new Attach(address) as unknown as Lock),
  destroy: (address) => {
    release(pointer(address + LOCK));
  },
});

function noteInVain(address: number): void {
  i32[address + IN_VAIN_BY] = current === 0 ? 0 : i32[current + Th.ID]!;
  f64[(address + IN_VAIN_AT) >> 1] = sharedNow();
}

/** The last notification of a condition that found nobody waiting: by which thread, and when on the shared clock. */
export function lastInVain(address: number): { readonly thread: number; readonly at: number } | undefined {
  const thread = i32[address + IN_VAIN_BY]!;
  return thread === 0 ? undefined : { thread, at: f64[(address + IN_VAIN_AT) >> 1]! };
}

/**
 * Lets threads that hold a lock wait until another thread, holding it too, says that something has changed.
 *
 * *Blocks*: `wait` gives the lock back, blocks until notified, and takes the lock again; `waitAsync` does so with a
 * promise. Both end early by timeout and `thread.cancel()`, the promise also by its signal. Whatever ends a wait,
 * the caller holds the lock again afterwards; the one exception is `AbandonedLockError`.
 *
 * *Fairness*: `notify(n)` wakes exactly the `n` threads that have waited longest, and no wait ends without a
 * notification. A notified thread queues for the lock, so a `notifyAll` starts no stampede.
 *
 * *Happens before*: everything before a `notify` happens before everything after the wait that it wakes.
 *
 * Prefer {@link waitFor}: a condition that was met before the wait began is not announced again.
 *
 * @example
 * ```ts
 * const filled = new Condition();
 * // a consumer
 * {
 *   using guard = filled.lock.acquire();
 *   filled.waitFor(() => level[0] > 0);
 *   level[0] -= 1;
 * }
 * // a producer
 * {
 *   using guard = filled.lock.acquire();
 *   level[0] += 1;
 *   filled.notify();
 * }
 * ```
 */
export class Condition extends Waitable {
  /** The lock that waiting and notifying need. */
  readonly lock: Lock | RLock;

  /** @param lock the lock to use; a new {@link RLock} if omitted. @throws TypeError if it is no Lock or RLock */
  constructor(lock?: Lock | RLock, options?: Named) {
    if ((lock as unknown) instanceof Attach) {
      super(kind, WORDS, lock);
      const its = pointer(this.address + LOCK);
      retain(its);
      this.lock = handleFor(its) as Lock | RLock;
      return;
    }
    if (lock !== undefined && !(lock instanceof Lock) && !(lock instanceof RLock)) {
      throw new TypeError('a Condition needs a Lock or an RLock of heddle');
    }
    if (lock !== undefined) addressOf(lock);
    super(kind, WORDS, options);
    this.lock = lock ?? new RLock({ name: `lock of ${this.name}` });
    retain(addressOf(this.lock));
    i32[this.address + LOCK] = addressOf(this.lock);
  }

  /**
   * Gives the lock back, blocks until notified, and takes the lock again.
   *
   * @param timeout milliseconds; omitted waits for ever
   * @throws OwnershipError if this thread does not hold the lock
   * @throws TimeoutError, CancelledError; the lock is held again
   * @throws AbandonedLockError if the lock's next owner ended without releasing it
   */
  wait(timeout?: number): void {
    const patience = checkTimeout(timeout);
    rawCondition.wait(addressOf(this), this.#ownLock('wait'), patience);
  }

  /** As {@link wait}, but awaited. */
  async waitAsync(options?: WaitOptions): Promise<void> {
    const patience: Patience = checkWaitOptions(options);
    await rawCondition.waitAsync(addressOf(this), this.#ownLock('wait'), patience);
  }

  /**
   * Waits until `predicate` returns true; it is called with the lock held, at once, after each notification, and a last
   * time when the time is over.
   *
   * @param timeout milliseconds for all of it; omitted waits for ever
   * @throws as {@link wait}, and whatever `predicate` throws
   */
  waitFor(predicate: () => boolean, timeout?: number): void {
    checkFunction('predicate', predicate);
    const deadline = performance.now() + checkTimeout(timeout);
    this.#ownLock('wait');
    while (!predicate()) {
      try {
        this.wait(Math.max(0, deadline - performance.now()));
      } catch (error) {
        if (error instanceof TimeoutError && predicate()) return; // met, only not announced
        throw error;
      }
    }
  }

  /** As {@link waitFor}, but awaited. */
  async waitForAsync(predicate: () => boolean, options?: WaitOptions): Promise<void> {
    checkFunction('predicate', predicate);
    const { timeout, signal } = checkWaitOptions(options);
    const deadline = performance.now() + timeout;
    this.#ownLock('wait');
    while (!predicate()) {
      const left = Math.max(0, deadline - performance.now());
      try {
        await this.waitAsync(signal === undefined ? { timeout: left } : { timeout: left, signal });
      } catch (error) {
        if (error instanceof TimeoutError && predicate()) return;
        throw error;
      }
    }
  }

  /**
   * Wakes the `n` threads that have waited longest, or all if there are fewer.
   *
   * @throws OwnershipError if this thread does not hold the lock; RangeError if `n` is not a whole number of at least 1
   */
  notify(n: number = 1): void {
    this.#notify(checkCount('n', n, 1));
  }

  /** Wakes every thread that waits. @throws OwnershipError if this thread does not hold the lock */
  notifyAll(): void {
    this.#notify(Infinity);
  }

  #notify(most: number): void {
    const address = addressOf(this);
    const lock = this.#ownLock('notify');
    lockMutex(address + Obj.MUTEX);
    try {
      for (let left = most; left > 0; left--) {
        const waiter = firstOf(address + Obj.HEAD);
        if (waiter === 0) {
          if (left === most) noteInVain(address);
          break;
        }
        raw.queueFor(lock, waiter);
      }
    } finally {
      unlockMutex(address + Obj.MUTEX);
    }
  }

  #ownLock(what: string): number {
    const lock = addressOf(this.lock);
    if (raw.isOwn(lock)) return lock;
    throw new OwnershipError(
      `${titleOf(addressOf(this))}: ${what} needs the condition's lock, which this thread does not hold. ` +
        'Acquire condition.lock first',
    );
  }

  protected override describeState(): string {
    return `${String(this.stats().waiting)} waiting`;
  }
}
