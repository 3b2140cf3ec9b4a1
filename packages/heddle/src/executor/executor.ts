import type { MessagePort } from '../platform/workers.js';
import type { Future } from './future.js';
import type { MapOptions, Mapping } from './mapping.js';

/** How a task is submitted. */
export interface SubmitOptions {
  /** Cancels the task, as `future.cancel()` does; the future then fails with the signal's reason. */
  signal?: AbortSignal;
  /** Milliseconds that the task may run; then it is stopped, and the future fails with TimeoutError. */
  timeout?: number;
  /** Milliseconds that the task may wait for its turn; then it never runs, and the future fails with TimeoutError. */
  queueTimeout?: number;
  /**
   * From -8, the most urgent, to 7; usually 0. A step is worth 1024 places in the line: a task overtakes so many that
   * came before it, and no more.
   */
  priority?: number;
  /**
   * Array buffers and ports among the arguments, or under views or inside objects there, that go to the task: this
   * thread cannot use them any more. If the task never runs, they are gone. Each must be among the arguments, and be
   * listed once. Small buffers are copied and taken away here, which is faster than to pass them on.
   */
  transfer?: readonly (ArrayBuffer | MessagePort)[];
}

/** What an executor has done and is doing. */
export interface ExecutorStats {
  readonly name: string;
  /** Threads there are, and those that have nothing to do. */
  readonly threads: number;
  readonly idle: number;
  /** Tasks that have not begun, and that run. */
  readonly pending: number;
  readonly running: number;
  /** Tasks ever: submitted; those that have run to their end, whatever it was; those of them that failed. */
  readonly submitted: number;
  readonly finished: number;
  readonly failed: number;
  /** Tasks that were cancelled, before they began or later. */
  readonly cancelled: number;
  /** Threads ever started. */
  readonly started: number;
}

/** What runs tasks: the same whether in threads, in processes or on other machines. */
export interface Executor extends AsyncDisposable {
  submit<A extends unknown[], R>(target: (...args: A) => R, ...args: A): Future<Awaited<R>>;
  submitWith<A extends unknown[], R>(
    options: SubmitOptions,
    target: (...args: A) => R,
    ...args: A
  ): Future<Awaited<R>>;
  map<T, R>(
    target: (item: T) => R,
    items: Iterable<T> | AsyncIterable<T>,
    options?: MapOptions,
  ): Mapping<Awaited<R>>;
  shutdown(options?: ShutdownOptions): Promise<void>;
  stats(): ExecutorStats;
}

/** How an executor is shut down. */
export interface ShutdownOptions {
  /** Cancels the tasks that have not begun, instead of running them. */
  cancelPending?: boolean;
  /** Milliseconds after which the tasks that have not ended are cancelled. */
  timeout?: number;
}
