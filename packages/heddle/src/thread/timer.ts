import { describe } from '../base/arguments.js';
import { ThreadStateError } from '../base/errors.js';
import { i32, pointer } from '../memory/heap.js';
import type { Kind } from '../memory/object.js';
import { adopt, handleFor } from '../memory/handles.js';
import {
  addressOf,
  Attach,
  createObject,
  defineKind,
  KindId,
  Obj,
  release,
  retain,
  Shared,
} from '../memory/object.js';
import {
  enterPending,
  forgetPending,
  leavePending,
  TIMER_THREAD,
  TIMER_WORDS,
  TimerState,
} from './firing.js';
import { Thread } from './thread.js';
import { tell } from './upward.js';

const kind: Kind = defineKind({
  id: KindId.TIMER,
  name: 'Timer',
  handles: () => Timer,
  attach: (address) => new Timer(new Attach(address) as unknown as number, noTarget),
  destroy: (address) => {
    const thread = pointer(address + TIMER_THREAD);
    if (thread !== 0) release(thread);
  },
});

/** The longest delay that the platform's timers take: about 24 days. */
const LONGEST = 0x7fff_ffff;
const STATES = ['not started', 'pending', 'fired', 'cancelled'] as const;

function noTarget(): void {
  // stands where a handle is attached to a timer that exists
}

/**
 * Starts a thread after a delay, unless it is cancelled before.
 *
 * Nothing blocks, and the delay passes also while every thread is blocked: the supervisor waits. A pending timer
 * keeps the program alive.
 *
 * @example
 * ```ts
 * const timer = new Timer(5000, giveUp, [job]).start();
 * if (timer.cancel()) console.log('done in time');
 * ```
 */
export class Timer extends Shared {
  readonly #delay: number = 0;
  /** The handle that made the thread: only that one can start it. */
  readonly #made: Thread | undefined;

  /**
   * @param delay milliseconds, at most about 24 days
   * @param target what the thread runs, as for `new Thread`
   * @param args its arguments
   * @throws RangeError if `delay` is negative, NaN or too long; else what `new Thread` throws
   */
  constructor(delay: number, target: (...args: never[]) => unknown, args?: readonly unknown[]) {
    if ((delay as unknown) instanceof Attach) {
      super((delay as unknown as Attach).address);
      return;
    }
    checkDelay(delay);
    const thread = new Thread(target as (...args: unknown[]) => unknown, args as unknown[] | undefined);
    super(createObject(kind, TIMER_WORDS, `timer of ${thread.name}`));
    adopt(this, this.address);
    this.#made = thread;
    retain(addressOf(thread));
    i32[this.address + TIMER_THREAD] = addressOf(thread);
    this.#delay = delay;
  }

  /**
   * Begins the delay. Arguments are taken now.
   *
   * @throws ThreadStateError if it was started before; CloneError if an argument cannot cross
   */
  start(): this {
    const address = addressOf(this);
    const state = i32[address + Obj.STATE];
    if (state === TimerState.CANCELLED) throw cancelledBefore();
    if (state !== TimerState.NEW) throw new ThreadStateError('a Timer can be started once');
    if (this.#made === undefined)
      throw new ThreadStateError('a Timer can be started by the thread that made it');
    Thread.arm(this.#made);
    if (!enterPending(address)) throw cancelledBefore();
    retain(address);
    tell({ type: 'timer', timer: address, delay: this.#delay });
    return this;
  }

  /** Prevents the thread from starting. True if that was in time. */
  cancel(): boolean {
    const address = addressOf(this);
    if (leavePending(address, TimerState.CANCELLED)) {
      forgetPending();
      retain(address);
      tell({ type: 'timer-cancelled', timer: address });
      return true;
    }
    return (
      Atomics.compareExchange(i32, address + Obj.STATE, TimerState.NEW, TimerState.CANCELLED) ===
      TimerState.NEW
    );
  }

  /** The thread that it starts, to be joined once it has begun. */
  get thread(): Thread {
    const thread = pointer(addressOf(this) + TIMER_THREAD);
    retain(thread);
    return handleFor(thread) as unknown as Thread;
  }

  protected override describeState(): string {
    return STATES[i32[this.address + Obj.STATE]!] ?? '';
  }
}

function cancelledBefore(): ThreadStateError {
  return new ThreadStateError('this Timer was cancelled before its start; make a new one');
}

function checkDelay(delay: unknown): void {
  if (typeof delay !== 'number')
    throw new TypeError(`delay must be a number of milliseconds, not ${describe(delay)}`);
  if (!(delay >= 0 && delay <= LONGEST)) {
    throw new RangeError(
      `delay must be from 0 to ${String(LONGEST)} milliseconds (about 24 days), not ${String(delay)}`,
    );
  }
}
