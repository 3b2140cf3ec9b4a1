/**
 * A blocking wait: the thread sleeps until the wait is granted, or ends early by its timeout or by the thread's
 * cancellation. A wait that ends early leaves the primitive as if it had never begun.
 *
 * The decision between "granted" and "ended early" is made under the primitive's mutex, in {@link leave}, so it
 * is never both.
 */
import type { CancelledError, DeadlockError } from '../base/errors.js';
import { TimeoutError } from '../base/errors.js';
import { i32, pointer } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { kindOf, Obj, titleOf } from '../memory/object.js';
import { record, Rec } from '../memory/records.js';
import { now } from '../platform/clock.js';
import { handlesSignals } from '../platform/signals.js';
import { keepsStoreOrder } from '../platform/store-order.js';
import { cancelledError } from './cancel.js';
import { isCancelled } from './current.js';
import { park } from './parker.js';
import { countBlocked, countWait } from './accounts.js';
import { disband, isDecided, withdraw } from './selection.js';
import type { Verdict } from './inquiry.js';
import {
  acknowledge,
  answer,
  concerns,
  deadlockError,
  isAddressed,
  readVerdict,
  untilExecuted,
} from './inquiry.js';
import { spinWhile } from './spin.js';
import { closesCycle, suspect, UNSUSPICIOUS } from './suspicion.js';
import { append, discard, prepare, timeWaited, withdrawFrom } from './waiters.js';
import { Patient, W, Wait } from './waiter.js';

/** How a wait ended. */
export const Outcome = { GRANTED: 0, TIMED_OUT: 1, CANCELLED: 2, DEADLOCKED: 3 } as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/**
 * Waits until `attempt` succeeds or somebody grants the wait. `attempt` is called once, under the object's mutex,
 * and returns true if there is nothing to wait for; it may throw. Returns the value that the granter gave, or 0.
 *
 * @throws TimeoutError if `timeout` milliseconds pass; CancelledError if the thread is cancelled; DeadlockError if the
 * wait can never end
 */
export function wait(
  object: number,
  list: number,
  timeout: number,
  attempt: () => boolean,
  mode: number = 0,
  value: number = 0,
  holds: number = 0,
): number {
  if (isCancelled()) throw cancelledError();
  const waiter = prepare(mode, value, false);
  if (!enlist(waiter, object, list, timeout, attempt)) return 0;
  const outcome = sleep(waiter, object, timeout, true);
  const result = finish(waiter, object, holds);
  if (result < 0) checkVerdict(waiter);
  if (outcome === Outcome.TIMED_OUT) throw timedOut(object, list, timeout);
  if (outcome !== Outcome.GRANTED) throw endedEarly(outcome);
  return result;
}

/** As {@link wait}, but says by false that the time has passed. `timeout` is more than 0. */
export function waitFor(
  object: number,
  list: number,
  timeout: number,
  attempt: () => boolean,
  mode: number,
): boolean {
  if (isCancelled()) throw cancelledError();
  const waiter = prepare(mode, 0, false);
  if (!enlist(waiter, object, list, timeout, attempt)) return true;
  const outcome = sleep(waiter, object, timeout, true);
  finish(waiter, object);
  if (outcome === Outcome.CANCELLED) throw cancelledError();
  return outcome === Outcome.GRANTED; // not DEADLOCKED: it has a timeout
}

/** As {@link wait}, but without a timeout and deaf to cancellation: for what must be done before a thread may go on. */
export function waitDeaf(object: number, list: number, attempt: () => boolean): number {
  const waiter = prepare(0, 0, false);
  i32[waiter + W.PATIENCE] = Patient.DEAF;
  if (!enlist(waiter, object, list, Infinity, attempt)) return 0;
  sleep(waiter, object, Infinity, false);
  return finish(waiter, object);
}

/** The first step of every wait: try, and else stand in the list. False if there was nothing to wait for. */
export function enlist(
  waiter: number,
  object: number,
  list: number,
  timeout: number,
  attempt: () => boolean,
): boolean {
  let listed = false;
  if (timeout !== Infinity) i32[waiter + W.PATIENCE] = Patient.BOUNDED;
  lock(object + Obj.MUTEX);
  try {
    if (attempt()) return false;
    append(waiter, object, list);
    if (timeout === 0) {
      withdrawFrom(waiter, object);
      throw timedOut(object, list, timeout);
    }
    listed = true;
    return true;
  } finally {
    unlock(object + Obj.MUTEX);
    if (!listed) discard(waiter);
  }
}

/**
 * Sleeps until the waiter is granted or the wait has ended early. The caller then calls {@link finish}. A selection is
 * waited for by its leader (selection.ts); what decides there is CHOSEN, and no object in particular.
 */
export function sleep(waiter: number, object: number, timeout: number, cancellable: boolean): Outcome {
  const selects = i32[waiter + W.LEADER] !== 0;
  const state = waiter + (selects ? W.CHOSEN : W.STATE);
  const deadline = timeout === Infinity ? Infinity : now() + timeout;
  // Atomically, as the reads of others: of two threads that close a cycle at the same time, one sees the other waiting.
  Atomics.store(i32, record + Rec.WAITING, waiter);
  verdict = undefined;
  let suspected = timeout === Infinity ? 0 : 2;
  for (;;) {
    spinWhile(state, Wait.WAITING);
    if (look(waiter)) return Outcome.GRANTED;
    if (cancellable && isCancelled() && leave(waiter, object)) return Outcome.CANCELLED;
    if (isAddressed() && answers(waiter, object, cancellable)) return Outcome.DEADLOCKED;
    const left = deadline === Infinity ? Infinity : deadline - now();
    if (suspected < 2) suspected = parkSuspiciously(waiter, suspected);
    else if (left > 0) park(left);
    else if (leave(waiter, object)) return Outcome.TIMED_OUT;
    else if (!selects && pointer(waiter + W.OBJECT) !== object) return sleep(waiter, object, Infinity, false);
  }
}

