/**
 * Stopping a task: it is asked to, as a thread is by `cancel()`, and if it does not, its thread is ended.
 *
 * Asking turns RUNNING to ASKED under the pool's MUTEX and cancels the thread, if the task is the one that it began last; a
 * task within which others run is asked when these have ended. The thread takes its cancellation back when the task has
 * ended, under the same MUTEX; so nothing that it runs later is hit.
 */
import { ThreadDiedError } from '../base/errors.js';
import { f64, i32, pointer, reach } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { KindId, Obj, retain } from '../memory/object.js';
import { freePayload, sharePayload, writePayload } from '../memory/payload.js';
import { Th } from '../park/current.js';
import { sharedNow } from '../platform/clock.js';
import { markCancelled, terminateThread } from '../thread/cancelling.js';
import { tell } from '../thread/upward.js';
import { admitAll } from './admitting.js';
import { writeError } from './completion.js';
import { dropTask } from './lost.js';
import { endPending } from './pending.js';
import { clearRecord } from './task-blocks.js';
import { Cause, hasOutcome, P, S, T, TaskState } from './words.js';

/** Milliseconds that a task has to stop once it was asked to. */
export const GRACE = 100;
/** A timer may go off so much too early, in milliseconds. */
const EARLY = 2;

/**
 * Stops a task that has not ended; the caller has a reference to it. False if it has, or is 0. `reason`: a payload, which
 * is taken over, or 0.
 */
export function stopTask(task: number, cause: number, reason: number): boolean {
  const stopped = task !== 0 && (stopPending(task, cause, reason) || stopRunning(task, cause, reason));
  if (!stopped && reason !== 0) freePayload(reason);
  return stopped;
}

/** Ends a task that has not begun; false if it has. */
function stopPending(task: number, cause: number, reason: number): boolean {
  if (Atomics.load(i32, task + T.STATE) !== TaskState.PENDING) return false;
  const pool = pointer(task + T.POOL);
  let dropped = false;
  lock(pool + Obj.MUTEX);
  const pending = i32[task + T.STATE] === TaskState.PENDING;
  if (pending) {
    dropped = endPending(pool, task, finalState(cause), cause, reason);
    admitAll(pool);
  }
  unlock(pool + Obj.MUTEX);
  if (dropped) dropTask(task);
  return pending;
}

/** Asks a task to stop; false if it does not run, or was asked before. */
function stopRunning(task: number, cause: number, reason: number): boolean {
  if (Atomics.load(i32, task + T.STATE) !== TaskState.RUNNING) return false;
  // First: were this thread to die when it has asked, nobody would end a task that does not stop.
  setAlarm(task, GRACE);
  const pool = pointer(task + T.POOL);
  lock(pool + Obj.MUTEX);
  const asked = ask(pool, task, cause, reason);
  unlock(pool + Obj.MUTEX);
  return asked;
}

/** Cancels all tasks of a pool that run, and ends the threads that have not come to take one. */
export function stopAllRunning(pool: number): void {
  const asked: number[] = [];
  const starting: number[] = [];
  lock(pool + Obj.MUTEX);
  for (let seat = pointer(pool + P.SEATS); seat !== 0; seat = pointer(seat + S.NEXT)) {
    const thread = pointer(seat + S.THREAD);
    if (thread !== 0 && i32[seat + S.ARRIVED] === 0) {
      retain(thread);
      starting.push(thread);
    }
    for (let task = pointer(seat + S.TASK); task !== 0;) {
      // Read first: it is the next one if the task is still there after that.
      const outer = i32[task + T.OUTER]!;
      if (!isRunBy(pool, task, seat)) {
        task = pointer(seat + S.TASK); // it has just ended: what it says is nothing to follow
        continue;
      }
      if (ask(pool, task, Cause.CANCELLED, 0)) {
        retain(task); // an ASKED task does not end without MUTEX
        asked.push(task);
      }
      task = reach(outer);
    }
  }
  unlock(pool + Obj.MUTEX);
  for (const task of asked) soundLater(task, GRACE);
  for (const thread of starting) terminateThread(thread);
}

