import {
  checkCount,
  checkFlag,
  checkFunction,
  checkOptions,
  checkTimeout,
  describe,
  type Named,
} from '../base/arguments.js';
import { TimeoutError } from '../base/errors.js';
import { resourceOf, selfDeadlock } from '../sync/self-deadlock.js';
import { f64, i32, pointer } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import { lock, unlock } from '../memory/mutex.js';
import { addressOf, Attach, defineKind, type Kind, KindId, Obj } from '../memory/object.js';
import { freePayload, writePayload } from '../memory/payload.js';
import { waitAsync } from '../park/await.js';
import type { WaitStats } from '../park/waitable.js';
import { Waitable } from '../park/waitable.js';
import type { ResourceLimits } from '../platform/workers.js';
import type { Start } from '../thread/run.js';
import { describeTarget } from '../thread/target.js';
import { checkLimits } from '../thread/thread.js';
import { warmUp } from '../thread/upward.js';
import { admitAll, hasFinished } from './admitting.js';
import { awaitsTaskOf } from './arrivals.js';
import type { Executor, ExecutorStats, ShutdownOptions, SubmitOptions } from './executor.js';
import type { Future } from './future.js';
import { sitsAt } from './helping.js';
import { type MapOptions, Mapping } from './mapping.js';
import {
  attend,
  endAllPending,
  lookerLost,
  freeSeats,
  seats,
  startThreads,
  starterEnded,
  threadEnded,
} from './seats.js';
import { siteOf } from './site.js';
import { endIdleThreads, GRACE, stopAllRunning } from './stopping.js';
import { checkTerms, submitTask } from './submit.js';
import { freeTargets, TargetTable } from './targets.js';
import { transferList } from './transferring.js';
import { Cause, P, PoolState, S, Shape, TaskState } from './words.js';

const kind: Kind = defineKind({
  id: KindId.THREAD_POOL,
  name: 'ThreadPool',
  handles: () => ThreadPool,
  blank: (name) => new ThreadPool({ name }),
  attach: (address) => new ThreadPool(new Attach(address) as ThreadPoolOptions),
  admit: admitAll,
  memberEnded: threadEnded,
  ownerEnded: starterEnded,
  grantLost: lookerLost,
  isHeld: awaitsTaskOf,
  due: attend,
  destroy(pool) {
    freeSeats(pool);
    freeTargets(pool);
    for (const word of [P.LIMITS, P.INIT, P.CAUSE]) {
      const payload = pointer(pool + word);
      if (payload !== 0) freePayload(payload);
    }
  },
});

/** How a pool is made. */
export interface ThreadPoolOptions extends Named {
  /** Most threads; the default is one for each core. They are started when there is work for them. */
  threads?: number;
  /** Called in each thread before its first task, such as to open a database. */
  initializer?: (...args: never[]) => unknown;
  initArgs?: readonly unknown[];
  /** Most tasks that have not begun: with more, `submit` throws QueueFullError. The default is any number. */
  maxQueue?: number;
  /** Milliseconds after which a thread without work ends; the default is never. */
  idleTimeout?: number;
  /** A thread ends after so many tasks, and another takes its place in a fresh JavaScript world; the default is never. */
  maxTasksPerThread?: number;
  /** Limits of each thread's own memory. */
  resourceLimits?: ResourceLimits;
  /** Whether threads get a fresh JavaScript world that no other thread has used or will use. */
  isolate?: boolean;
}

/**
 * Threads that are kept for many tasks.
 *
 * A task is a call of a function: an exported one, or one that uses nothing from around it. Its arguments and its result
 * are copied, heddle's own objects and shared arrays are shared. A thread runs one task at a time; one that is async keeps
 * its thread until it has ended. Only a task that waits for another one of the same pool may run that in its own thread
 * meanwhile.
 *
 * *Blocks*: nothing; `shutdown` and leaving an `await using` block await the end of all tasks.
 *
 * *Fairness*: tasks begin in the order in which they were submitted, but for `priority`, which cannot keep one waiting
 * for ever.
 *
 * *Failures* stay with their task: one that throws, exits, runs out of memory or is stopped fails its own future, and a
 * thread that has ended is replaced. With the thread fails what else runs in it: the task that waits for this one and runs
 * it there. A timer that an ended task has left and that throws fails the task which runs in its thread by then. A pool is
 * broken when its initializer fails, or five threads in a row before they can take a task: then all that has not begun
 * fails with BrokenPoolError.
 *
 * A program does not end before the tasks of all pools have ended, whoever has submitted them.
 *
 * *Happens before*: as {@link Future} says.
 *
 * A pool travels as all handles do: any thread may submit tasks to it, one of its own too.
 *
 * @example
 * ```ts
 * await using pool = new ThreadPool();
 * const [a, b] = await Promise.all([pool.submit(fibonacci, 40), pool.submit(fibonacci, 41)]);
 * ```
 */
export class ThreadPool extends Waitable implements Executor {
  readonly #targets: TargetTable;

