import type { Named, WaitOptions } from '../base/arguments.js';
import { checkFunction } from '../base/arguments.js';
import { OwnershipError } from '../base/errors.js';
import { i32, pointer } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import type { Kind } from '../memory/object.js';
import { addressOf, Attach, defineKind, KindId, Obj, titleOf } from '../memory/object.js';
import { freePayload, readPayload, writePayload } from '../memory/payload.js';
import { tid } from '../memory/records.js';
import { resourceOf, selfDeadlock } from './self-deadlock.js';
import { checkWaitOptions, waitAsync } from '../park/await.js';
import { W } from '../park/waiter.js';
import { wait } from '../park/wait.js';
import { Waitable } from '../park/waitable.js';
import { firstOf, grant, grantAll } from '../park/waiters.js';
import { countHolding } from './raw-lock.js';

/**
 * The word (Obj.STATE): 0 nobody has run `init`; a tid: that thread runs it; -1 it is done and RESULT has the value.
 * 0 → tid and tid → 0 (it threw, or its thread died) or -1 under MUTEX; a waiter is granted with the word set to its
 * own tid when it is to try next.
 */
const DONE = -1;
/** Payload with the value; written before the word becomes DONE. */
const RESULT = Obj.BODY;
const WORDS: number = Obj.BODY + 2;

const kind: Kind = defineKind({
  id: KindId.ONCE,
  name: 'Once',
  handles: () => Once,
  blank: (name) => new Once({ name }),
  attach: (address) => new Once(new Attach(address) as Named),
  admit,
  ownerEnded: (address, ended) => conclude(address, ended, 0),
  isHeld: (address) => Atomics.load(i32, address + Obj.STATE) === tid,
  holder: (address) => Math.max(0, Atomics.load(i32, address + Obj.STATE)),
  heldBy: (address, its) => Atomics.load(i32, address + Obj.STATE) === its,
  grantLost: (address, waiter) => {
    conclude(address, i32[waiter + W.TID]!, 0);
    admit(address);
  },
  destroy: (address) => {
    if (i32[address + RESULT] !== 0) freePayload(pointer(address + RESULT));
  },
});

/**
 * Runs an initialisation once for all threads: the first to come runs it, the others wait for its value.
 *
 * *Blocks*: `run` while another thread runs `init`; `runAsync` gives a promise instead and may be given an `init` that
 * returns one. Both end early by `thread.cancel()`, and `runAsync` by timeout and signal, while they wait.
 *
 * *Fairness*: if `init` throws, that call throws and the thread that has waited longest runs its own.
 *
 * *Happens before*: everything in the `init` that succeeded happens before everything after each `run`.
 *
 * The value crosses to the other threads as an argument does: each gets its own copy, once, or the shared object
 * itself if it is one of heddle's.
 *
 * @example
 * ```ts
 * const once = new Once<Float64Array>();
 * const table = once.run(() => fill(sharedArray('f64', 1e6)));
 * ```
 */
export class Once<T> extends Waitable {
  #value: { readonly of: T } | undefined;

  /** @param options `name` is shown in reports. */
  constructor(options?: Named) {
    super(kind, WORDS, options);
  }

  /**
   * Returns the value of the one `init` that succeeded, running this one if none has yet.
   *
   * @throws whatever `init` throws; CancelledError while waiting for another thread's
   * @throws DeadlockError if `init` itself calls this
   * @throws CloneError if the value cannot cross to other threads
   */
  run(init: () => T): T {
    checkFunction('init', init);
    const address = addressOf(this);
    if (!isDone(address)) {
      wait(address, address + Obj.HEAD, Infinity, () => attempt(address, true));
      if (!isDone(address)) this.#finish(address, begin(), () => init());
    }
    return this.#read(address);
  }

  /** As {@link run}, but awaited, and `init` may return a promise. */
  async runAsync(init: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    checkFunction('init', init);
    const address = addressOf(this);
    const patience = checkWaitOptions(options);
    if (!isDone(address)) {
      await waitAsync(address, address + Obj.HEAD, patience, () => attempt(address, false));
      if (!isDone(address)) {
        const runner = begin();
        const value = await settled(address, runner, init);
        this.#finish(address, runner, () => value);
      }
    }
    return this.#read(address);
  }

  /** Whether an `init` has succeeded. */
  get done(): boolean {
    return isDone(addressOf(this));
  }

  #finish(address: number, runner: number, init: () => T): void {
    let payload: number;
    let value: T;
    try {
      value = init();
      payload = writePayload(value, 'result');
    } catch (error) {
      giveUp(address, runner);
      throw error;
    }
    lock(address + Obj.MUTEX);
    // The thread that began this may have ended without it, and others have tried since.
    const its = Atomics.load(i32, address + Obj.STATE) === runner;
    if (its) {
      i32[address + RESULT] = payload;
      conclude(address, runner, DONE);
      admit(address);
    }
    unlock(address + Obj.MUTEX);
    if (its) {
      countHolding(-1);
      this.#value = { of: value };
    } else {
      freePayload(payload);
      if (!isDone(address)) throw lost(address);
    }
  }

  #read(address: number): T {
    this.#value ??= { of: readPayload(pointer(address + RESULT)) as T };
    return this.#value.of;
  }

  protected override describeState(): string {
    const word = Atomics.load(i32, addressOf(this) + Obj.STATE);
    return word === DONE ? 'done' : word === 0 ? 'not run' : 'running';
  }
}

function isDone(address: number): boolean {
  return Atomics.load(i32, address + Obj.STATE) === DONE;
}

/** Under MUTEX: true if it is done, or this thread is now the one to run it. */
function attempt(address: number, blocking: boolean): boolean {
  const at = address + Obj.STATE;
  const word = Atomics.load(i32, at);
  if (word === DONE) return true;
  if (word === tid && blocking) {
    throw selfDeadlock(
      `${titleOf(address)}: init is running on this thread already and would wait for itself for ever`,
      'Do not call run() from init, nor while a runAsync() of the same thread is under way',
      resourceOf(address),
      true,
    );
  }
  return word === 0 && Atomics.compareExchange(i32, at, 0, tid) === 0;
}

/** Notes that this thread, whose tid is returned, runs an `init`: should it end before that does, another may try. */
function begin(): number {
  countHolding(1);
  return tid;
}

async function settled<T>(address: number, runner: number, init: () => T | PromiseLike<T>): Promise<T> {
  try {
    return await init();
  } catch (error) {
    giveUp(address, runner);
    throw error;
  }
}

/** Ends the try of the thread `runner` without a value: the next one tries. */
function giveUp(address: number, runner: number): void {
  lock(address + Obj.MUTEX);
  const its = conclude(address, runner, 0);
  admit(address);
  unlock(address + Obj.MUTEX);
  if (its) countHolding(-1);
}

function lost(address: number): OwnershipError {
  return new OwnershipError(
    `${titleOf(address)}: the thread that ran this init ended before it, and another one runs its own now. ` +
      'Await what runAsync() returns before the target returns',
  );
}

/** Ends the try of the thread `runner`, if it has one. Under MUTEX. */
function conclude(address: number, runner: number, word: number): boolean {
  return Atomics.compareExchange(i32, address + Obj.STATE, runner, word) === runner;
}

/** `Kind.admit`: frees all if it is done, or lets the first waiter try if nobody does. */
function admit(address: number): void {
  const first = firstOf(address + Obj.HEAD);
  if (isDone(address)) grantAll(address + Obj.HEAD);
  else if (first !== 0) grant(first, 0, address + Obj.STATE, 0, i32[first + W.TID]);
}
