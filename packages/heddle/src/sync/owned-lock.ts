import type { Named } from '../base/arguments.js';
import { checkCount } from '../base/arguments.js';
import { i32 } from '../memory/heap.js';
import type { Attach, Kind } from '../memory/object.js';
import { addressOf } from '../memory/object.js';
import type { ThreadInfo } from '../park/thread-info.js';
import { infoOfTid } from '../park/thread-info.js';
import { Waitable } from '../park/waitable.js';
import type { LockStats } from './lock-stats.js';
import { lockStats } from './lock-stats.js';
import * as raw from './raw-lock.js';

/** What Lock and RLock share: an owner that can be asked for, and that may end without releasing. */
export abstract class OwnedLock extends Waitable {
  /** @internal */
  protected constructor(kind: Kind, options: Named | Attach | undefined) {
    super(kind, raw.LockWords.WORDS, options);
  }

  /**
   * Takes over a lock whose owner ended without releasing it. Call it after an `AbandonedLockError`, then check or
   * rebuild the data and release the lock. False if the lock is not abandoned.
   */
  recover(): boolean {
    return raw.recover(addressOf(this));
  }

  /**
   * States the lock's place among the locks of its class: those with the same name, or all without one. While the order of locks
   * is checked (`configure`), taking one while holding one of its class with a higher number is told of at once.
   *
   * @param n a whole number of at least 1; other locks of the class may have the same
   * @throws RangeError if `n` is not such a number
   */
  order(n: number): this {
    Atomics.store(i32, addressOf(this) + raw.LockWords.LEVEL, checkCount('order', n, 1));
    return this;
  }

  /** Whether some thread holds the lock now. */
  get locked(): boolean {
    return raw.ownerOf(addressOf(this)) !== 0;
  }

  /** The thread that holds the lock now, or null. */
  get owner(): ThreadInfo | null {
    return infoOfTid(raw.ownerOf(addressOf(this)));
  }

  /** A frozen snapshot of how much threads have waited for this lock and, while profiling, held it. */
  override stats(): LockStats {
    return Object.freeze(lockStats(addressOf(this), this.name));
  }

  protected override describeState(): string {
    return raw.describeOwner(this.address);
  }
}
