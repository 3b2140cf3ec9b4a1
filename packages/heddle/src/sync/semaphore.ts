import type { Named, WaitOptions } from '../base/arguments.js';
import { checkCount, checkTimeout } from '../base/arguments.js';
import { i32 } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import type { Kind } from '../memory/object.js';
import { addressOf, Attach, defineKind, KindId, Obj } from '../memory/object.js';
import { checkWaitOptions, waitAsync } from '../park/await.js';
import { probe } from '../park/probe.js';
import { wait } from '../park/wait.js';
import { Waitable } from '../park/waitable.js';
import { firstOf, grant } from '../park/waiters.js';
import type { Guard } from './guard.js';
import { OnceGuard } from './guard.js';

/**
 * The word (Obj.STATE): bits 0–28 are the free permits; QUEUED says that the list may have waiters, so that
 * nobody takes a permit past them and a release looks at the list. QUEUED changes under MUTEX only.
 */
const QUEUED = 1 << 29;
const MOST = QUEUED - 1;

/** One more than the most permits there may be; 0 for no bound. Written once, by the maker. */
const BOUND = Obj.BODY;
const WORDS: number = Obj.BODY + 2;

const kind: Kind = defineKind({
  id: KindId.SEMAPHORE,
  name: 'Semaphore',
  handles: () => Semaphore,
  blank: (name) => new Semaphore(1, { name }),
  attach: (address) => new Semaphore(new Attach(address) as unknown as number),
  admit,
  grantLost: takeBack,
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
 * *Fairness*: first come, first served; nobody takes a permit past a waiter.
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
      super(kind, WORDS, permits as unknown as Attach);
      return;
    }
    checkCount('permits', permits, 0, MOST);
    const bounded = new.target === BoundedSemaphore || new.target.prototype instanceof BoundedSemaphore;
    super(bounded ? boundedKind : kind, WORDS, options);
    i32[this.address + BOUND] = bounded ? permits + 1 : 0;
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
    if (!tryTake(address)) wait(address, address + Obj.HEAD, patience, () => attempt(address));
    return this.#guard(address);
  }

  /** Takes a permit if one is free, else returns null at once. */
  tryAcquire(): Guard | null {
    const address = addressOf(this);
    return tryTake(address) ? this.#guard(address) : null;
  }

  /** As {@link acquire}, but awaited. */
  async acquireAsync(options?: WaitOptions): Promise<Guard> {
    const address = addressOf(this);
    const patience = checkWaitOptions(options);
    if (!tryTake(address)) await waitAsync(address, address + Obj.HEAD, patience, () => attempt(address));
    return this.#guard(address);
  }

  /**
   * Gives `n` permits, 1 if omitted, and lets in as many waiters.
   *
   * @throws RangeError if `n` is not a whole number of at least 1, or a bounded semaphore would exceed its start
   */
  release(n: number = 1): void {
    give(addressOf(this), checkCount('permits', n, 1, MOST));
  }

  /** Permits that are free now. */
  get value(): number {
    return Atomics.load(i32, addressOf(this) + Obj.STATE) & MOST;
  }

  #guard(address: number): Guard {
    if (probe !== undefined) probe.acquired(address);
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

function tryTake(address: number): boolean {
  const at = address + Obj.STATE;
  for (;;) {
    const word = i32[at]!; // plain, hence cheap: the exchange sees whether it was right
    if (word === 0 || (word & QUEUED) !== 0) return false;
    if (Atomics.compareExchange(i32, at, word, word - 1) === word) return true;
  }
}

/** Under MUTEX: takes a permit if one is free and nobody waits, or marks the word so that a release looks at the list. */
function attempt(address: number): boolean {
  const at = address + Obj.STATE;
  for (;;) {
    if (tryTake(address)) return true;
    const word = Atomics.load(i32, at);
    if ((word & MOST) > 0 && (word & QUEUED) === 0) continue;
    if (Atomics.compareExchange(i32, at, word, word | QUEUED) === word) return false;
  }
}

function give(address: number, n: number): void {
  if (probe !== undefined) probe.released(address);
  const at = address + Obj.STATE;
  for (;;) {
    const word = i32[at]!; // as in tryTake
    checkRoom(address, (word & MOST) + n);
    if ((word & QUEUED) !== 0) break;
    if (Atomics.compareExchange(i32, at, word, word + n) === word) return;
  }
  lock(address + Obj.MUTEX);
  try {
    checkRoom(address, (Atomics.load(i32, at) & MOST) + n);
    Atomics.add(i32, at, n);
    admit(address);
  } finally {
    unlock(address + Obj.MUTEX);
  }
}

function checkRoom(address: number, permits: number): void {
  const bound = i32[address + BOUND]!;
  if (bound !== 0 && permits >= bound) {
    throw new RangeError(
      `this BoundedSemaphore started with ${String(bound - 1)} permits and would have ${String(permits)}: ` +
        'it was released more often than acquired',
    );
  }
  if (permits > MOST) throw new RangeError(`a semaphore has at most ${String(MOST)} permits`);
}

/** `Kind.admit`: gives the free permits to the first waiters. */
function admit(address: number): void {
  const at = address + Obj.STATE;
  for (;;) {
    const word = Atomics.load(i32, at);
    const first = firstOf(address + Obj.HEAD);
    if (first === 0) {
      if (Atomics.compareExchange(i32, at, word, word & ~QUEUED) === word) return;
    } else if ((word & MOST) === 0) {
      return;
    } else {
      grant(first, 0, at, word, word - 1);
    }
  }
}

/** `Kind.grantLost`: the permit goes to the next. */
function takeBack(address: number): void {
  Atomics.add(i32, address + Obj.STATE, 1);
  admit(address);
}
