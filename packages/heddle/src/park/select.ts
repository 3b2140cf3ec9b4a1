/** Waiting for the first of several objects, blocking and awaited. */
import type { TimeoutError } from '../base/errors.js';
import type { Patience } from './await.js';
import { settle } from './await.js';
import { cancelledError } from './cancel.js';
import { isCancelled } from './current.js';
import type { Line, Selection } from './selection.js';
import { enlistAll } from './selection.js';
import { endedEarly, finish, Outcome, sleep } from './wait.js';

/**
 * Waits until one of the objects grants the wait, or all have refused it: `chosen` is negative then.
 *
 * @throws what `overdue` makes if `timeout` milliseconds pass; CancelledError if the thread is cancelled
 */
export function waitForOne(lines: readonly Line[], timeout: number, overdue: () => TimeoutError): Selection {
  if (isCancelled()) throw cancelledError();
  const selection = enlistAll(lines, false, timeout !== Infinity);
  const { leader } = selection;
  const outcome = sleep(leader, 0, timeout, true);
  finish(leader, 0);
  if (outcome === Outcome.TIMED_OUT) throw overdue();
  if (outcome !== Outcome.GRANTED) throw endedEarly(outcome);
  return selection;
}

/** As {@link waitForOne}, but awaited. */
export async function waitForOneAsync(
  lines: readonly Line[],
  patience: Patience,
  overdue: () => TimeoutError,
): Promise<Selection> {
  if (isCancelled()) throw cancelledError();
  const bounded = patience.timeout !== Infinity || patience.signal !== undefined;
  const selection = enlistAll(lines, true, bounded);
  await settle(selection.leader, 0, patience, true, 0, overdue);
  return selection;
}
