import type { Named, WaitOptions } from '../base/arguments.js';
import { checkTimeout } from '../base/arguments.js';
import type { DeadlockError } from '../base/errors.js';
import { i32 } from '../memory/heap.js';
import type { Kind } from '../memory/object.js';
import { holdsWord } from '../memory/handles.js';
import { addressOf, Attach, defineKind, KindId, titleOf } from '../memory/object.js';
import type { Patience } from '../park/await.js';
import { checkWaitOptions } from '../park/await.js';
import { resourceOf, selfDeadlock } from './self-deadlock.js';
import { probe, Side } from '../park/probe.js';
import { Waitable } from '../park/waitable.js';
import type { Guard } from './guard.js';
import { OnceGuard } from './guard.js';
import { countHolding } from './raw-lock.js';
import * as raw from './raw-rwlock.js';

const kind: Kind = defineKind({
  id: KindId.RWLOCK,
  name: 'RWLock',
  handles: () => RWLock,
  blank: (name) => new RWLock({ name }),
  attach: (address) => new RWLock(new Attach(address) as Named),
  admit: raw.admit,
  ownerEnded: raw.ownerEnded,
  isHeld: (address, holds) => i32[holds]! > 0 || raw.isWriter(address),
  holder: raw.writerOf,
  heldBy: (address, its, entry) => i32[entry + 1]! > 0 || raw.writerOf(address) === its,
  grantLost: raw.grantLost,
});

/**
 * A lock that many readers may hold together, or one writer alone.
 *
 * *Blocks*: `read` while a writer holds it or waits for it, `write` while anyone holds it; the awaited twins give
 * promises instead. All end early by timeout and `thread.cancel()`, the promises also by their signal.
 *
 * *Fairness*: first come, first served, so neither readers nor writers starve: a reader that comes after a waiting
 * writer waits behind it.
 *
 * *Happens before*: everything before a writer's release happens before everything after the next acquisition of
 * either side; everything before a reader's release happens before everything after the next writer's acquisition.
 * A reader's release orders nothing for other readers.
 *
 * A writer that ends without releasing abandons the lock, as with {@link Lock}; a reader that does so is just no
 * longer a reader. There are guards only: nobody releases a side that somebody else holds.
 *
 * @example
 * ```ts
 * const lock = new RWLock();
 * {
 *   using guard = lock.read();
 *   lookUp();
 * }
 * ```
 */
export class RWLock extends Waitable {
  /** Where this thread counts how often it holds the read side; shared memory, so that its death can be undone. */
  #holdsAt = 0;

  /** @param options `name` is shown in reports. */
  constructor(options?: Named) {
    super(kind, raw.WORDS, options);
  }

  /**
   * Blocks until no writer holds the lock or waits for it, and takes the read side.
   *
   * @param timeout milliseconds; omitted waits for ever, 0 tries once
   * @throws TimeoutError, CancelledError
   * @throws DeadlockError if this thread holds the write side, or holds the read side while a writer waits
   * @throws AbandonedLockError if a writer ended without releasing it
   */
  read(timeout?: number): Guard {
    const address = addressOf(this);
    const patience = checkTimeout(timeout);
    const holds = this.#holds();
    if (probe !== undefined && patience === Infinity) probe.acquiring?.(address, Side.READ);
    if (!raw.tryRead(address, holds)) {
      if (raw.isWriter(address)) throw endless(address, 'holds the write side and would wait for itself');
      if (i32[holds]! > 0) {
        throw endless(address, 'reads already, and a writer waits that would have to go first');
      }
      raw.readSlow(address, holds, patience);
    }
    return this.#readGuard(address, holds);
  }

  /** Takes the read side if that needs no waiting, else returns null at once. @throws AbandonedLockError */
  tryRead(): Guard | null {
    const address = addressOf(this);
    const holds = this.#holds();
    return raw.tryRead(address, holds) ? this.#readGuard(address, holds) : null;
  }

  /** As {@link read}, but awaited; waits also for other tasks of this thread. */
  async readAsync(options?: WaitOptions): Promise<Guard> {
    const address = addressOf(this);
    const patience: Patience = checkWaitOptions(options);
    const holds = this.#holds();
    if (!raw.tryRead(address, holds)) await raw.readSlowAsync(address, holds, patience);
    return this.#readGuard(address, holds);
  }

  /**
   * Blocks until nobody holds the lock, and takes the write side.
   *
   * @param timeout milliseconds; omitted waits for ever, 0 tries once
   * @throws TimeoutError, CancelledError
   * @throws DeadlockError if this thread holds either side: two readers that both want to write never can
   * @throws AbandonedLockError if a writer ended without releasing it
   */
  write(timeout?: number): Guard {
    const address = addressOf(this);
    const patience = checkTimeout(timeout);
    if (i32[this.#holds()]! > 0) throw endless(address, 'reads, and would wait for its own reading to end');
    if (probe !== undefined && patience === Infinity) probe.acquiring?.(address, Side.WHOLE);
    if (!raw.tryWrite(address)) {
      if (raw.isWriter(address)) throw endless(address, 'holds the write side and would wait for itself');
      raw.writeSlow(address, patience);
    }
    return this.#writeGuard(address);
  }

  /** Takes the write side if that needs no waiting, else returns null at once. @throws AbandonedLockError */
  tryWrite(): Guard | null {
    const address = addressOf(this);
    return raw.tryWrite(address) ? this.#writeGuard(address) : null;
  }

  /** As {@link write}, but awaited; waits also for other tasks of this thread. */
  async writeAsync(options?: WaitOptions): Promise<Guard> {
    const address = addressOf(this);
    const patience = checkWaitOptions(options);
    if (!raw.tryWrite(address)) await raw.writeSlowAsync(address, patience);
    return this.#writeGuard(address);
  }

  /** As `Lock.recover`: takes the write side of an abandoned lock; release it by the guard. Null if not abandoned. */
  recover(): Guard | null {
    const address = addressOf(this);
    return raw.recover(address) ? this.#writeGuard(address) : null;
  }

  /** How many readers hold the lock now. */
  get readers(): number {
    return raw.readersOf(addressOf(this));
  }

  /** Whether a writer holds the lock now. */
  get writing(): boolean {
    return raw.writerOf(addressOf(this)) !== 0;
  }

  #holds(): number {
    if (this.#holdsAt === 0) this.#holdsAt = holdsWord(addressOf(this));
    return this.#holdsAt;
  }

  #readGuard(address: number, holds: number): Guard {
    if (probe !== undefined) probe.acquired(address, Side.READ);
    return new OnceGuard(() => {
      raw.endRead(addressOf(this), holds);
    });
  }

  #writeGuard(address: number): Guard {
    countHolding(1);
    if (probe !== undefined) probe.acquired(address, Side.WHOLE);
    return new OnceGuard(() => {
      raw.endWrite(addressOf(this));
      countHolding(-1);
    });
  }

  protected override describeState(): string {
    return raw.describeState(this.address);
  }
}

function endless(address: number, why: string): DeadlockError {
  return selfDeadlock(
    `${titleOf(address)}: this thread ${why}, so it would wait for ever`,
    'Release what it holds first, or take the write side from the start',
    resourceOf(address),
    true,
  );
}
