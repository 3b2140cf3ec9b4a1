/**
 * The mechanism of Lock and RLock, on addresses: no guards, no re-entrancy, no argument checks.
 *
 * The word (Obj.STATE):
 *
 * | bits | meaning |
 * | --- | --- |
 * | 0–26 | tid of the owner; 0: free |
 * | PARKED | the list may have waiters: releasing takes the slow path |
 * | WAKING | its first blocked waiter was nudged and is on its way: releasing need not wake anyone |
 * | HANDOFF | that waiter has waited long: the next release hands the lock to it and nobody may barge in |
 * | ABANDONED | the owner ended without releasing; only `recover` takes the lock |
 *
 * | word | reached by |
 * | --- | --- |
 * | 0 | release without waiters |
 * | tid | acquire: one compare-and-swap |
 * | tid PARKED | a thread that found it owned, under MUTEX |
 * | PARKED WAKING | release with blocked waiters: the first one was nudged; a running thread may barge in |
 * | PARKED | release with awaited waiters only: the first one was nudged; a running thread may barge in |
 * | tid PARKED WAKING | barged in, or taken by the nudged waiter just before it clears WAKING |
 * | tid PARKED HANDOFF | the nudged waiter found it taken again, after waiting a while |
 * | … ABANDONED | the owner's end |
 *
 * PARKED, WAKING, HANDOFF are set and cleared under MUTEX only; the tid changes without it. One exception makes a release
 * cheap: it looks at the word and, if that is nothing but its tid, exchanges it for 0. A waiter that has set PARKED
 * between the two loses the mark for a moment: the release sees it in the old word and has {@link admit} set it again;
 * should its thread die before that, the supervisor calls `admit`.
 *
 * Barging makes a contended lock fast: it is not idle while a sleeper wakes. What bounds it is HANDOFF, the idea
 * of Go's sync.Mutex starvation mode (Dmitry Vyukov, 2016): after a millisecond a waiter is next, whatever runs.
 * Departure: waiters stay in the list until they have the lock, so their order is kept and a dead one costs nothing.
 */
import type { DeadlockError } from '../base/errors.js';
import { AbandonedLockError, OwnershipError } from '../base/errors.js';
import { i32 } from '../memory/heap.js';
import { kindOf, nameOf, Obj, titleOf, withMutex } from '../memory/object.js';
import { threadOfTid, tid, TID_MASK } from '../memory/records.js';
import { Option, Th } from '../park/current.js';
import type { Patience } from '../park/await.js';
import { waitAsync, waitDeafAsync } from '../park/await.js';
import { probe, Side } from '../park/probe.js';
import { hasOtherCores } from '../park/spin.js';
import { wait, waitDeaf } from '../park/wait.js';
import {
  commit,
  firstBlocked,
  firstOf,
  grant,
  grantAll,
  hasWaitedLong,
  move,
  nudge,
} from '../park/waiters.js';
import { W, Wait } from '../park/waiter.js';
import { resourceOf, selfDeadlock } from './self-deadlock.js';

const PARKED = 1 << 27;
const WAKING = 1 << 28;
const HANDOFF = 1 << 29;
const ABANDONED = 1 << 31;

/** Words of Lock and RLock from `Obj.BODY` on. HOLD_… and HELD_SINCE are floats, kept only while profiling. */
export const LockWords = {
  /** How often the owner has taken an RLock beyond the first time; the owner only. */
  DEPTH: 16,
  /** The level given by `order(n)`, or 0. */
  LEVEL: 17,
  HOLD_TIME: 18,
  LONGEST_HOLD: 20,
  HELD_SINCE: 22,
  WORDS: 24,
} as const;

/** Tries of a running thread before it goes to sleep: a critical section is often shorter than a sleep. */
const TRIES = 100;
/** The value with which waiters are granted when the lock has been abandoned. */
const GONE = -1;

/** How many locks this worker's thread holds; at its end, locks are searched only if this is not 0. */
export let holdings = 0;

