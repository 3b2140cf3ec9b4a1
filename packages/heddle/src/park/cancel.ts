/** Cooperative cancellation, seen from the thread that is asked to stop. */
import { CancelledError } from '../base/errors.js';
import { i32, pointer } from '../memory/heap.js';
import { readPayload } from '../memory/payload.js';
import { Option } from './current.js';
import { current, isCancelled, Th } from './current.js';

/** The error for a wait of this thread, which was asked to stop. Its `cause` is the reason given. */
export function cancelledError(): CancelledError {
  const reason = pointer(current + Th.REASON);
  const cause = reason === 0 ? undefined : readPayload(reason);
  const isMain = (i32[current + Th.OPTIONS]! & Option.MAIN) !== 0;
  return new CancelledError(
    isMain
      ? 'the main thread was cancelled: every further wait of it ends with this error'
      : 'this thread was cancelled: every further wait of it ends with this error, until its target returns',
    cause === undefined ? undefined : { cause },
  );
}

/**
 * Throws if this thread has been asked to stop by `thread.cancel()`. For loops that compute without waiting.
 *
 * @throws CancelledError if the thread was cancelled; its `cause` is the reason given
 * @example
 * ```ts
 * for (const row of rows) {
 *   checkCancelled();
 *   crunch(row);
 * }
 * ```
 */
export function checkCancelled(): void {
  if (isCancelled()) throw cancelledError();
}
