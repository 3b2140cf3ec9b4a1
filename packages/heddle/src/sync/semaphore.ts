import type { Named, WaitOptions } from '../base/arguments.js';
import { checkCount, checkTimeout } from '../base/arguments.js';
import { i32 } from '../memory/heap.js';
import type { Kind } from '../memory/object.js';
import { addressOf, Attach, defineKind, KindId, Obj } from '../memory/object.js';
import { checkWaitOptions, waitAsync } from '../park/await.js';
import { probe, Side } from '../park/probe.js';
import { Waitable } from '../park/waitable.js';
import type { Guard } from './guard.js';
import { OnceGuard } from './guard.js';
import * as raw from './raw-semaphore.js';

const kind: Kind = defineKind({
  id: KindId.SEMAPHORE,
  name: 'Semaphore',
  handles: () => Semaphore,
  blank: (name) => new Semaphore(1, { name }),
  attach: (address) => new Semaphore(new Attach(address) as unknown as number),
  admit: raw.admit,
  retry: raw.retry,
  grantLost: raw.takeBack,
});

const boundedKind: Kind = defineKind({
  ...kind,
  id: KindId.BOUNDED_SEMAPHORE,
  name: 'BoundedSemaphore',
  handles: () => BoundedSemaphore,
  blank: (name) => new BoundedSemaphore(1, { name }),
  attach: (address) => new BoundedSemaphore(new Attach(address) as unknown as number),
});

/**
 * A counter of permits: `acquire` takes one and waits while there is none, `release` gives some.
 *
 * *Blocks*: `acquire` until a permit is free; `acquireAsync` gives a promise instead. Both end early by timeout and
 * `thread.cancel()`, the promise also by its signal. Permits have no owner: any thread may release, also more than
 * was acquired (a {@link BoundedSemaphore} refuses that), and a thread that ends with permits takes them with it.
 *
 * *Fairness*: waiters are served in the order in which they came. A running thread may take a free permit before a
 * blocked waiter that is only waking up; one that has waited for a millisecond gets the next permit, whatever else runs.
 *
 * *Happens before*: everything before a release happens before everything after the acquisition that takes its permit.
 *
 * @example
 * ```ts
 * const connections = new Semaphore(3);
 * {
 *   using permit = connections.acquire();
 *   download();
 * }
 * ```
 */
export class Semaphore extends Waitable {
  /**
   * @param permits free permits at the start, 1 if omitted
   * @throws RangeError if `permits` is not a whole number of at least 0
   */
  constructor(permits: number = 1, options?: Named) {
    if ((permits as unknown) instanceof Attach) {
      super(kind, raw.WORDS, permits as unknown as Attach);
      return;
    }
    checkCount('permits', permits, 0, raw.MOST);
    const bounded = new.target === BoundedSemaphore || new.target.prototype instanceof BoundedSemaphore;
    super(bounded ? boundedKind : kind, raw.WORDS, options);
    i32[this.address + raw.BOUND] = bounded ? permits + 1 : 0;
    Atomics.store(i32, this.address + Obj.STATE, permits);
  }

  /**
   * Blocks until a permit is free and takes it.
   *
   * @param timeout milliseconds; omitted waits for ever, 0 tries once
   * @throws TimeoutError, CancelledError
   */
  acquire(timeout?: number): Guard {
    const address = addressOf(this);
    const patience = checkTimeout(timeout);
    raw.take(address, patience);
    return this.#guard(address);
  }

  /** Takes a permit if one is free, else returns null at once. */
  tryAcquire(): Guard | null {
    const address = addressOf(this);
    return raw.tryTake(address) ? this.#guard(address) : null;
  }

  /** As {@link acquire}, but awaited. */
  async acquireAsync(options?: WaitOptions): Promise<Guard> {
    const address = addressOf(this);
    const patience = checkWaitOptions(options);
    if (!raw.tryTake(address))
      await waitAsync(address, address + Obj.HEAD, patience, () => raw.attempt(address));
    return this.#guard(address);
  }

  /**
   * Gives `n` permits, 1 if omitted, and wakes as many waiters.
   *
   * @throws RangeError if `n` is not a whole number of at least 1, or a bounded semaphore would exceed its start
   */
  release(n: number = 1): void {
    raw.give(addressOf(this), checkCount('permits', n, 1, raw.MOST));
  }

  /** Permits that are free now. */
  get value(): number {
    return raw.permits(addressOf(this));
  }

  #guard(address: number): Guard {
    if (probe !== undefined) probe.acquired(address, Side.WHOLE);
    return new OnceGuard(() => {
      this.release();
    });
  }

  protected override describeState(): string {
    return `${String(this.value)} free`;
  }
}

/**
 * A semaphore that never has more permits than at its start: releasing once too often is a RangeError and not a
 * permit too many. Everything else is as {@link Semaphore}.
 */
export class BoundedSemaphore extends Semaphore {}