/** Counts a lock that was taken or given back by this thread. */
export function countHolding(change: 1 | -1): void {
  holdings += change;
}

/** Forgets the count: the thread has ended and what it held has been dealt with. */
export function resetHoldings(): void {
  holdings = 0;
}

/** Takes the lock if it is free. @throws AbandonedLockError */
export function tryTake(lock: number): boolean {
  if (Atomics.compareExchange(i32, lock + Obj.STATE, 0, tid) !== 0 && !barge(lock)) return false;
  taken(lock);
  return true;
}

/** Takes the lock, blocking. @throws TimeoutError, CancelledError, AbandonedLockError, DeadlockError */
export function take(lock: number, timeout: number): void {
  if (probe !== undefined) {
    takeWatched(lock, timeout);
    return;
  }
  if (Atomics.compareExchange(i32, lock + Obj.STATE, 0, tid) !== 0) takeSlow(lock, timeout);
  holdings = (holdings + 1) | 0; // so that the engine need not think of overflows
}

/** As {@link take}, while a tool watches. */
function takeWatched(lock: number, timeout: number): void {
  if (timeout === Infinity) probe?.acquiring?.(lock, Side.WHOLE);
  if (Atomics.compareExchange(i32, lock + Obj.STATE, 0, tid) !== 0) takeSlow(lock, timeout);
  taken(lock);
}

/** Takes the lock, awaiting. @throws as {@link take}, but for DeadlockError: another task may release it. */
export async function takeAsync(lock: number, patience: Patience): Promise<void> {
  if (!barge(lock)) notGone(lock, await waitAsync(lock, lock + Obj.HEAD, patience, () => attempt(lock)));
  taken(lock);
}

/** Gives the lock back. @throws OwnershipError if this thread does not own it. */
export function give(lock: number): void {
  if (probe !== undefined) probe.released(lock, Side.WHOLE);
  const at = lock + Obj.STATE;
  // As in isOwn, a plain read will do. See the module's comment for the exchange.
  if (i32[at] !== tid) giveSlow(lock);
  else if (Atomics.exchange(i32, at, 0) !== tid) letIn(lock);
  holdings = (holdings - 1) | 0;
}

/**
 * Whether this thread owns the lock: not one that a task of it has abandoned. A plain read: only this thread writes its
 * tid there or takes it away.
 */
export function isOwn(lock: number): boolean {
  return (i32[lock + Obj.STATE]! & (TID_MASK | ABANDONED)) === tid;
}

/** The owner's tid, or 0. */
export function ownerOf(lock: number): number {
  return Atomics.load(i32, lock + Obj.STATE) & TID_MASK;
}

/** `Kind.heldBy`. */
export function isHeldBy(lock: number, its: number): boolean {
  return (Atomics.load(i32, lock + Obj.STATE) & (TID_MASK | ABANDONED)) === its;
}

/** Whether the owner ended without releasing. */
function isAbandoned(lock: number): boolean {
  return Atomics.load(i32, lock + Obj.STATE) < 0;
}

/**
 * Whether a guard of this thread has nothing to release any more: while it waited for a condition, another owner of
 * the lock ended without releasing it.
 */
export function isLost(lock: number): boolean {
  return lock !== 0 && isAbandoned(lock) && !isOwn(lock);
}

function taken(lock: number): void {
  holdings = (holdings + 1) | 0;
  if (probe !== undefined) probe.acquired(lock, Side.WHOLE);
}

/** Takes a lock that is free although its word is not 0. */
function barge(lock: number): boolean {
  const at = lock + Obj.STATE;
  for (;;) {
    const word = Atomics.load(i32, at);
    if (word < 0) throw abandoned(lock);
    if ((word & (TID_MASK | HANDOFF)) !== 0) return false;
    if (Atomics.compareExchange(i32, at, word, word | tid) === word) return true;
  }
}

