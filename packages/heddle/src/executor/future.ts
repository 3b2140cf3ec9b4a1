import { checkTimeout } from '../base/arguments.js';
import { CancelledError } from '../base/errors.js';
import { adopt } from '../memory/handles.js';
import { i32 } from '../memory/heap.js';
import { Attach, defineKind, retain, Shared } from '../memory/object.js';
import { writePayload } from '../memory/payload.js';
import { waitAsync } from '../park/await.js';
import { cancelledError } from '../park/cancel.js';
import { wait } from '../park/wait.js';
import { onAbort } from './aborting.js';
import { Aftermath, areResolvers } from './awaiting.js';
import { drain, lookBriefly } from './arrivals.js';
import { writeError, writeOutcome } from './completion.js';
import { helpNow, helpSoon, runsHere, waitsAreCancelled, selfWait, whileBlocked } from './helping.js';
import { type Lost, noteFailure, noteRead, textOf } from './lost.js';
import { readOutcome } from './outcome.js';
import { addSite, placeOf, type Site } from './site.js';
import { due, stopTask } from './stopping.js';
import type { Submitted } from './targets.js';
import { giveBlock, isOver, keepPool, takeBlock, taskKind } from './task-blocks.js';
import { Cause, hasOutcome, T, TaskState, Waited } from './words.js';

/** What has become of a task. */
export type FutureState = 'pending' | 'running' | 'done' | 'failed' | 'cancelled';

const STATES: readonly FutureState[] = ['pending', 'running', 'running', 'done', 'failed', 'cancelled'];

/** What seldom has to be known of a future. */
interface Rare {
  /** Called once it has settled. */
  watchers?: Set<Watcher>;
  /** The reason of the signal that has aborted it. */
  abort?: { readonly reason: unknown };
  /** Whether its worker, which did not submit the task, waits for its end. */
  watched?: boolean;
}

/** Who is told when a future has settled, or that this thread was cancelled before. */
interface Watcher {
  readonly settled: () => void;
  readonly cancelled: ((reason: unknown) => void) | undefined;
}

defineKind({
  ...taskKind,
  due,
  handles: () => Future,
  attach: (address) => new Future(new Attach(address)),
});

/**
 * The result of a task, now or later.
 *
 * A future is a promise that can also be asked, waited for without `await`, and cancelled. Once it has settled, its task
 * has ended; only timers and callbacks that it has left may still run.
 *
 * *Blocks*: `result` and `exception`, until the task has ended; `await` gives way to the event loop instead. Both end early
 * by `cancel()` of the waiting thread, the blocking ones also by timeout. A thread of the same pool that waits runs the
 * task itself, if that has not begun, so a pool never starves of waiting for itself.
 *
 * A failure that nobody reads, by `await`, `then`, `result` or `exception`, is printed at exit with the line that
 * submitted the task, and makes the exit status 1.
 *
 * *Happens before*: everything before `submit` happens before the task's first step; its last step happens before
 * everything after an `await` or a `result` that returns or throws. Futures travel as all handles do: each thread that
 * reads one gets a copy of the result of its own.
 *
 * @example
 * ```ts
 * const future = pool.submit(fibonacci, 40);
 * console.log(future.state); // running
 * console.log(await future); // or, blocking: future.result()
 * ```
 */
export class Future<R = unknown> extends Shared implements PromiseLike<R> {
  /** The task's block while its outcome has not been read here; else 0. */
  #task: number;
  /** What this worker knows of a task that it has submitted itself. */
  readonly #origin: Submitted | undefined;
  readonly #site: Site | undefined;
  /** The address by which it travels, once it has; it is among this worker's handles then. */
  #address = 0;
  #state: number = TaskState.PENDING;
  #outcome: unknown;
  #promise: Promise<R> | undefined;
  #resolve: ((value: R) => void) | undefined;
  #reject: ((reason: unknown) => void) | undefined;
  #read = false;
  #rare: Rare | undefined;

  /** @internal Futures come from `submit`. */
  constructor(from: Attach | Submitted, task: number = 0, site?: Site) {
    if (from instanceof Attach) {
      super(from.address);
      this.#task = this.#address = from.address;
      this.#origin = this.#site = undefined;
    } else if (task > 0) {
      super(0);
      this.#task = task;
      this.#origin = from;
      this.#site = site;
    } else {
      throw new TypeError('futures come from submit() of a pool: there is nothing to make one from');
    }
  }

  // --- reading it ---------------------------------------------------------------------------------------

  /** What has become of the task. */
  get state(): FutureState {
    const state = this.#task === 0 ? this.#state : Atomics.load(i32, this.#task + T.STATE);
    return STATES[state] ?? 'pending';
  }

