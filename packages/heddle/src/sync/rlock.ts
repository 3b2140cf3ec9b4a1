import type { Named, WaitOptions } from '../base/arguments.js';
import { checkTimeout } from '../base/arguments.js';
import { i32 } from '../memory/heap.js';
import type { Kind } from '../memory/object.js';
import { addressOf, Attach, defineKind, KindId } from '../memory/object.js';
import { checkWaitOptions } from '../park/await.js';
import type { Guard } from './guard.js';
import { OnceGuard } from './guard.js';
import { OwnedLock } from './owned-lock.js';
import * as raw from './raw-lock.js';

const { DEPTH } = raw.LockWords;

const kind: Kind = defineKind({
  id: KindId.RLOCK,
  name: 'RLock',
  handles: () => RLock,
  blank: (name) => new RLock({ name }),
  attach: (address) => new RLock(new Attach(address) as Named),
  admit: raw.admit,
  retry: raw.retry,
  ownerEnded: raw.ownerEnded,
  isHeld: raw.isOwn,
  holder: raw.ownerOf,
  heldBy: raw.isHeldBy,
});

/**
 * A re-entrant lock: the thread that holds it may take it again, and gives it back as many times.
 *
 * *Blocks*: `acquire` until no other thread holds it; `acquireAsync` gives a promise instead. Both end early by
 * timeout and `thread.cancel()`, the promise also by its signal. Ownership is by thread: while one task of a thread
 * holds the lock, every task of that thread may take it again.
 *
 * *Fairness* and *happens before*: as {@link Lock}; the release that counts is the last one.
 *
 * @example
 * ```ts
 * const lock = new RLock();
 * function outer() {
 *   using guard = lock.acquire();
 *   inner(); // takes the lock again
 * }
 * function inner() {
 *   using guard = lock.acquire();
 * }
 * ```
 */
export class RLock extends OwnedLock {
  /** @param options `name` is shown in reports. */
  constructor(options?: Named) {
    super(kind, options);
  }

  /**
   * Blocks until no other thread holds the lock and takes it, or takes it once more.
   *
   * @param timeout milliseconds; omitted waits for ever, 0 tries once
   * @throws TimeoutError if the lock is not free in time
   * @throws CancelledError if the thread is cancelled meanwhile
   * @throws AbandonedLockError if its owner ended without releasing it
   */
  acquire(timeout?: number): Guard {
    const address = addressOf(this);
    const patience = checkTimeout(timeout);
    if (raw.isOwn(address)) i32[address + DEPTH]! += 1;
    else raw.take(address, patience);
    return this.#guard();
  }

  /** Takes the lock if no other thread holds it, else returns null at once. @throws AbandonedLockError */
  tryAcquire(): Guard | null {
    const address = addressOf(this);
    if (raw.isOwn(address)) i32[address + DEPTH]! += 1;
    else if (!raw.tryTake(address)) return null;
    return this.#guard();
  }

  /** As {@link acquire}, but awaited. */
  async acquireAsync(options?: WaitOptions): Promise<Guard> {
    const address = addressOf(this);
    const patience = checkWaitOptions(options);
    if (raw.isOwn(address)) i32[address + DEPTH]! += 1;
    else await raw.takeAsync(address, patience);
    return this.#guard();
  }

  /** Gives the lock back once. @throws OwnershipError if this thread does not hold it */
  release(): void {
    const address = addressOf(this);
    // Only the owner's count matters, and only the owner passes both tests.
    if (raw.isOwn(address) && i32[address + DEPTH]! > 0) i32[address + DEPTH]! -= 1;
    else raw.give(address);
  }

  /** How often the calling thread holds the lock: 0 if another thread or none does. */
  get depth(): number {
    const address = addressOf(this);
    return raw.isOwn(address) ? i32[address + DEPTH]! + 1 : 0;
  }

  #guard(): Guard {
    return new OnceGuard(() => {
      try {
        this.release();
      } catch (error) {
        if (!raw.isLost(this.address)) throw error;
      }
    });
  }
}