  /** @throws TypeError, RangeError, TargetError for options that make no sense; CloneError for `initArgs` */
  constructor(options?: ThreadPoolOptions) {
    if ((options as unknown) instanceof Attach) {
      super(kind, 0, options);
      this.#targets = new TargetTable(this);
      return;
    }
    const plan = checkPlan(options);
    super(kind, P.WORDS, options?.name === undefined ? {} : { name: options.name });
    this.#targets = new TargetTable(this);
    carryOut(this.address, plan);
  }

  /**
   * Has a thread of the pool call `target`.
   *
   * @throws TargetError if the function cannot be found in another thread: says why and what to change
   * @throws CloneError if an argument cannot cross; its path starts at `args[0]`
   * @throws QueueFullError if `maxQueue` tasks have not begun
   * @throws ThreadStateError if the pool was shut down; BrokenPoolError if it is broken
   */
  submit<A extends unknown[], R>(target: (...args: A) => R, ...args: A): Future<Awaited<R>> {
    addressOf(this);
    const submitted = this.#targets.get(target);
    const site = siteOf(submitted.sites);
    return submitTask(submitted, shapeOf(args), contentOf(args), site) as Future<Awaited<R>>;
  }

  /**
   * As {@link submit}, with options.
   *
   * What is in `transfer` is not this thread's any more when this returns. If it throws, it still is.
   *
   * @throws TypeError, RangeError for options that make no sense; the signal's reason if it has aborted already
   * @throws CloneError if something in `transfer` cannot be given away
   */
  submitWith<A extends unknown[], R>(
    options: SubmitOptions,
    target: (...args: A) => R,
    ...args: A
  ): Future<Awaited<R>> {
    addressOf(this);
    const terms = checkTerms(options);
    const submitted = this.#targets.get(target);
    const site = siteOf(submitted.sites);
    const transfer = transferList(options);
    let future: Future;
    try {
      future = submitTask(submitted, shapeOf(args), contentOf(args), site, terms, transfer);
    } finally {
      transfer?.close();
    }
    if (options.signal !== undefined) future.abortBy(options.signal);
    return future as Future<Awaited<R>>;
  }

  /**
   * Calls `target` for each item and gives the results: all of them as an array, if it is awaited, or one after another,
   * if it is iterated with `for await`. Items are taken from the input only as far ahead as `buffer` says, so it may be
   * endless. The first error ends the map, and cancels what has not begun.
   *
   * @example
   * ```ts
   * const sizes = await pool.map(compress, files);
   * for await (const page of pool.map(render, urls, { ordered: false })) send(page);
   * ```
   */
  map<T, R>(
    target: (item: T) => R,
    items: Iterable<T> | AsyncIterable<T>,
    options?: MapOptions,
  ): Mapping<Awaited<R>> {
    const pool = addressOf(this);
    const submitted = this.#targets.get(target);
    const site = siteOf(submitted.sites);
    return new Mapping<Awaited<R>>(
      {
        threads: i32[pool + P.THREADS]!,
        site,
        submit: (chunk) => submitTask(submitted, Shape.CHUNK, chunk, site),
        room: () => this.#room(),
      },
      items,
      options,
    );
  }

  /**
   * Lets no more tasks in, and waits until all have ended, and the threads too. Calling it again waits as well.
   *
   * @throws DeadlockError in a task of this pool, which would wait for its own end
   */
  async shutdown(options?: ShutdownOptions): Promise<void> {
    const pool = addressOf(this);
    const { cancelPending, timeout } = checkOptions(options);
    checkFlag('cancelPending', cancelPending);
    const patience = checkTimeout(timeout);
    this.#close(pool);
    if (cancelPending === true) endAllPending(pool, TaskState.CANCELLED, Cause.CANCELLED, 0);
    if (sitsAt(pool)) {
      throw selfDeadlock(
        'a task waits for the end of the pool it runs on, which waits for the task: the pool takes no more tasks',
        'Await its shutdown where it was made',
        resourceOf(pool),
        false,
      );
    }
    startThreads(pool);
    if (await this.#ended(pool, patience)) return;
    endAllPending(pool, TaskState.CANCELLED, Cause.CANCELLED, 0);
    stopAllRunning(pool);
    // A thread whose task does not stop is ended; then one that does not leave, though it has no task.
    while (!(await this.#ended(pool, 2 * GRACE))) endIdleThreads(pool);
  }

  #close(pool: number): void {
    lock(pool + Obj.MUTEX);
    if (i32[pool + Obj.STATE] === PoolState.OPEN) Atomics.store(i32, pool + Obj.STATE, PoolState.SHUT);
    admitAll(pool);
    unlock(pool + Obj.MUTEX);
  }

  /** Whether all threads have ended within so many milliseconds. */
  async #ended(pool: number, timeout: number): Promise<boolean> {
    try {
      await waitAsync(pool, pool + P.JOINERS, { timeout, signal: undefined }, () => hasFinished(pool));
      return true;
    } catch (error) {
      if (error instanceof TimeoutError) return false;
      throw error;
    }
  }

  /** Fulfilled when a task can be submitted, or never again. */
  async #room(): Promise<void> {
    const pool = addressOf(this);
    await waitAsync(
      pool,
      pool + P.SENDERS,
      { timeout: Infinity, signal: undefined },
      () => i32[pool + Obj.STATE] !== PoolState.OPEN || i32[pool + P.PENDING]! < i32[pool + P.MOST_PENDING]!,
    );
  }

