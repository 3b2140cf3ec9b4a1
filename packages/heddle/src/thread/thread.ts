import type { WaitOptions } from '../base/arguments.js';
import { checkFlag, checkOptions, checkTimeout, describe } from '../base/arguments.js';
import { ThreadStateError } from '../base/errors.js';
import { selfDeadlock } from '../sync/self-deadlock.js';
import { f64, i32, pointer } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import type { Kind } from '../memory/object.js';
import { adopt } from '../memory/handles.js';
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
import { freePayload, sharePayload, writePayload } from '../memory/payload.js';
import { checkWaitOptions, waitAsync } from '../park/await.js';
import { current, hasEnded, Option, Status, Th } from '../park/current.js';
import type { ThreadState } from '../park/thread-info.js';
import { infoOf, stateOf } from '../park/thread-info.js';
import { wait } from '../park/wait.js';
import type { ResourceLimits } from '../platform/workers.js';
import { cancelThread, terminateThread } from './cancelling.js';
import { deliver } from './deliver.js';
import { admit, endThread, errorPayload, terminated } from './ending.js';
import { importingError, isImporting } from './find-target.js';
import { joinGroup, leaveGroup } from './membership.js';
import type { Start } from './run.js';
import type { TargetRef } from './target.js';
import { describeTarget } from './target.js';
import { warmUp } from './upward.js';
import { dispatch } from './workforce.js';

const kind: Kind = defineKind({
  id: KindId.THREAD,
  name: 'Thread',
  handles: () => Thread,
  attach: (address) => new Thread(new Attach(address) as unknown as () => unknown),
  admit,
  holder: (address) => (hasEnded(address) ? 0 : i32[address + Th.TID]!),
  destroy: (address) => {
    for (const word of [Th.RESULT, Th.START, Th.REASON, Th.LIMITS]) {
      const payload = pointer(address + word);
      if (payload !== 0) freePayload(payload);
    }
    const group = pointer(address + Th.GROUP);
    if (group !== 0) release(group);
  },
});

/** How a thread is made. */
export interface ThreadOptions {
  /** Shown in reports; the default is the target's name and the thread's number. */
  name?: string;
  /** A daemon does not keep the program alive: when all other threads have ended, it is cancelled and then ended. */
  daemon?: boolean;
  /** Runs in a fresh JavaScript world that no other thread has used or will use. */
  isolate?: boolean;
  /** Limits of the thread's own memory; implies `isolate`. */
  resourceLimits?: ResourceLimits;
}

/**
 * A function that runs on another core.
 *
 * The target is an exported function of a module (the thread imports that module), or one that uses nothing from
 * around it. Arguments and the result are copied as by structured clone; heddle's own objects and shared arrays are
 * not copied but shared. Threads are siblings: none ends because the one that started it does.
 *
 * *Blocks*: `join` until the thread has ended; `joinAsync` gives a promise instead. Both end early by timeout and by
 * `cancel()` of the waiting thread, the promise also by its signal.
 *
 * *Happens before*: everything before `start()` happens before the target's first step; the target's last step happens
 * before everything after a `join` that returns or rethrows.
 *
 * Workers are reused: a thread may find what an earlier one left at the level of modules, and timers that it has
 * `unref`ed. `isolate` rules that out.
 *
 * @example
 * ```ts
 * export function sum(from: number, to: number) {
 *   let total = 0;
 *   for (let i = from; i < to; i++) total += i;
 *   return total;
 * }
 * if (isMain(import.meta)) {
 *   const thread = new Thread(sum, [0, 1e9]).start();
 *   console.log(thread.join());
 * }
 * ```
 */
export class Thread<A extends unknown[] = unknown[], R = unknown> extends Shared {
  /** What {@link start} sends; only the handle that made the thread has it. */
  #start: { target: TargetRef; args: A; group: number } | undefined;

