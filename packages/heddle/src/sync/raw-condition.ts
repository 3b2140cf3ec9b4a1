/**
 * The waiting of Condition, on addresses.
 *
 * A waiter stands first in the condition's list. `notify` moves it to the lock's list, where it waits as one who
 * wants to acquire (wait morphing): it wakes only when it can have the lock. A wait that ends early while still in
 * the condition's list queues for the lock anew, without a timeout and deaf to cancellation.
 */
import { i32 } from '../memory/heap.js';
import { Obj } from '../memory/object.js';
import type { Patience } from '../park/await.js';
import { settle } from '../park/await.js';
import { cancelledError } from '../park/cancel.js';
import { isCancelled } from '../park/current.js';
import { endedEarly, enlist, finish, Outcome, sleep, timedOut } from '../park/wait.js';
import { prepare } from '../park/waiters.js';
import * as raw from './raw-lock.js';

const { DEPTH } = raw.LockWords;

/** See `Condition.wait`. The caller owns the lock. */
export function wait(condition: number, lock: number, timeout: number): void {
  if (isCancelled()) throw cancelledError();
  const waiter = stand(condition, false, timeout);
  const depth = letGo(lock);
  const outcome = sleep(waiter, condition, timeout, true);
  const value = finish(waiter, condition);
  const ended =
    outcome === Outcome.CANCELLED || outcome === Outcome.DEADLOCKED ? endedEarly(outcome) : undefined;
  if (outcome === Outcome.GRANTED) raw.received(lock, value);
  else raw.retake(lock);
  i32[lock + DEPTH] = depth;
  if (outcome === Outcome.TIMED_OUT) throw timedOut(condition, condition + Obj.HEAD, timeout);
  if (ended !== undefined) throw ended;
}

/** See `Condition.waitAsync`. The caller owns the lock. */
export async function waitAsync(condition: number, lock: number, patience: Patience): Promise<void> {
  if (isCancelled()) throw cancelledError();
  const waiter = stand(condition, true, patience.timeout);
  const depth = letGo(lock);
  let failure: { reason: unknown } | undefined;
  try {
    raw.received(lock, await settle(waiter, condition, patience, true));
  } catch (reason) {
    if (raw.isGone(reason)) throw reason;
    failure = { reason };
    await raw.retakeAsync(lock);
  }
  i32[lock + DEPTH] = depth;
  if (failure !== undefined) throw failure.reason;
}

/** Puts this thread into the condition's list, before it lets the lock go: no notification is missed. */
function stand(condition: number, awaited: boolean, timeout: number): number {
  const waiter = prepare(0, 0, awaited);
  enlist(waiter, condition, condition + Obj.HEAD, timeout === 0 ? Number.MIN_VALUE : timeout, () => false);
  return waiter;
}

/** Gives the lock back however often this thread has taken it, and returns how often beyond the first. */
function letGo(lock: number): number {
  const depth = i32[lock + DEPTH]!;
  i32[lock + DEPTH] = 0;
  raw.give(lock);
  return depth;
}
