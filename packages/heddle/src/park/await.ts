/**
 * An awaited wait: a promise that settles when the wait is granted, or ends early by its timeout, its signal or
 * the thread's cancellation. Same lists, same states, same rules as a blocking wait (wait.ts), so both kinds of
 * waiter can stand in one list. A pending one keeps the thread alive.
 */
import type { WaitOptions } from '../base/arguments.js';
import { checkOptions, checkTimeout } from '../base/arguments.js';
import type { TimeoutError } from '../base/errors.js';
import { i32 } from '../memory/heap.js';
import { keepWhile } from '../memory/handles.js';
import { record, Rec } from '../memory/records.js';
import { hold, letGo } from '../platform/keep-alive.js';
import { now } from '../platform/clock.js';
import { after } from '../platform/timeout.js';
import { cancelledError } from './cancel.js';
import { isCancelled } from './current.js';
import { answerWith, emptyInbox, listen, rings } from './doorbell.js';
import { setRunning } from './parker.js';
import type { Verdict } from './inquiry.js';
import {
  acknowledge,
  answer,
  concerns,
  deadlockError,
  isAddressed,
  isExecuted,
  readVerdict,
} from './inquiry.js';
import { isQuiet, stirred } from './quiet.js';
import { includes, leaderOf } from './selection.js';
import { isWatched } from './suspicion.js';
import { Patient, W } from './waiter.js';
import { prepare } from './waiters.js';
import { enlist, finish, leave, look, timedOut } from './wait.js';

/** One pending awaited wait of this worker. */
interface Pending {
  readonly object: number;
  readonly holds: number;
  readonly cancellable: boolean;
  readonly resolve: (value: number) => void;
  readonly reject: (reason: unknown) => void;
  /** Takes back the timer and the listener on the signal. */
  readonly tidy: () => void;
  /** By what it ends, once all others of the same deadlock have been left too; it has been left then. */
  condemned?: Verdict;
  /** Where it began, if that was captured. */
  readonly site: { readonly stack?: string } | undefined;
}

const pending = new Map<number, Pending>();

/** How a wait is awaited; timeout and signal are checked by {@link checkWaitOptions}. */
export interface Patience {
  timeout: number;
  signal: AbortSignal | undefined;
}

/** Reads and checks the options of an awaited wait. @throws RangeError, TypeError, or the signal's reason. */
export function checkWaitOptions(options: WaitOptions | undefined): Patience {
  const { timeout, signal } = checkOptions(options);
  const patience = { timeout: checkTimeout(timeout), signal };
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new TypeError('signal must be an AbortSignal');
  signal?.throwIfAborted();
  return patience;
}

/** As `wait` of wait.ts, but awaited: the promise is fulfilled with the value that the granter gave, or 0. */
export async function waitAsync(
  object: number,
  list: number,
  patience: Patience,
  attempt: () => boolean,
  mode: number = 0,
  value: number = 0,
  holds: number = 0,
): Promise<number> {
  if (isCancelled()) throw cancelledError();
  const waiter = prepare(mode, value, true);
  if (patience.signal !== undefined) i32[waiter + W.PATIENCE] = Patient.BOUNDED;
  if (!enlist(waiter, object, list, patience.timeout, attempt)) return 0;
  return settle(waiter, object, patience, true, holds);
}

/** As {@link waitAsync}, but without a timeout and deaf to cancellation. */
export async function waitDeafAsync(object: number, list: number, attempt: () => boolean): Promise<number> {
  const waiter = prepare(0, 0, true);
  i32[waiter + W.PATIENCE] = Patient.DEAF;
  if (!enlist(waiter, object, list, Infinity, attempt)) return 0;
  return settle(waiter, object, { timeout: Infinity, signal: undefined }, false);
}

