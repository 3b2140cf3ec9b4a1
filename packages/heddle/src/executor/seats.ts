/**
 * The threads of a pool: each has a seat. They are started when there are more tasks than threads that could take them,
 * and are replaced when they die.
 *
 * Who starts a thread may die while doing so, and a thread may die anywhere. So the seats tell all that there is to know,
 * and what the pool's words say of them together is counted anew whenever a seat is taken or left.
 */
import { BrokenPoolError } from '../base/errors.js';
import { allocateZeroed, free } from '../memory/allocator.js';
import { i32, pointer } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import { lock, unlock } from '../memory/mutex.js';
import { nameOf, Obj, release, retain, withMutex } from '../memory/object.js';
import { freePayload, readPayload, sharePayload, writePayload } from '../memory/payload.js';
import { isAlive, tid } from '../memory/records.js';
import { Option, Status, Th } from '../park/current.js';
import { W } from '../park/waiter.js';
import { grantAll } from '../park/waiters.js';
import { collectFailure } from '../thread/ending.js';
import { plainError } from '../thread/plain-error.js';
import { makeThread } from '../thread/thread.js';
import { tell } from '../thread/upward.js';
import { dispatch } from '../thread/workforce.js';
import { admitAll, forgetSleeper, lookAfterWatched, watchAgain } from './admitting.js';
import { tellOf } from './completion.js';
import { dropTask } from './lost.js';
import { endPending, first } from './pending.js';
import { endWithThread } from './stopping.js';
import { Cause, P, PoolState, S, TaskState } from './words.js';

/** The name by which pool threads find their function (`defineOwnTarget`). */
export const POOL_THREAD = 'pool-thread';
/** So many threads in a row may fail before they come to take a task. */
const MOST_DEATHS = 5;

/** Whether one more thread could do something. Under MUTEX. */
export function needsThread(pool: number): boolean {
  return (
    i32[pool + P.LIVE]! - i32[pool + P.BLOCKED]! < i32[pool + P.THREADS]! &&
    i32[pool + P.PENDING]! > i32[pool + P.STARTING]! + i32[pool + P.LOOKING]! &&
    i32[pool + Obj.STATE] !== PoolState.BROKEN &&
    i32[Header.CLOSING] === 0
  );
}

/** Whether there are more threads than there should be. Under MUTEX. */
export function hasTooMany(pool: number): boolean {
  return i32[pool + P.LIVE]! - i32[pool + P.BLOCKED]! > i32[pool + P.THREADS]!;
}

/** Starts threads as long as there is need. Not under MUTEX. */
export function startThreads(pool: number): void {
  for (let seat = reserve(pool); seat !== 0; seat = reserve(pool)) if (!start(pool, seat)) return;
}

function reserve(pool: number): number {
  return withMutex(pool, () => {
    if (!needsThread(pool)) return 0;
    const seat = freeSeat(pool);
    i32[seat + S.STARTER] = tid;
    i32[pool + P.STARTED]! += 1;
    recount(pool);
    return seat;
  });
}

function freeSeat(pool: number): number {
  for (const seat of seats(pool)) if (i32[seat + S.THREAD] === 0 && i32[seat + S.STARTER] === 0) return seat;
  const seat = allocateZeroed(S.WORDS);
  i32[seat + S.NEXT] = i32[pool + P.SEATS]!;
  Atomics.store(i32, pool + P.SEATS, seat);
  return seat;
}

/** The seats of a pool. */
export function* seats(pool: number): Generator<number, void> {
  for (let seat = pointer(pool + P.SEATS); seat !== 0; seat = pointer(seat + S.NEXT)) yield seat;
}