/** Ends the threads of a pool that run no task: what an ended one has left keeps them from leaving. */
export function endIdleThreads(pool: number): void {
  const idle: number[] = [];
  lock(pool + Obj.MUTEX);
  for (let seat = pointer(pool + P.SEATS); seat !== 0; seat = pointer(seat + S.NEXT)) {
    const thread = pointer(seat + S.THREAD);
    if (thread === 0 || i32[seat + S.TASK] !== 0) continue;
    i32[seat + S.CONDEMNED] = 1;
    retain(thread);
    idle.push(thread);
  }
  unlock(pool + Obj.MUTEX);
  for (const thread of idle) terminateThread(thread);
}

/**
 * Whether a task that was found in the chain of a seat is still there: a thread takes its task out of it without MUTEX, and
 * then the block may become another pool's task. Between this look and the next step that takes some instructions of this
 * thread's against a whole task of another's.
 */
function isRunBy(pool: number, task: number, seat: number): boolean {
  return i32[task + Obj.KIND] === KindId.FUTURE && i32[task + T.POOL] === pool && i32[task + T.SEAT] === seat;
}

/**
 * RUNNING → ASKED. False if it ends by itself just now, or has ended: then its block may
 * even be another task's by now, and is not touched. Under MUTEX, without which an ASKED task does not end.
 */
function ask(pool: number, task: number, cause: number, reason: number): boolean {
  const end = sharedNow() + GRACE;
  if (Atomics.compareExchange(i32, task + T.STATE, TaskState.RUNNING, TaskState.ASKED) !== TaskState.RUNNING)
    return false;
  // No call between: an ASKED task has a cause.
  i32[task + T.CAUSE] = cause;
  i32[task + T.REASON] = reason;
  f64[(task + T.PATIENCE) >> 1] = -end;
  if (cause === Cause.CANCELLED) f64[(pool + P.CANCELLED) >> 1]! += 1;
  const seat = i32[task + T.SEAT]!;
  if (i32[seat + S.TASK] === task) cancelThreadOf(seat, task);
  return true;
}

function finalState(cause: number): number {
  return cause === Cause.CANCELLED ? TaskState.CANCELLED : TaskState.FAILED;
}

/** Makes the waits of a seat's thread throw. Under MUTEX. */
function cancelThreadOf(seat: number, task: number): void {
  const thread = pointer(seat + S.THREAD);
  const reason = pointer(task + T.REASON);
  if (reason !== 0 && i32[thread + Th.REASON] === 0) {
    sharePayload(reason);
    i32[thread + Th.REASON] = reason;
  }
  markCancelled(thread);
}

/** Takes back the cancellation of a seat's thread, whose task `ended`; the task around it may have been asked too. */
function takeBack(seat: number, ended: number): void {
  const thread = pointer(seat + S.THREAD);
  if (i32[seat + S.TASK] !== ended) return; // it was not asked yet
  const reason = pointer(thread + Th.REASON);
  Atomics.store(i32, thread + Th.CANCEL, 0);
  i32[thread + Th.REASON] = 0;
  if (reason !== 0) freePayload(reason);
}

/**
 * The thread of a task that was asked to stop has come to its end: now its state says so. `thrown`: what the task threw,
 * if anything but its cancellation; it is told as the cause.
 */
export function endAsked(task: number, seat: number, thrown: unknown): void {
  const pool = pointer(task + T.POOL);
  const own = thrown === undefined ? 0 : payloadOf(thrown);
  lock(pool + Obj.MUTEX);
  takeBack(seat, task);
  if (i32[task + T.REASON] === 0) i32[task + T.REASON] = own;
  else if (own !== 0) freePayload(own);
  unlock(pool + Obj.MUTEX);
  clearRecord(task);
  Atomics.store(i32, task + T.STATE, finalState(i32[task + T.CAUSE]!));
}