function takeSlow(lock: number, timeout: number): void {
  if (isOwn(lock)) throw ownedAlready(lock);
  if (hasOtherCores()) {
    for (let i = 0; i < TRIES; i++) if (barge(lock)) return;
  }
  notGone(
    lock,
    wait(lock, lock + Obj.HEAD, timeout, () => attempt(lock)),
  );
}

/** Under MUTEX: takes the lock, or marks it so that its release will look at the list. */
function attempt(lock: number): boolean {
  const at = lock + Obj.STATE;
  for (;;) {
    if (barge(lock)) return true;
    const word = Atomics.load(i32, at);
    if ((word & TID_MASK) === 0) continue;
    if (Atomics.compareExchange(i32, at, word, word | PARKED) === word) return false;
  }
}

/** Takes the lock back after a condition's wait: no timeout, no cancellation. */
export function retake(lock: number): void {
  notGone(
    lock,
    waitDeaf(lock, lock + Obj.HEAD, () => attempt(lock)),
  );
  taken(lock);
}

/** As {@link retake}, but awaited. */
export async function retakeAsync(lock: number): Promise<void> {
  notGone(lock, await waitDeafAsync(lock, lock + Obj.HEAD, () => attempt(lock)));
  taken(lock);
}

/** Counts a lock that a condition's waiter was granted with `value`. @throws AbandonedLockError */
export function received(lock: number, value: number): void {
  notGone(lock, value);
  taken(lock);
}

/**
 * Moves a condition's waiter to the lock's list. The caller owns the lock and holds the condition's mutex; mutexes
 * nest in this order only.
 */
export function queueFor(lock: number, waiter: number): void {
  withMutex(lock, () => {
    // Ours, so only PARKED, WAKING and HANDOFF could change, and those are under MUTEX.
    Atomics.or(i32, lock + Obj.STATE, PARKED);
    move(waiter, lock, lock + Obj.HEAD);
  });
}

/** Somebody has set PARKED just before the lock was let go, and the mark is lost: sets it again, or lets them in. */
function letIn(lock: number): void {
  withMutex(lock, () => {
    admit(lock);
  });
}

function giveSlow(lock: number): void {
  const at = lock + Obj.STATE;
  for (;;) {
    const word = Atomics.load(i32, at);
    if ((word & (TID_MASK | ABANDONED)) !== tid) throw notOwner(lock);
    if ((word & (WAKING | HANDOFF)) !== WAKING && (word & PARKED) !== 0) break;
    // Nobody waits, or the first waiter is on its way: the lock is just let go.
    if (Atomics.compareExchange(i32, at, word, word & ~TID_MASK) === word) return;
  }
  giveToWaiter(lock);
}

/** Lets go of a lock that has waiters: hands it to the first, or frees it and nudges the first. */
function giveToWaiter(lock: number): void {
  const at = lock + Obj.STATE;
  withMutex(lock, () => {
    const first = firstOf(lock + Obj.HEAD);
    const word = Atomics.load(i32, at);
    if (first !== 0 && (word & HANDOFF) !== 0) {
      grant(first, 0, at, word, i32[first + W.TID]! | PARKED);
      return;
    }
    Atomics.store(i32, at, word & ~TID_MASK); // ours, and under MUTEX: nobody else changes it
    admit(lock);
  });
}

/** `Kind.admit`: nudges the first waiter if the lock is free, and clears the marks that nobody stands for. */
export function admit(lock: number): void {
  const at = lock + Obj.STATE;
  for (;;) {
    const word = Atomics.load(i32, at);
    if (word < 0) {
      grantAll(lock + Obj.HEAD, GONE);
      return;
    }
    const first = firstOf(lock + Obj.HEAD);
    const free = (word & TID_MASK) === 0;
    const sleeper = free ? firstBlocked(first) : 0;
    // WAKING only for a blocked one: an awaited one gets to run only when its thread's event loop turns, and until
    // then every release has to look for a blocked waiter anew.
    const waiters = free ? PARKED | (sleeper !== 0 ? WAKING : 0) : (word & ~WAKING) | PARKED;
    const next = first === 0 ? word & TID_MASK : waiters;
    if (Atomics.compareExchange(i32, at, word, next) !== word) continue;
    if (first !== 0 && free) nudge(first);
    if (sleeper !== 0 && sleeper !== first) nudge(sleeper);
    return;
  }
}