/** Counts what the seats say, and frees those whose thread will not come. Under MUTEX. */
function recount(pool: number): void {
  let live = 0;
  let starting = 0;
  let looking = 0;
  let blocked = 0;
  // Who sleeps does not look: who set LOOKS in order to wake it may have died before it did.
  for (let waiter = pointer(pool + Obj.HEAD); waiter !== 0; waiter = pointer(waiter + W.NEXT))
    i32[i32[waiter + W.MODE]! + S.LOOKS] = 0;
  for (const seat of seats(pool)) {
    const starter = i32[seat + S.STARTER]!;
    if (starter !== 0 && !isAlive(starter)) withoutStarter(seat);
    if (i32[seat + S.THREAD] === 0 && i32[seat + S.STARTER] === 0) continue;
    live++;
    starting += 1 - i32[seat + S.ARRIVED]!;
    looking += i32[seat + S.LOOKS]!;
    blocked += i32[seat + S.BLOCKS]!;
  }
  i32[pool + P.LIVE] = live;
  i32[pool + P.STARTING] = starting;
  i32[pool + P.LOOKING] = looking;
  i32[pool + P.BLOCKED] = blocked;
}

function start(pool: number, seat: number): boolean {
  let thread = 0;
  try {
    thread = makeThread({
      ref: { kind: 'module', module: `heddle:${POOL_THREAD}`, name: POOL_THREAD },
      args: [pool, seat],
      name: `${nameOf(pool)}/${String(i32[pool + P.STARTED]!)}`,
      options: Option.DAEMON | (i32[pool + P.ISOLATED] === 1 ? Option.ISOLATE : 0),
      limits: pointer(pool + P.LIMITS),
      group: pool,
    });
    i32[seat + S.THREAD] = thread;
    dispatch(thread);
    withMutex(pool, () => {
      if (i32[seat + S.THREAD] === thread) i32[seat + S.STARTER] = 0;
    });
    return true;
  } catch (error) {
    const alone = withMutex(pool, () => {
      empty(seat);
      recount(pool);
      return i32[pool + P.LIVE] === 0;
    });
    if (thread !== 0) release(thread);
    if (alone) breakPool(pool, error, 'no thread can be started for it');
    return false;
  }
}

/** Makes a seat free. Under MUTEX. */
function empty(seat: number): void {
  for (const word of [S.LOOKS, S.ARRIVED, S.BLOCKS, S.CONDEMNED, S.TASKS, S.STARTER]) i32[seat + word] = 0;
  i32[seat + S.THREAD] = 0; // last: until then it is in use
}

/** A thread has come to take tasks. */
export function arrive(pool: number, seat: number): void {
  withMutex(pool, () => {
    i32[seat + S.ARRIVED] = 1;
    i32[seat + S.LOOKS] = 1;
    i32[pool + P.DEATHS] = 0;
    recount(pool);
  });
}

/** The thread is blocked, or is not any more, until a task of its own pool has ended: another one works meanwhile. */
export function setBlocked(pool: number, seat: number, blocks: 0 | 1): void {
  withMutex(pool, () => {
    i32[seat + S.BLOCKS] = blocks;
    recount(pool);
  });
  if (blocks === 1) startThreads(pool);
}

// --- ends ------------------------------------------------------------------------------------------------

/**
 * `Kind.memberEnded`: a thread has ended, and with it the tasks that ran in it. Another takes its place if there is
 * need. Who does this may die half way; then it is done again.
 */
export function threadEnded(pool: number, thread: number): void {
  const seat = seatOf(pool, thread);
  if (seat !== 0) endTasks(seat, thread);
  lock(pool + Obj.MUTEX);
  const early = seat !== 0 && i32[seat + S.ARRIVED] === 0 && i32[thread + Th.STATUS] === Status.FAILED;
  if (early) i32[pool + P.DEATHS]! += 1;
  if (seat !== 0) {
    forgetSleeper(pool, seat);
    empty(seat);
  }
  recount(pool);
  watchAgain(pool);
  const breaks = i32[pool + P.DEATHS]! >= MOST_DEATHS;
  admitAll(pool);
  unlock(pool + Obj.MUTEX);
  if (early) collectFailure(thread);
  if (breaks) breakPool(pool, errorOf(thread), 'its threads fail before they can take a task');
  if (seat !== 0) release(thread);
  tend(pool);
}

/** `Kind.due` of pools. In the supervisor. */
export function attend(pool: number): void {
  lookAfterWatched(pool);
  tend(pool);
}

/** Does what somebody who has died may have left undone. Not under MUTEX. */
function tend(pool: number): void {
  if (i32[pool + Obj.STATE] === PoolState.BROKEN)
    endAllPending(pool, TaskState.FAILED, Cause.BROKEN, pointer(pool + P.CAUSE));
  else startThreads(pool);
}

