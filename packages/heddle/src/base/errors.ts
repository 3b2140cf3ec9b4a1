import { freezeReport, type Report } from './report.js';

/**
 * The base of every error heddle throws. `code` is stable and safe to compare;
 * the message is for people and ends with what to do next.
 */
export class HeddleError extends Error {
  /** A stable identifier: `HEDDLE_` and the class name without `Error` in upper snake case. */
  readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    const name = new.target.name;
    Object.defineProperty(this, 'name', { value: name, configurable: true, writable: true });
    this.code = codeOf(name);
  }
}

/** `QueueShutdownError` → `HEDDLE_QUEUE_SHUTDOWN`. */
function codeOf(className: string): string {
  const words = className.replace(/Error$/, '').replace(/([a-z])([A-Z])/g, '$1_$2');
  return words === 'Heddle' ? 'HEDDLE' : `HEDDLE_${words.toUpperCase()}`;
}

/** A wait did not end within its `timeout`. The primitive is as if the call had never been made. */
export class TimeoutError extends HeddleError {}

/** The thread was asked to stop by `thread.cancel()`, and one of its waits noticed. */
export class CancelledError extends HeddleError {}

/** A wait that can never end. */
export class DeadlockError extends HeddleError {
  /** Who waits for what, as plain data; undefined where no wait is concerned. */
  readonly report: Report | undefined;

  constructor(message: string, options?: ErrorOptions & { readonly report?: Report }) {
    super(message, options);
    this.report = freezeReport(options?.report);
  }
}

/** A lock was released, or a condition used, by a thread that does not own the lock. */
export class OwnershipError extends HeddleError {}

/**
 * The lock's owner ended while holding it, so the data it guards may be half written.
 * `lock.recover()` takes the lock over once the data has been checked or rebuilt.
 */
export class AbandonedLockError extends HeddleError {}

/** A barrier was broken: a party timed out, was cancelled, died, or called `abort()`. */
export class BrokenBarrierError extends HeddleError {}

/** The queue was shut down: it takes no more items, and it is empty when `get` throws this. */
export class QueueShutdownError extends HeddleError {}

/** A thread was used in a state that does not allow it, such as started twice or joined before its start. */
export class ThreadStateError extends HeddleError {}

/** A thread ended without a result: its worker exited, ran out of memory, or was terminated. */
export class ThreadDiedError extends HeddleError {}

/** A thread's target cannot be found again in a new thread. */
export class TargetError extends HeddleError {}

/** A value cannot cross to another thread. `path` leads to it, such as `args[0].user.save`. */
export class CloneError extends HeddleError {
  readonly path: string;

  constructor(message: string, path: string) {
    super(message);
    this.path = path;
  }
}

/** The platform does not let this thread block; use the operation's awaited twin. */
export class BlockingNotAllowedError extends HeddleError {}

/** A handle was used after it was disposed of on this thread. */
export class DisposedError extends HeddleError {}

/**
 * A pool cannot go on: five of its threads in a row have died before they could take a task, or its initializer has failed.
 * The `cause` says how.
 */
export class BrokenPoolError extends HeddleError {}

/** A pool has as many pending tasks as its `maxQueue` allows. */
export class QueueFullError extends HeddleError {}

/** The shared heap cannot grow any further. */
export class OutOfMemoryError extends HeddleError {}