  /**
   * @param target what the thread runs
   * @param args its arguments, taken when the thread starts
   * @throws TypeError if `target` is no function or `args` no array
   * @throws TargetError if the target cannot be found in a new thread: says why and what to change
   */
  constructor(target: (...args: A) => R, args?: NoInfer<A>, options?: ThreadOptions) {
    if ((target as unknown) instanceof Attach) {
      super((target as unknown as Attach).address);
      return;
    }
    const { name, daemon, isolate, resourceLimits } = checkOptions(options);
    checkFlag('daemon', daemon);
    checkFlag('isolate', isolate);
    checkLimits(resourceLimits);
    warmUp(); // finding the target takes a while the first time
    const ref = describeTarget(target);
    if (args !== undefined && !Array.isArray(args)) {
      throw new TypeError(`args must be an array of the target's arguments, not ${describe(args)}`);
    }
    const id = Atomics.add(i32, Header.NEXT_THREAD, 1);
    super(createObject(kind, Th.WORDS, name ?? `${ref.name === '' ? 'thread' : ref.name}-${String(id)}`));
    adopt(this, this.address);
    i32[this.address + Th.ID] = id;
    i32[this.address + Th.OPTIONS] =
      (daemon === true ? Option.DAEMON : 0) | (isolate === true ? Option.ISOLATE : 0);
    if (resourceLimits !== undefined)
      i32[this.address + Th.LIMITS] = writePayload(resourceLimits, 'resourceLimits');
    this.#start = { target: ref, args: args ?? ([] as unknown[] as A), group: 0 };
  }

  /** @internal Makes the thread a member of a group when it starts. */
  static inGroup<A extends unknown[], R>(thread: Thread<A, R>, group: number): Thread<A, R> {
    if (thread.#start !== undefined) thread.#start.group = group;
    return thread;
  }

  /**
   * Starts the thread.
   *
   * @throws ThreadStateError if it was started before, or was made by another thread
   * @throws CloneError if an argument cannot cross; its path starts at `args[0]`
   * @throws TargetError if a target's module is being imported in this thread: guard the program's main part with
   *   `if (isMain(import.meta))`
   */
  start(): this {
    const start = this.#start;
    const address = Thread.arm(this);
    try {
      dispatch(address);
    } catch (error) {
      // As if it had not been called: its group would wait for it for ever.
      this.#start = start;
      disarm(address);
      throw error;
    }
    return this;
  }

  /** @internal Encodes what the thread starts with, so that it can be dispatched. Returns its address. */
  static arm<A extends unknown[], R>(thread: Thread<A, R>): number {
    const address = addressOf(thread);
    const start = thread.#start;
    if (start === undefined || stateOf(address) !== 'new') {
      throw new ThreadStateError(
        `thread ${JSON.stringify(thread.name)} can be started once, by the thread that made it`,
      );
    }
    if (isImporting()) throw importingError(start.target.name);
    const crossing: Start = { target: start.target, args: start.args };
    // Taken first: a getter in an argument may call start() again.
    thread.#start = undefined;
    try {
      i32[address + Th.START] = writePayload(crossing, '');
    } catch (error) {
      thread.#start = start;
      throw error;
    }
    if (start.group !== 0) {
      if (!joinGroup(start.group, address)) {
        disarm(address);
        throw new ThreadStateError('this ThreadGroup was disposed of; make a new one for further threads');
      }
      retain(start.group);
      i32[address + Th.GROUP] = start.group;
    }
    return address;
  }

  /**
   * Blocks until the thread has ended and returns what its target returned, or throws what it threw.
   *
   * @param timeout milliseconds; omitted waits for ever, 0 looks once
   * @throws TimeoutError, CancelledError of the waiting thread
   * @throws ThreadDiedError if the thread was terminated or its worker died
   * @throws ThreadStateError if it was not started; DeadlockError if a thread joins itself
   */
  join(timeout?: number): Awaited<R> {
    const address = this.#joinable();
    const patience = checkTimeout(timeout);
    if (!hasEnded(address)) wait(address, address + Obj.HEAD, patience, () => hasEnded(address));
    return deliver(address) as Awaited<R>;
  }

  /** As {@link join}, but awaited. */
  async joinAsync(options?: WaitOptions): Promise<Awaited<R>> {
    const address = this.#joinable();
    const patience = checkWaitOptions(options);
    if (!hasEnded(address)) await waitAsync(address, address + Obj.HEAD, patience, () => hasEnded(address));
    return deliver(address) as Awaited<R>;
  }

  /**
   * Asks the thread to stop: each heddle wait in it, now and later, throws CancelledError, and so does
   * `checkCancelled()`. A target that catches the error and returns still gives its result. Does nothing to a thread
   * that has ended.
   *
   * @param reason becomes the `cause` of those errors
   * @throws CloneError if the reason cannot cross
   */
  cancel(reason?: unknown): void {
    cancelThread(addressOf(this), reason);
  }

  /**
   * Ends the thread at once, whatever it is doing, also in an endless loop or a wait. What it holds is abandoned, so
   * prefer {@link cancel}. Fulfilled when the thread has ended; does nothing to a thread that has ended.
   */
  async terminate(): Promise<void> {
    const address = addressOf(this);
    if (hasEnded(address)) return;
    if (Atomics.compareExchange(i32, address + Th.STATUS, Status.NEW, Status.RUNNING) === Status.NEW) {
      this.#start = undefined;
      endThread(address, Status.TERMINATED, errorPayload(terminated()));
      return;
    }
    retain(address);
    terminateThread(address);
    await waitAsync(address, address + Obj.HEAD, { timeout: Infinity, signal: undefined }, () =>
      hasEnded(address),
    );
  }

  /** A number that no other thread of this program has. */
  get id(): number {
    return i32[addressOf(this) + Th.ID]!;
  }

  /** Whether the program may end while this thread runs. */
  get daemon(): boolean {
    return infoOf(addressOf(this)).daemon;
  }

  /** What the thread is doing, or how it ended. */
  get state(): ThreadState {
    return stateOf(addressOf(this));
  }

  /** Whether it was started and has not ended. */
  get alive(): boolean {
    return this.state === 'running';
  }

  #joinable(): number {
    const address = addressOf(this);
    if (address === current) {
      throw selfDeadlock(
        `thread ${JSON.stringify(this.name)} joins itself, which would wait for ever`,
        'Join it from another thread',
        { kind: 'Thread', name: this.name, id: this.id },
        false,
      );
    }
    if (this.state === 'new') {
      throw new ThreadStateError(
        `thread ${JSON.stringify(this.name)} was not started; call start() before join()`,
      );
    }
    return address;
  }

