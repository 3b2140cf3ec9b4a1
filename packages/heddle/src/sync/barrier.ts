import type { Named, WaitOptions } from '../base/arguments.js';
import { checkCount, checkTimeout } from '../base/arguments.js';
import type { Kind } from '../memory/object.js';
import { addressOf, Attach, defineKind, KindId } from '../memory/object.js';
import { checkWaitOptions } from '../park/await.js';
import { Waitable } from '../park/waitable.js';
import { describeAction, loadAction } from './barrier-action.js';
import * as raw from './raw-barrier.js';

const kind: Kind = defineKind({
  id: KindId.BARRIER,
  name: 'Barrier',
  handles: () => Barrier,
  attach: (address) => new Barrier(new Attach(address) as unknown as number),
  admit: raw.admit,
  waiterLeft: raw.waiterLeft,
  ownerEnded: raw.ownerEnded,
  isHeld: raw.isTripper,
  holder: raw.tripperOf,
  destroy: raw.destroy,
});

/** Options of a {@link Barrier}. */
export interface BarrierOptions extends Named {
  /**
   * Run once in each round, by the last thread to arrive, before any is let go. As a thread's target, it is an
   * exported function, or one that captures nothing. If it throws, the barrier breaks.
   */
  action?: () => void;
  /** Milliseconds that a wait may take if the call does not say otherwise. */
  timeout?: number;
}

/**
 * A meeting point for a fixed number of threads: each waits until all have arrived, then all go on. It can be used
 * again at once for the next round.
 *
 * *Blocks*: `wait` until all parties have arrived; `waitAsync` gives a promise instead. Both end early by timeout and
 * `thread.cancel()`, the promise also by its signal. A party that leaves early, or dies while it waits, breaks the
 * barrier, since the others could never be complete: they get `BrokenBarrierError`, and so does everyone who comes
 * later, until `reset()`.
 *
 * *Happens before*: everything before a thread's arrival happens before everything after any wait of that round.
 *
 * @example
 * ```ts
 * const barrier = new Barrier(4);
 * for (let step = 0; step < steps; step++) {
 *   computeMyPart(step);
 *   barrier.wait();
 * }
 * ```
 */
export class Barrier extends Waitable {
  /**
   * @throws RangeError if `parties` is not a whole number of at least 1, or the timeout is negative or NaN
   * @throws TargetError if another thread could not find `action`
   */
  constructor(parties: number, options?: BarrierOptions) {
    if ((parties as unknown) instanceof Attach) {
      super(kind, raw.WORDS, parties as unknown as Attach);
      return;
    }
    checkCount('parties', parties, 1);
    const timeout = checkTimeout(options?.timeout);
    const action = options?.action === undefined ? undefined : describeAction(options.action);
    super(kind, raw.WORDS, options);
    raw.initialise(this.address, parties, timeout, action);
  }

  /**
   * Arrives, and blocks until all parties have arrived. Returns which of them this one was: 0 for the first, up to
   * `parties - 1` for the last.
   *
   * @param timeout milliseconds; omitted takes the barrier's own
   * @throws BrokenBarrierError if the barrier is or gets broken
   * @throws TimeoutError, CancelledError; the barrier is broken then
   * @throws whatever `action` throws, in the thread that ran it
   */
  wait(timeout?: number): number {
    const address = addressOf(this);
    const index = raw.wait(address, timeout === undefined ? raw.timeoutOf(address) : checkTimeout(timeout));
    if (index < raw.partiesOf(address) - 1) return index;
    try {
      const result: unknown = loadAction(raw.actionOf(address))?.();
      if (result instanceof Promise) {
        result.catch(() => undefined); // this call reports it
        throw new TypeError(
          'the action of a Barrier returned a promise, which wait() cannot await: use waitAsync()',
        );
      }
    } catch (error) {
      this.abort();
      throw error;
    }
    raw.open(address);
    return index;
  }

  /** As {@link wait}, but awaited; `action` may return a promise if every party uses this. */
  async waitAsync(options?: WaitOptions): Promise<number> {
    const address = addressOf(this);
    const patience = checkWaitOptions(options);
    if (options?.timeout === undefined) patience.timeout = raw.timeoutOf(address);
    const index = await raw.waitAsync(address, patience);
    if (index < raw.partiesOf(address) - 1) return index;
    try {
      await loadAction(raw.actionOf(address))?.();
    } catch (error) {
      this.abort();
      throw error;
    }
    raw.open(address);
    return index;
  }

  /** Starts afresh: those who wait get BrokenBarrierError, and a broken barrier is whole again. */
  reset(): void {
    raw.reset(addressOf(this));
  }

  /** Breaks the barrier: those who wait, and those who come, get BrokenBarrierError. */
  abort(): void {
    raw.abort(addressOf(this));
  }

  /** How many threads make a round complete. */
  get parties(): number {
    return raw.partiesOf(addressOf(this));
  }

  /** How many have arrived in the round under way. */
  get waiting(): number {
    return this.stats().waiting;
  }

  /** Whether the barrier is broken. */
  get broken(): boolean {
    return raw.isBroken(addressOf(this));
  }

  protected override describeState(): string {
    return this.broken ? 'broken' : `${String(this.waiting)} of ${String(this.parties)} waiting`;
  }
}