function seatOf(pool: number, thread: number): number {
  for (const seat of seats(pool)) if (pointer(seat + S.THREAD) === thread) return seat;
  return 0;
}

function endTasks(seat: number, thread: number): void {
  if (i32[seat + S.TASK] === 0) return;
  const error = errorOf(thread);
  collectFailure(thread); // the tasks' readers are told
  const condemned = i32[seat + S.CONDEMNED] === 1;
  for (let task = pointer(seat + S.TASK); task !== 0; task = pointer(seat + S.TASK)) {
    endWithThread(task, error, condemned);
    tellOf(task, seat);
  }
}

function errorOf(thread: number): unknown {
  const payload = pointer(thread + Th.RESULT);
  return payload === 0 ? undefined : readPayload(payload);
}

/**
 * `Kind.ownerEnded`: a thread has ended that may have been starting others, or ending tasks. Others may have relied on that.
 * Under MUTEX, so what there is to do is left to the supervisor.
 */
export function starterEnded(pool: number): boolean {
  recount(pool);
  watchAgain(pool);
  const broken = i32[pool + Obj.STATE] === PoolState.BROKEN;
  if (broken ? i32[pool + P.PENDING] !== 0 : needsThread(pool)) {
    retain(pool);
    tell({ type: 'alarm', object: pool, delay: 0 });
  }
  return false;
}

/** `Kind.grantLost`: a thread was woken to look for a task, and died before it could. Under MUTEX. */
export function lookerLost(pool: number): void {
  recount(pool);
  admitAll(pool);
}

/** Who was starting a thread has ended: if it did not come to that, the seat is free. */
function withoutStarter(seat: number): void {
  const thread = pointer(seat + S.THREAD);
  if (thread === 0 || i32[thread + Th.STATUS] === Status.NEW) {
    empty(seat);
    if (thread !== 0) release(thread); // which has a reference to the pool, not the last
  } else i32[seat + S.STARTER] = 0;
}

/** The pool runs no task any more: what is pending fails. `why`: for the message. */
export function breakPool(pool: number, cause: unknown, why: string): void {
  const message = `${nameOf(pool) === '' ? 'the pool' : `pool ${JSON.stringify(nameOf(pool))}`} is broken: ${why}`;
  let reason: number;
  try {
    reason = writePayload(new BrokenPoolError(message, { cause }), 'error');
  } catch {
    reason = writePayload(new BrokenPoolError(message, { cause: plainError(cause, 'a thread') }), 'error');
  }
  const first = withMutex(pool, () => {
    if (i32[pool + Obj.STATE] === PoolState.BROKEN) return false;
    i32[pool + P.CAUSE] = reason;
    Atomics.store(i32, pool + Obj.STATE, PoolState.BROKEN);
    return true;
  });
  if (!first) freePayload(reason);
  endAllPending(pool, TaskState.FAILED, Cause.BROKEN, pointer(pool + P.CAUSE));
}

/** Ends all pending tasks in the same way. `reason`: a payload that stays the caller's. */
export function endAllPending(pool: number, state: number, cause: number, reason: number): void {
  for (let more = true; more;) {
    let dropped = 0;
    lock(pool + Obj.MUTEX);
    const task = first(pool);
    more = task !== 0;
    if (more) {
      if (reason !== 0) sharePayload(reason);
      if (endPending(pool, task, state, cause, reason)) dropped = task;
    } else {
      if (i32[pool + Obj.STATE] !== PoolState.OPEN) grantAll(pool + Obj.HEAD);
      admitAll(pool);
    }
    unlock(pool + Obj.MUTEX);
    if (dropped !== 0) dropTask(dropped);
  }
}

/** Part of `Kind.destroy`. */
export function freeSeats(pool: number): void {
  for (let seat = pointer(pool + P.SEATS); seat !== 0;) {
    const next = pointer(seat + S.NEXT);
    if (i32[seat + S.THREAD] !== 0) release(pointer(seat + S.THREAD));
    free(seat);
    seat = next;
  }
}