  /** As a promise's. */
  then<A = R, B = never>(
    fulfilled?: ((value: R) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (this.#origin !== undefined && this.#promise === undefined && areResolvers(fulfilled, rejected)) {
      this.#settleBy(fulfilled as (value: R) => void, rejected as (reason: unknown) => void);
      return new Aftermath(this) as unknown as Promise<A | B>;
    }
    return this.#asPromise().then(fulfilled, rejected);
  }

  /** As a promise's. */
  catch<B = never>(rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<R | B> {
    return this.#asPromise().then(undefined, rejected);
  }

  /** As a promise's. */
  finally(settled?: (() => void) | null): Promise<R> {
    return this.#asPromise().finally(settled);
  }

  /**
   * Blocks until the task has ended and returns its result, or throws its error.
   *
   * @param timeout milliseconds; omitted waits for ever, 0 looks once
   * @throws TimeoutError, CancelledError of the waiting thread
   * @throws DeadlockError if the task runs on the very thread that would wait for it
   */
  result(timeout?: number): R {
    this.#await(checkTimeout(timeout));
    this.#collect();
    if (this.#state === TaskState.DONE) return this.#outcome as R;
    throw this.#outcome;
  }

  /**
   * Blocks until the task has ended and returns its error, or `undefined` if it has a result.
   *
   * @throws as {@link result}, but for the task's own error
   */
  exception(timeout?: number): unknown {
    this.#await(checkTimeout(timeout));
    this.#collect();
    return this.#state === TaskState.DONE ? undefined : this.#outcome;
  }

  /**
   * Cancels the task. One that has not begun never runs. One that runs is asked to stop, as by `thread.cancel()`: its
   * heddle waits and `checkCancelled()` throw CancelledError; if it has not ended a moment later (100 ms), its thread is ended and
   * replaced. One that waits for another task, and runs it in its own thread meanwhile, is asked when that has ended. The
   * other way round, where the one within is cancelled, the waits of an async task around it throw too until it has ended,
   * and if its thread is ended, both fail. The future fails with CancelledError once the task has stopped, whatever it
   * returns then.
   *
   * @param reason becomes the `cause` of that error
   * @returns false if the task had ended, or was stopped before
   * @throws CloneError if the reason cannot cross
   */
  cancel(reason?: unknown): boolean {
    if (this.#task === 0 || hasOutcome(Atomics.load(i32, this.#task + T.STATE))) return false;
    const payload = reason === undefined ? 0 : writePayload(reason, 'reason');
    // Read only now: a getter in the reason may have let this future settle, and its block is used again then.
    const stopped = stopTask(this.#task, Cause.CANCELLED, payload);
    drain();
    return stopped;
  }

  // --- how it gets there --------------------------------------------------------------------------------

  /** @internal Has a signal cancel it. */
  abortBy(signal: AbortSignal): void {
    const rare = (this.#rare ??= {});
    const settled = onAbort(signal, () => {
      rare.abort = { reason: signal.reason };
      this.cancel();
    });
    // It need not be awaited for that.
    (rare.watchers ??= new Set()).add({ settled, cancelled: undefined });
  }

  /**
   * @internal Calls `settled` once it has settled, which does not count as reading it; or `cancelled` with the reason if
   * this thread is cancelled before. Returns what takes that back.
   */
  whenSettled(settled: () => void, cancelled?: (reason: unknown) => void): () => void {
    if (this.#task === 0) {
      queueMicrotask(settled);
      return () => undefined;
    }
    const rare = (this.#rare ??= {});
    const watcher = { settled, cancelled };
    (rare.watchers ??= new Set()).add(watcher);
    this.#prepare();
    if (this.#task !== 0 && waitsAreCancelled()) this.giveUp();
    return () => {
      this.#rare?.watchers?.delete(watcher);
    };
  }

  /** @internal This thread was cancelled: who awaits the task here is told so, and may ask again. */
  giveUp(reason: unknown = cancelledError()): void {
    const reject = this.#reject;
    this.#promise = this.#resolve = this.#reject = undefined;
    reject?.(reason);
    const watchers = this.#rare?.watchers;
    for (const watcher of watchers ?? []) {
      if (watcher.cancelled === undefined) continue;
      watchers?.delete(watcher);
      watcher.cancelled(reason);
    }
  }

  /** @internal Whether it may still use its pool, whoever has disposed of that here. */
  needs(pool: number): boolean {
    return this.#task !== 0 && i32[this.#task + T.POOL] === pool;
  }

  /** @internal The task has ended, and its block belongs to this worker. */
  arrive(task: number): void {
    if (this.#task !== 0) this.#take(task, this.#address === 0);
    giveBlock(task);
  }

  /** Takes over the outcome of the task, which has ended. */
  #take(task: number, ours: boolean): void {
    this.#task = 0;
    this.#state = i32[task + T.STATE]!;
    try {
      this.#outcome = readOutcome(task, ours, this.name);
    } catch (error) {
      this.#state = TaskState.FAILED;
      this.#outcome = error;
    }
    if (this.#state !== TaskState.DONE) this.#dress();
    this.#announce();
  }

  #dress(): void {
    const abort = this.#rare?.abort;
    if (abort !== undefined && this.#outcome instanceof CancelledError) this.#outcome = abort.reason;
    else if (this.#site !== undefined) addSite(this.#outcome, this.#site);
    if (this.#state === TaskState.FAILED && !this.#read && this.#origin !== undefined) noteFailure(this);
  }

  #announce(): void {
    if (this.#state === TaskState.DONE) this.#resolve?.(this.#outcome as R);
    else this.#reject?.(this.#outcome);
    const watchers = this.#rare?.watchers;
    this.#rare = undefined;
    if (watchers !== undefined) for (const { settled } of watchers) settled();
  }

  #asPromise(): Promise<R> {
    if (this.#promise !== undefined) return this.#promise;
    const promise = new Promise<R>((resolve, reject) => {
      this.#settleBy(resolve, reject);
    });
    // Not kept if it was rejected at once since this thread is cancelled: its reader may ask again.
    if (this.#task === 0 || this.#resolve !== undefined) this.#promise = promise;
    return promise;
  }

  /** Settles a promise as this future is settled, now or later. */
  #settleBy(resolve: (value: R) => void, reject: (reason: unknown) => void): void {
    this.#collect();
    if (this.#task !== 0) this.#prepare();
    if (this.#task === 0) {
      if (this.#state === TaskState.DONE) resolve(this.#outcome as R);
      else reject(this.#outcome);
    } else if (waitsAreCancelled()) {
      reject(cancelledError());
    } else if (this.#resolve === undefined) {
      this.#resolve = resolve;
      this.#reject = reject;
    } else {
      this.whenSettled(() => {
        this.#settleBy(resolve, reject);
      }, reject);
    }
  }

  /** Sees to it that an awaited task comes to its end, and that this future hears of that. */
  #prepare(): void {
    const task = this.#task;
    helpSoon(task, () => this.#task === task);
    if (this.#origin !== undefined) {
      lookBriefly();
      return;
    }
    const rare = (this.#rare ??= {});
    if (rare.watched === true) return;
    rare.watched = true;
    void this.#watch(task);
  }

  async #watch(task: number): Promise<void> {
    try {
      await waitAsync(task, task + T.HEAD, { timeout: Infinity, signal: undefined }, () => isOver(task));
      if (this.#task !== 0) this.#take(task, false);
    } catch (error) {
      if (this.#rare !== undefined) this.#rare.watched = false;
      this.giveUp(error);
    }
  }

  #await(patience: number): void {
    if (this.#task !== 0) drain();
    const task = this.#task;
    if (task === 0) return;
    if (!hasOutcome(Atomics.load(i32, task + T.STATE))) {
      const promised = helpNow(task, () => this.#task === task);
      if (this.#task === 0) return;
      if (runsHere(task)) throw selfWait(task, this.name, promised);
      whileBlocked(task, () => wait(task, task + T.HEAD, patience, () => isOver(task)));
    }
    // Not used up: its thread may not have put it on our stack yet.
    if (this.#task !== 0) this.#take(task, false);
  }

  #collect(): void {
    if (this.#read) return;
    this.#read = true;
    // The worker that submitted the task is the one to tell if nobody has read its failure.
    if (this.#origin === undefined) Atomics.or(i32, this.#address + T.WAITED, Waited.READ);
    else noteRead(this);
  }

  /** @internal How it is told of if nobody reads its failure. */
  tellFailure(): Lost {
    const site = this.#site === undefined ? '' : placeOf(this.#site);
    return { task: this.name, site, error: textOf(this.#outcome), block: this.#address };
  }

  // --- as a shared object -------------------------------------------------------------------------------

  /** @internal The address by which it travels: made when it is first needed, since most futures never do. */
  static addressOf(future: Future): number {
    if (future.#address === 0) {
      const task = future.#task === 0 ? future.#record() : future.#task;
      if (future.#task !== 0) {
        retain(task);
        keepPool(task);
      }
      adopt(future, task);
      future.#address = task;
    }
    return future.#address;
  }

  /** A block for an outcome that has been taken out of its own. */
  #record(): number {
    const task = takeBlock();
    try {
      if (this.#state === TaskState.DONE) writeOutcome(task, this.#outcome, 'result');
      else writeError(task, this.#outcome);
      i32[task + T.STATE] = this.#state;
      return task;
    } catch (error) {
      giveBlock(task);
      throw error;
    }
  }

  /** How the task is called: by its function. */
  override get name(): string {
    return this.#origin?.name ?? 'a task';
  }

  override toString(): string {
    return `Future { ${this.describeState()} }`;
  }

  protected override describeState(): string {
    return this.name === 'a task' ? this.state : `${this.name}, ${this.state}`;
  }
}

// An accessor in place of the field of all other handles, which the base class sets.
Object.defineProperty(Future.prototype, 'address', {
  get(this: Future) {
    return Future.addressOf(this);
  },
  set: () => undefined,
});
