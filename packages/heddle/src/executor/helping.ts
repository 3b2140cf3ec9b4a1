/**
 * What a thread of a pool does when a task of its own waits for another task of the same pool: it runs that one itself, if
 * it has not begun. So each task that is waited for runs, or has a thread that runs it, and a pool cannot starve of waiting
 * for itself. Where the thread cannot, since the function is async and it blocks, another thread works in its place.
 *
 * Rejected design: *running whatever is next*. It makes a task wait for work that has nothing to do with it, and stacks
 * tasks upon each other without an end.
 */
import type { DeadlockError } from '../base/errors.js';
import { selfDeadlock } from '../sync/self-deadlock.js';
import { i32, pointer } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { Obj } from '../memory/object.js';
import { isCancelled } from '../park/current.js';
import type { Target } from '../thread/find-target.js';
import { admitAll } from './admitting.js';
import { begin } from './pending.js';
import { run } from './running.js';
import { setBlocked } from './seats.js';
import { knownTarget, loadTargetSync } from './targets.js';
import { hasOutcome, P, S, T, TaskState } from './words.js';

/** The pool and the seat of the thread that runs here, or 0. */
let poolHere = 0;
let seatHere = 0;
/** What has been begun so and has not ended. */
const helped = new Set<Promise<void>>();

/** Says which pool's thread runs here now: none if both are 0. */
export function sitDown(pool: number, seat: number): void {
  poolHere = pool;
  seatHere = seat;
}

/** Fulfilled when all tasks that run within others have ended. */
export async function allHelped(): Promise<void> {
  while (helped.size > 0) await Promise.all(helped);
}

function isOfThisPool(task: number): boolean {
  return poolHere !== 0 && pointer(task + T.POOL) === poolHere;
}

/**
 * Begins a task, if no other thread has done so. Not in a thread whose task was asked to stop: that would hit this task
 * too, and its end may be the thread's.
 */
function claimThis(task: number): boolean {
  if (isCancelled()) return false;
  lock(poolHere + Obj.MUTEX);
  // A thread that is to stop, or to be ended, would take down with it what it begins now.
  const may = !isCancelled() && i32[seatHere + S.CONDEMNED] === 0;
  const mine = may && i32[task + T.STATE] === TaskState.PENDING;
  if (mine) {
    begin(poolHere, task, seatHere);
    if (i32[poolHere + P.SENDERS] !== 0) admitAll(poolHere);
  }
  unlock(poolHere + Obj.MUTEX);
  return mine;
}

/** Functions that are not async, and have returned a promise all the same. */
const promising = new WeakSet<Target>();

/**
 * For a thread that is about to block until a task has ended. True if it runs here now and has not ended, since its function
 * has returned a promise; then the next task with that function is left to another thread. `pending`: as for
 * {@link helpSoon}.
 */
export function helpNow(task: number, pending: () => boolean): boolean {
  if (!isOfThisPool(task) || i32[task + T.STATE] !== TaskState.PENDING || isCancelled()) return false;
  const target = targetOf(task);
  // Finding the function may import its module, and that may do anything.
  if (target === undefined || !returnsAtOnce(target) || !pending() || !claimThis(task)) return false;
  if (run(task, seatHere) === undefined) return false;
  promising.add(target);
  return true;
}

function targetOf(task: number): Target | undefined {
  try {
    return knownTarget(task) ?? loadTargetSync(task);
  } catch {
    return undefined; // another thread says why
  }
}

/** Whether a function does what it does before it returns, as far as can be told. */
function returnsAtOnce(target: Target): boolean {
  return Object.prototype.toString.call(target) !== '[object AsyncFunction]' && !promising.has(target);
}

/** For a task that awaits another. `pending`: whether its outcome is still awaited; only then is the block the task's. */
export function helpSoon(task: number, pending: () => boolean): void {
  if (!isOfThisPool(task) || i32[task + T.STATE] !== TaskState.PENDING) return;
  const pool = poolHere;
  setImmediate(() => {
    if (poolHere !== pool || !pending() || !claimThis(task)) return;
    const running = run(task, seatHere);
    if (running === undefined) return;
    helped.add(running);
    void running.finally(() => helped.delete(running));
  });
}

/** Whether a task has begun in this thread, and not ended: then nothing ends it while the thread blocks. */
export function runsHere(task: number): boolean {
  if (!isOfThisPool(task)) return false;
  for (let its = pointer(seatHere + S.TASK); its !== 0; its = pointer(its + T.OUTER)) {
    if (its === task) return !hasOutcome(Atomics.load(i32, task + T.STATE));
  }
  return false;
}

/** The error for blocking for a task that runs here. `promised`: whether {@link helpNow} has just begun it. */
export function selfWait(task: number, name: string, promised: boolean): DeadlockError {
  const here = `${name} runs on this very thread, which would wait for itself for ever`;
  const isAlone = pointer(seatHere + S.TASK) === task && i32[task + T.OUTER] === 0;
  const [why, advice] = promised
    ? [
        `${name} has returned a promise, though its function is not async, and so it was begun on this very thread, which ` +
          'cannot block until it has ended',
        'Declare the function async, or await the future instead of calling result()',
      ]
    : isAlone
      ? [`${here}: it is the one that waits`, 'Leave the reading of its future to others']
      : [here, 'Await the future instead of calling result()'];
  return selfDeadlock(why, advice, { kind: 'Future', name }, false);
}

/** Blocks until a task has ended; if it is one of this thread's pool, another thread works in its place meanwhile. */
export function whileBlocked(task: number, block: () => void): void {
  if (!isOfThisPool(task)) {
    block();
    return;
  }
  const pool = poolHere;
  setBlocked(pool, seatHere, 1);
  try {
    block();
  } finally {
    setBlocked(pool, seatHere, 0);
  }
}

/** Whether the thread that runs here is one of this pool's. */
export function sitsAt(pool: number): boolean {
  return poolHere === pool;
}

/**
 * Whether this thread awaits no task any more, since it was cancelled. Not if tasks run within each other here: only the
 * one begun last was asked to stop.
 */
export function waitsAreCancelled(): boolean {
  if (!isCancelled()) return false;
  return seatHere === 0 || i32[seatHere + S.TASK] === 0 || i32[pointer(seatHere + S.TASK) + T.OUTER] === 0;
}