  protected override describeState(): string {
    const state = `${this.state}, id ${String(this.id)}`;
    return hasEnded(this.address) ? `${state}, ran ${runTime(this.address).toFixed(1)} ms` : state;
  }
}

/** What a thread is made of that is known by its address only. */
export interface ThreadPlan {
  readonly ref: TargetRef;
  readonly args: readonly unknown[];
  readonly name: string;
  /** Bits of {@link Option}. */
  readonly options: number;
  /** A payload with resource limits, of which it gets a reference, or 0. */
  readonly limits: number;
  /** What it belongs to: its kind is told of the thread's end (`Kind.memberEnded`). */
  readonly group: number;
}

/** Makes a thread without a handle, ready to be dispatched; the caller gets a reference. @throws OutOfMemoryError */
export function makeThread({ ref, args, name, options, limits, group }: ThreadPlan): number {
  const start: Start = { target: ref, args };
  const payload = writePayload(start, '');
  let thread: number;
  try {
    thread = createObject(kind, Th.WORDS, name);
  } catch (error) {
    freePayload(payload);
    throw error;
  }
  if (limits !== 0) sharePayload(limits);
  retain(group);
  i32[thread + Th.ID] = Atomics.add(i32, Header.NEXT_THREAD, 1);
  i32[thread + Th.OPTIONS] = options;
  i32[thread + Th.START] = payload;
  i32[thread + Th.LIMITS] = limits;
  i32[thread + Th.GROUP] = group;
  return thread;
}

/** Takes back what a thread was to start with. */
function disarm(address: number): void {
  freePayload(pointer(address + Th.START));
  i32[address + Th.START] = 0;
  const group = pointer(address + Th.GROUP);
  if (group === 0) return;
  i32[address + Th.GROUP] = 0;
  leaveGroup(group, address);
  release(group);
}

/** @throws TypeError if these are no limits. */
export function checkLimits(limits: unknown): void {
  if (limits === undefined) return;
  if (typeof limits !== 'object' || limits === null)
    throw new TypeError(`resourceLimits must be an object, not ${describe(limits)}`);
  for (const [name, value] of Object.entries(limits) as [string, unknown][]) {
    if (typeof value !== 'number' && value !== undefined)
      throw new TypeError(`resourceLimits.${name} must be a number, not ${describe(value)}`);
  }
}

/** Milliseconds from a thread's first step to its end, or to 0 if it never began. */
function runTime(thread: number): number {
  const started = f64[(thread + Th.STARTED) >> 1]!;
  return started === 0 ? 0 : f64[(thread + Th.ENDED) >> 1]! - started;
}

/**
 * Makes a thread and starts it.
 *
 * @throws what `new Thread` and `start` throw
 * @example
 * ```ts
 * const thread = spawn(sum, 0, 1e9);
 * console.log(thread.join());
 * ```
 */
export function spawn<A extends unknown[], R>(target: (...args: A) => R, ...args: A): Thread<A, R> {
  return new Thread(target, args).start();
}