/**
 * Parks a wait without a timeout. Before the first time it looks whether this wait has closed a cycle; the first time is
 * short, and after it the wait is suspected. Returns how often it has done so.
 */
function parkSuspiciously(waiter: number, before: number): number {
  if (before === 0) {
    if (closesCycle(waiter)) suspect();
    park(UNSUSPICIOUS);
    return 1;
  }
  if (timeWaited(waiter) < UNSUSPICIOUS) {
    park(UNSUSPICIOUS);
    return 1; // woken early
  }
  suspect();
  park(Infinity);
  return 2;
}

/** Answers the detector. True if it has said that the wait never ends, which the waiter has left therefore. */
function answers(waiter: number, object: number, cancellable: boolean): boolean {
  const told = readVerdict();
  if (told !== undefined) {
    const ends = cancellable && concerns(told, waiter);
    const left = ends && leave(waiter, object);
    acknowledge();
    if (ends) verdict = told;
    if (left) return true;
  }
  answer(!handlesSignals() || hasOwner(waiter), () => ({}));
  return false;
}

/** Whether it takes certain others to end the wait, which a handler of a signal here is not. */
function hasOwner(waiter: number): boolean {
  const object = pointer(waiter + W.OBJECT);
  return object !== 0 && (kindOf(object).holder?.(object) ?? 0) !== 0;
}

/** What was said last of a wait of this thread, until that has ended. */
let verdict: Verdict | undefined;

/** A wait that has failed may have done so since another one has left the deadlock of both first. @throws DeadlockError */
function checkVerdict(waiter: number): void {
  const told = verdict ?? readVerdict();
  if (told === undefined || !concerns(told, waiter)) return;
  acknowledge();
  verdict = told;
  throw endedEarly(Outcome.DEADLOCKED);
}

/** The error for a wait that was cancelled, or will never end. */
export function endedEarly(outcome: Outcome): CancelledError | DeadlockError {
  const told = verdict;
  verdict = undefined;
  if (outcome !== Outcome.DEADLOCKED || told === undefined) return cancelledError();
  untilExecuted(told);
  return deadlockError(told.report);
}

/** True if the waiter has been granted, or was nudged and has now got what it waits for. */
export function look(waiter: number): boolean {
  if (i32[waiter + W.LEADER] !== 0) return isDecided(waiter);
  const state = Atomics.load(i32, waiter + W.STATE);
  // STATE is stored last, and plainly (see commit): under the mutex, what was stored before it is seen for sure.
  if (state === Wait.GRANTED) return keepsStoreOrder || withObjectOf(waiter, () => true);
  if (state !== Wait.NUDGED) return false;
  return withObjectOf(waiter, (object) => {
    if (i32[waiter + W.STATE] !== Wait.NUDGED) return i32[waiter + W.STATE] === Wait.GRANTED;
    return kindOf(object).retry?.(object, waiter) ?? false;
  });
}

/**
 * Takes a waiter that is still waiting for `object` off its list. False if it has been granted meanwhile, or
 * waits for another object by now (a notified condition's waiter waits for the lock).
 */
export function leave(waiter: number, object: number): boolean {
  if (i32[waiter + W.LEADER] !== 0) return withdraw(waiter);
  lock(object + Obj.MUTEX);
  try {
    const state = i32[waiter + W.STATE]!;
    if ((state !== Wait.WAITING && state !== Wait.NUDGED) || i32[waiter + W.OBJECT] !== object) return false;
    withdrawFrom(waiter, object);
    return true;
  } finally {
    unlock(object + Obj.MUTEX);
  }
}

/** Runs `action` under the mutex of the object that the waiter waits for, which may change until it is held. */
export function withObjectOf<R>(waiter: number, action: (object: number) => R): R {
  for (;;) {
    const object = pointer(waiter + W.OBJECT);
    lock(object + Obj.MUTEX);
    try {
      if (i32[waiter + W.OBJECT] === object) return action(object);
    } finally {
      unlock(object + Obj.MUTEX);
    }
  }
}

/**
 * The last step of every wait: takes what was granted, counts the wait and gives the waiter back. Returns the value
 * that the granter gave, negative if that was a failure. `holds` is a word to add one to in the same step as taking
 * what was granted, or 0.
 */
export function finish(waiter: number, object: number, holds: number = 0): number {
  if (i32[waiter + W.LEADER] !== 0) return disband(waiter);
  const result = i32[waiter + W.VALUE]!;
  const counts = holds !== 0 && result >= 0 && i32[waiter + W.STATE] === Wait.GRANTED;
  // No call between the two: a thread that dies has taken what it was granted and counted it, or neither.
  i32[waiter + W.STATE] = Wait.FREE;
  if (counts) i32[holds]! += 1;
  i32[record + Rec.WAITING] = 0;
  const took = timeWaited(waiter);
  lock(object + Obj.MUTEX);
  countWait(object, took);
  unlock(object + Obj.MUTEX);
  if (i32[waiter + W.AWAITED] === 0) countBlocked(took);
  discard(waiter);
  return result;
}

/** The error for a wait in a list of an object that did not end in time. */
export function timedOut(object: number, list: number, timeout: number): TimeoutError {
  const what = titleOf(object);
  const lack = kindOf(object).lack?.(object, list);
  if (timeout === 0) return new TimeoutError(`${what} is ${lack ?? 'not available'} now`);
  return new TimeoutError(
    lack === undefined
      ? `${what} did not become available within ${String(timeout)} ms`
      : `${what} was still ${lack} after ${String(timeout)} ms`,
  );
}