/** `Kind.retry`: a nudged waiter takes the lock, or waits on, at last with the promise of a handoff. */
export function retry(lock: number, waiter: number): boolean {
  const at = lock + Obj.STATE;
  for (;;) {
    const word = Atomics.load(i32, at);
    if ((word & (TID_MASK | HANDOFF)) === 0) {
      const more = i32[waiter + W.NEXT] !== 0 || i32[waiter + W.PREV] !== 0 ? PARKED : 0;
      if (commit(waiter, Wait.GRANTED, 0, at, word, i32[waiter + W.TID]! | more)) return true;
    } else {
      const next = (word & ~WAKING) | (hasWaitedLong(waiter) ? HANDOFF : 0);
      // First, or a release between the two would nudge it and the nudge would be overwritten.
      Atomics.store(i32, waiter + W.STATE, Wait.WAITING);
      if (Atomics.compareExchange(i32, at, word, next) === word) return false;
    }
  }
}

/** `Kind.ownerEnded`: the thread `ended` will never release the lock. */
export function ownerEnded(lock: number, ended: number): boolean {
  const at = lock + Obj.STATE;
  for (;;) {
    const word = Atomics.load(i32, at);
    if ((word & TID_MASK) !== ended || word < 0) return false;
    if (Atomics.compareExchange(i32, at, word, ABANDONED | ended) === word) break;
  }
  grantAll(lock + Obj.HEAD, GONE);
  return true;
}

/** Makes this thread the owner of an abandoned lock. False if it is not abandoned. */
export function recover(lock: number): boolean {
  const at = lock + Obj.STATE;
  const word = Atomics.load(i32, at);
  if (word >= 0 || Atomics.compareExchange(i32, at, word, tid) !== word) return false;
  i32[lock + LockWords.DEPTH] = 0;
  taken(lock);
  return true;
}

// --- errors ---------------------------------------------------------------------------------------------

function notGone(lock: number, value: number): void {
  if (value === GONE) throw abandoned(lock);
}

/** The error for a lock whose owner is no more. */
export function abandoned(lock: number): AbandonedLockError {
  return new AbandonedLockError(
    `${titleOf(lock)} was abandoned: the thread that held it ended without releasing it, so what it guards may be ` +
      'half written. Check or rebuild the data, then call recover() to take the lock over',
  );
}

function ownedAlready(lock: number): DeadlockError {
  return selfDeadlock(
    `${titleOf(lock)} is already held by this thread, which would wait for itself for ever`,
    'Release it first, ' +
      (kindOf(lock).name === 'Lock' ? 'use an RLock to take it again, ' : '') +
      'or await acquireAsync() if another task of this thread holds it',
    resourceOf(lock),
    true,
  );
}

function notOwner(lock: number): OwnershipError {
  const owner = ownerOf(lock);
  return new OwnershipError(
    owner === 0
      ? `${titleOf(lock)} is not held, so it cannot be released`
      : `${titleOf(lock)} is held by ${ownerName(owner)}: only its owner releases it`,
  );
}

/** Whether an error says that a lock was abandoned. */
export function isGone(error: unknown): boolean {
  return error instanceof AbandonedLockError;
}

/** How reports speak of the thread with a tid. */
export function ownerName(owner: number): string {
  const thread = threadOfTid(owner);
  if (thread === 0) return 'a thread that has ended';
  return (i32[thread + Th.OPTIONS]! & Option.MAIN) !== 0
    ? 'the main thread'
    : `thread ${JSON.stringify(nameOf(thread))}`;
}

/** What the lock is doing, for its printed form. */
export function describeOwner(lock: number): string {
  if (isAbandoned(lock)) return 'abandoned';
  const owner = ownerOf(lock);
  return owner === 0 ? 'free' : `held by ${ownerName(owner)}`;
}