/** A promise for a waiter that stands in its list, or for the leader of a selection. */
export function settle(
  waiter: number,
  object: number,
  { timeout, signal }: Patience,
  cancellable: boolean,
  holds: number = 0,
  overdue: () => TimeoutError = () => timedOut(object, i32[waiter + W.LIST]!, timeout),
): Promise<number> {
  return new Promise<number>((resolve, reject) => {
    const giveUp = (reason: () => unknown): void => {
      if (pending.has(waiter) && leave(waiter, object)) conclude(waiter, reason);
    };
    const timer = after(timeout, () => {
      giveUp(overdue);
    });
    const onAbort = (): void => {
      giveUp(() => signal?.reason as unknown);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const tidy = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    if (pending.size === 0) {
      hold();
      setRunning(0);
    }
    pending.set(waiter, { object, holds, cancellable, resolve, reject, tidy, site: captureSite() });
    stirred();
    // Look once: it may have been granted, or the thread cancelled, before anyone could ring for it.
    const heard = rings();
    if (look(waiter)) conclude(waiter);
    else if (cancellable && isCancelled()) giveUp(cancelledError);
    else if (signal?.aborted === true) onAbort(); // since the options were checked: that event is gone
    if (pending.size > 0) listen(heard);
  });
}

/** Ends a pending wait: with its value, or with a reason if it was given up. */
function conclude(waiter: number, reason?: () => unknown): void {
  const wait = pending.get(waiter);
  if (wait === undefined) return;
  pending.delete(waiter);
  stirred();
  if (pending.size === 0) {
    letGo();
    setRunning(1);
  }
  wait.tidy();
  const value = finish(waiter, wait.object, wait.holds);
  // One that has failed may have done so since another one has left the deadlock of both first.
  const verdict = value < 0 ? readVerdict() : undefined;
  if (verdict !== undefined && concerns(verdict, waiter)) wait.reject(deadlockError(verdict.report));
  else if (reason === undefined) wait.resolve(value);
  else wait.reject(reason());
}

answerWith(() => {
  const heard = rings();
  try {
    lookAtNews();
  } finally {
    if (pending.size > 0) listen(heard);
  }
});

function lookAtNews(): void {
  const afterDeath = Atomics.exchange(i32, record + Rec.LOOK, 0) === 1;
  for (const posted of emptyInbox(afterDeath)) {
    const waiter = leaderOf(posted);
    // Not pending: a wait that has ended early since; its waiter may even serve another wait by now.
    if (isUndecided(waiter) && look(waiter)) conclude(waiter);
  }
  if (afterDeath) {
    for (const waiter of pending.keys()) if (isUndecided(waiter) && look(waiter)) conclude(waiter);
  }
  if (pending.size > 0 && isCancelled()) {
    for (const [waiter, { cancellable, object }] of pending) {
      if (cancellable && leave(waiter, object)) conclude(waiter, cancelledError);
    }
  }
  if (isAddressed()) attend();
  if (someCondemned) endCondemned();
}

/** Answers the detector, and leaves the waits of which it says that they never end. */
function attend(): void {
  const verdict = readVerdict();
  if (verdict !== undefined) {
    for (const [waiter, wait] of pending) {
      if (wait.cancellable && concerns(verdict, waiter) && leave(waiter, wait.object))
        wait.condemned = verdict;
    }
    someCondemned = true;
    acknowledge();
  }
  answer(isQuiet(), () =>
    Object.fromEntries([...pending].map(([waiter, { site }]) => [waiter, site?.stack ?? ''])),
  );
}

/** Ends the waits that were left, if all others of the same deadlock have been left too. */
function endCondemned(): void {
  someCondemned = false;
  for (const [waiter, { condemned }] of pending) {
    if (condemned === undefined) continue;
    if (isExecuted(condemned)) conclude(waiter, () => deadlockError(condemned.report));
    else someCondemned = true;
  }
}

/** Whether there may be such waits. */
let someCondemned = false;

/** Whether a wait is pending, and not left already. */
function isUndecided(waiter: number): boolean {
  const wait = pending.get(waiter);
  return wait !== undefined && wait.condemned === undefined;
}

/** So many waits may have their sites captured at once, and then one in each millisecond: it takes some microseconds. */
const MOST_CAPTURES = 64;
let captures = MOST_CAPTURES;
let capturedAt = 0;

/** Captures where an awaited wait begins, unless that has been done too often just now. */
function captureSite(): { readonly stack?: string } | undefined {
  const time = now();
  captures = Math.min(MOST_CAPTURES, captures + time - capturedAt);
  capturedAt = time;
  if (!isWatched() || captures < 1) return undefined;
  captures--;
  const site = {};
  Error.captureStackTrace(site, settle);
  return site;
}

keepWhile((address) => {
  for (const [waiter, { object }] of pending)
    if (object === address || includes(waiter, address)) return true;
  return false;
});

const others: (() => number)[] = [];

/** Says how many more waits this worker awaits, which are known a layer above. */
export function countToo(waits: () => number): void {
  others.push(waits);
}

/** How many waits this worker awaits now. */
export function pendingWaits(): number {
  return others.reduce((sum, waits) => sum + waits(), pending.size);
}