  /** As {@link shutdown}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  /** A frozen snapshot of what the pool has done and is doing. */
  override stats(): ExecutorStats & WaitStats {
    const pool = addressOf(this);
    const waits = super.stats();
    lock(pool + Obj.MUTEX);
    let running = 0;
    let idle = 0;
    let finished = 0;
    let failed = 0;
    for (const seat of seats(pool)) {
      if (i32[seat + S.TASK] !== 0) running++;
      else if (i32[seat + S.ARRIVED] === 1) idle++;
      finished += f64[(seat + S.FINISHED) >> 1]!;
      failed += f64[(seat + S.FAILED) >> 1]!;
    }
    const stats = {
      ...waits,
      threads: i32[pool + P.LIVE]!,
      idle,
      pending: i32[pool + P.PENDING]!,
      running,
      submitted: f64[(pool + P.SUBMITTED) >> 1]!,
      finished,
      failed,
      cancelled: f64[(pool + P.CANCELLED) >> 1]!,
      started: i32[pool + P.STARTED]!,
    };
    unlock(pool + Obj.MUTEX);
    return Object.freeze(stats);
  }

  protected override describeState(): string {
    const pool = this.address;
    const state = ['', 'shut down, ', 'broken, '][i32[pool + Obj.STATE]!] ?? '';
    return `${state}${String(i32[pool + P.LIVE])} of ${String(i32[pool + P.THREADS])} threads, ${String(i32[pool + P.PENDING])} tasks pending`;
  }
}

/** How the arguments of a task stand in its record: an only one without an array around it. */
function shapeOf(args: readonly unknown[]): number {
  return args.length === 0 ? Shape.NONE : args.length === 1 ? Shape.ONE : Shape.MANY;
}

function contentOf(args: readonly unknown[]): unknown {
  return args.length === 1 ? args[0] : args;
}

/** A pool's options, checked. Payloads belong to the pool that is made with them. */
interface Plan {
  readonly threads: number;
  readonly mostPending: number;
  readonly mostTasks: number;
  readonly idleTimeout: number;
  readonly isolated: boolean;
  readonly limits: ResourceLimits | undefined;
  readonly init: Start | undefined;
}

function checkPlan(options: ThreadPoolOptions | undefined): Plan {
  const o = checkOptions(options);
  checkFlag('isolate', o.isolate);
  checkLimits(o.resourceLimits);
  if (o.initializer !== undefined) checkFunction('initializer', o.initializer);
  if (o.initArgs !== undefined && !Array.isArray(o.initArgs))
    throw new TypeError(
      `initArgs must be an array of the initializer's arguments, not ${describe(o.initArgs)}`,
    );
  if (o.initArgs !== undefined && o.initializer === undefined)
    throw new TypeError('initArgs were given without an initializer');
  warmUp();
  return {
    threads: o.threads === undefined ? i32[Header.CORES]! : checkCount('threads', o.threads, 1, 4000),
    mostPending:
      o.maxQueue === undefined || o.maxQueue === Infinity
        ? 0x7fff_ffff
        : checkCount('maxQueue', o.maxQueue, 1),
    mostTasks:
      o.maxTasksPerThread === undefined || o.maxTasksPerThread === Infinity
        ? 0
        : checkCount('maxTasksPerThread', o.maxTasksPerThread, 1),
    idleTimeout: checkTimeout(o.idleTimeout, 'idleTimeout'),
    isolated: o.isolate === true || (o.maxTasksPerThread ?? Infinity) !== Infinity,
    limits: o.resourceLimits,
    init:
      o.initializer === undefined
        ? undefined
        : { target: describeTarget(o.initializer), args: (o.initArgs as unknown[] | undefined) ?? [] },
  };
}

function carryOut(pool: number, plan: Plan): void {
  i32[pool + P.THREADS] = plan.threads;
  i32[pool + P.MOST_PENDING] = plan.mostPending;
  i32[pool + P.MOST_TASKS] = plan.mostTasks;
  i32[pool + P.ISOLATED] = plan.isolated ? 1 : 0;
  f64[(pool + P.IDLE_TIMEOUT) >> 1] = plan.idleTimeout;
  if (plan.limits !== undefined) i32[pool + P.LIMITS] = writePayload(plan.limits, 'resourceLimits');
  if (plan.init !== undefined) i32[pool + P.INIT] = writePayload(plan.init, '');
}