function payloadOf(error: unknown): number {
  try {
    return writePayload(error, 'error');
  } catch {
    return 0;
  }
}

/** A task has ended within `outer`, which may have been asked to stop meanwhile. */
export function askOuter(outer: number, seat: number): void {
  if (Atomics.load(i32, outer + T.STATE) !== TaskState.ASKED) return;
  const pool = pointer(outer + T.POOL);
  lock(pool + Obj.MUTEX);
  if (i32[seat + S.TASK] === outer && i32[outer + T.STATE] === TaskState.ASKED) cancelThreadOf(seat, outer);
  unlock(pool + Obj.MUTEX);
}

/** Ends a task whose thread has ended with `error`; what the thread may have done of that stays. */
export function endWithThread(task: number, error: unknown, condemned: boolean): void {
  if (hasOutcome(Atomics.load(i32, task + T.STATE))) return;
  if (Atomics.load(i32, task + T.STATE) === TaskState.RUNNING) {
    writeError(task, condemned ? sharedFate() : error);
    const before = Atomics.compareExchange(i32, task + T.STATE, TaskState.RUNNING, TaskState.FAILED);
    if (before === TaskState.RUNNING) return;
  }
  const pool = pointer(task + T.POOL);
  lock(pool + Obj.MUTEX); // who asked it may not have told the cause yet
  unlock(pool + Obj.MUTEX);
  clearRecord(task);
  Atomics.store(i32, task + T.STATE, finalState(i32[task + T.CAUSE]!));
}

function sharedFate(): ThreadDiedError {
  return new ThreadDiedError(
    'the thread was ended while this task waited for another one, which ran within it and did not stop when it was asked to',
  );
}

// --- what is due -----------------------------------------------------------------------------------------

/** Has the supervisor look at a task later. */
export function setAlarm(task: number, delay: number): void {
  retain(task);
  soundLater(task, delay);
}

/** The same with a reference of the caller's. */
function soundLater(task: number, delay: number): void {
  tell({ type: 'alarm', object: task, delay });
}

/** `Kind.due` of tasks: one has waited, or run, for as long as it may, or does not stop. In the supervisor. */
export function due(task: number): void {
  switch (Atomics.load(i32, task + T.STATE)) {
    case TaskState.PENDING:
      stopTask(task, Cause.EXPIRED, 0);
      return;
    case TaskState.RUNNING:
      if (hasTime(task)) return; // or it is the alarm of its wait that comes only now
      stopTask(task, Cause.OVERDUE, 0);
      return;
    case TaskState.ASKED:
      if (!hasTime(task)) endThreadOf(task);
      return;
    default:
  }
}

/** Whether a task that runs may do so for longer; then the supervisor looks again when its time is over. */
function hasTime(task: number): boolean {
  const end = -f64[(task + T.PATIENCE) >> 1]!;
  if (end <= 0) return true; // there is no end
  const left = end - sharedNow();
  if (left <= EARLY) return false;
  setAlarm(task, left);
  return true;
}

/** Ends the thread of a task that did not stop, and no other task than that and those around it. */
function endThreadOf(task: number): void {
  const pool = pointer(task + T.POOL);
  lock(pool + Obj.MUTEX);
  const seat = pointer(task + T.SEAT);
  const there = i32[task + T.STATE] === TaskState.ASKED;
  const innermost = pointer(seat + S.TASK) === task;
  const thread = there && innermost ? pointer(seat + S.THREAD) : 0;
  if (thread !== 0) {
    // From now on it begins no other task.
    i32[seat + S.CONDEMNED] = 1;
    retain(thread);
  }
  unlock(pool + Obj.MUTEX);
  if (thread !== 0) {
    terminateThread(thread);
  } else if (there) {
    setAlarm(task, GRACE); // what runs within it ends first
  }
}
