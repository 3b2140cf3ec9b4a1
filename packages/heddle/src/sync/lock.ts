import type { Named, WaitOptions } from '../base/arguments.js';
import { checkTimeout } from '../base/arguments.js';
import type { Kind } from '../memory/object.js';
import { addressOf, Attach, defineKind, KindId } from '../memory/object.js';
import { checkWaitOptions } from '../park/await.js';
import type { Guard } from './guard.js';
import { OwnedLock } from './owned-lock.js';
import * as raw from './raw-lock.js';

const kind: Kind = defineKind({
  id: KindId.LOCK,
  name: 'Lock',
  handles: () => Lock,
  blank: (name) => new Lock({ name }),
  attach: (address) => new Lock(new Attach(address) as Named),
  admit: raw.admit,
  retry: raw.retry,
  ownerEnded: raw.ownerEnded,
  isHeld: raw.isOwn,
  holder: raw.ownerOf,
  heldBy: raw.isHeldBy,
});

/**
 * A mutual exclusion lock, owned by the thread that acquired it.
 *
 * *Blocks*: `acquire` until the lock is free; `acquireAsync` gives a promise instead and may be used while another
 * task of the same thread holds the lock. Both end early by timeout and `thread.cancel()`, the promise also by its
 * signal.
 *
 * *Fairness*: waiters queue first come, first served. A running thread may take a free lock before a waiter that
 * is still waking up; a waiter that has waited for a millisecond gets the lock at the next release.
 *
 * *Happens before*: everything before a release happens before everything after the next acquisition.
 *
 * A thread that ends while it holds the lock abandons it: waiters and later acquirers get `AbandonedLockError`
 * until one of them calls `recover()`. Departures from Python's `threading.Lock`: only the owner releases, and
 * acquiring a lock that the thread holds already throws `DeadlockError` instead of hanging.
 *
 * @example
 * ```ts
 * const lock = new Lock();
 * {
 *   using guard = lock.acquire();
 *   balance[0] += 1;
 * }
 * ```
 */
export class Lock extends OwnedLock {
  /** @param options `name` is shown in reports. */
  constructor(options?: Named) {
    super(kind, options);
  }

  /**
   * Blocks until the lock is free and takes it.
   *
   * @param timeout milliseconds; omitted waits for ever, 0 tries once
   * @throws TimeoutError if the lock is not free in time
   * @throws CancelledError if the thread is cancelled meanwhile
   * @throws DeadlockError if this thread holds the lock already
   * @throws AbandonedLockError if its owner ended without releasing it
   */
  acquire(timeout?: number): Guard {
    const address = this.address || addressOf(this);
    raw.take(address, timeout === undefined ? Infinity : checkTimeout(timeout));
    return new LockGuard(this);
  }

  /** Takes the lock if it is free, else returns null at once. @throws AbandonedLockError */
  tryAcquire(): Guard | null {
    return raw.tryTake(addressOf(this)) ? new LockGuard(this) : null;
  }

  /** As {@link acquire}, but awaited; waits also for another task of this thread. */
  async acquireAsync(options?: WaitOptions): Promise<Guard> {
    await raw.takeAsync(addressOf(this), checkWaitOptions(options));
    return new LockGuard(this);
  }

  /** Gives the lock back. @throws OwnershipError if this thread does not hold it */
  release(): void {
    raw.give(this.address || addressOf(this));
  }
}

class LockGuard implements Guard {
  #lock: Lock | undefined;

  constructor(lock: Lock) {
    this.#lock = lock;
  }

  release(): void {
    const lock = this.#lock;
    if (lock === undefined) return;
    try {
      lock.release();
    } catch (error) {
      if (!raw.isLost(lock.address)) throw error; // the guard stays good: the owner can still release it
    }
    this.#lock = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
