/** The blocks of tasks that this worker submits. Ended ones are kept for the next, so that a task costs no allocation. */
import { allocate, free } from '../memory/allocator.js';
import { i32, pointer } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { freePayload } from '../memory/payload.js';
import { type Kind, KindId, Obj, release, retain } from '../memory/object.js';
import { isAlive, record, Rec, WorkerState } from '../memory/records.js';
import { grantAll } from '../park/waiters.js';
import { dropRecord } from '../queue/records.js';
import { hasOutcome, Shape, T, TaskState, Waited } from './words.js';

/** How many spare blocks this worker has, chained by NEXT from its record's SPARE; and how many at most. */
let spare = 0;
const MOST_SPARE = 65_536;

/** A block for a task, all zero but for its record, with one reference. @throws OutOfMemoryError */
export function takeBlock(): number {
  let task = pointer(record + Rec.SPARE);
  if (task === 0) {
    task = allocate(T.WORDS);
  } else {
    i32[record + Rec.SPARE] = i32[task + T.NEXT]!;
    spare--;
  }
  i32.fill(0, task, task + T.RECORD);
  i32[task + Obj.KIND] = KindId.FUTURE;
  i32[task + Obj.REFS] = 1;
  return task;
}

/** Gives back a block that was never submitted, or this worker's reference to a task that has ended. */
export function giveBlock(task: number): void {
  // Only who has a reference can add one: if there is one, it is ours.
  if (Atomics.load(i32, task + Obj.REFS) !== 1) {
    release(task);
    return;
  }
  empty(task);
  i32[task + Obj.KIND] = 0;
  if (spare >= MOST_SPARE) {
    free(task);
    return;
  }
  i32[task + T.NEXT] = i32[record + Rec.SPARE]!;
  i32[record + Rec.SPARE] = task;
  spare++;
}

/** Frees the spare blocks of a worker: this one, or in the supervisor one that is dead. */
export function freeSpare(worker: number): void {
  for (let task = pointer(worker + Rec.SPARE); task !== 0; task = pointer(worker + Rec.SPARE)) {
    i32[worker + Rec.SPARE] = i32[task + T.NEXT]!;
    free(task);
  }
  if (worker === record) spare = 0;
}

/** Frees what belongs to a task beside its block. */
function empty(task: number): void {
  const reason = pointer(task + T.REASON);
  if (reason !== 0) freePayload(reason);
  clearRecord(task);
  if (i32[task + T.KEEPS] === 1) release(pointer(task + T.POOL));
}

/** Frees what a record holds. */
export function clearRecord(task: number): void {
  if (i32[task + T.SHAPE] === Shape.NONE) return;
  i32[task + T.SHAPE] = Shape.NONE;
  dropRecord(i32, task + T.RECORD);
}

/**
 * The worker on whose DONE a task goes that has ended: the one that submitted it; or 0 if that has died, and nobody reads the
 * outcome. With WAITED, a waiter of the dead one's may refer to the task until the burial, which empties the stack.
 */
export function takerOf(task: number): number {
  const worker = pointer(task + T.WORKER);
  if (isAlive(i32[task + T.TID]!)) return worker;
  return (i32[task + T.WAITED]! & Waited.LIST) !== 0 && isUnburied(worker) ? worker : 0;
}

/**
 * Whether a worker is dead and its burial is to come. Not one that runs a later thread, or is about to: it was buried before,
 * or left no wait behind.
 */
function isUnburied(worker: number): boolean {
  if (Atomics.load(i32, worker + Rec.TID) !== 0) return false;
  const state = Atomics.load(i32, worker + Rec.STATE);
  return state !== WorkerState.FREE && state !== WorkerState.STARTING;
}

/** Whether a task has failed, and the thread has ended that submitted it: its failure is to be kept for the report. */
export function isOrphaned(task: number): boolean {
  return i32[task + T.STATE] === TaskState.FAILED && !isAlive(i32[task + T.TID]!);
}

/** `Kind.admit` of tasks: ends the waits for one that has ended. Under the task's MUTEX. */
function admitWaiters(task: number): void {
  if (hasOutcome(Atomics.load(i32, task + T.STATE))) grantAll(task + T.HEAD);
}

/** Lets go on who waits for a task that has ended. */
export function admitTold(task: number): void {
  // Who waits sets WAITED before it looks at STATE, and holds MUTEX until it is in the list.
  if ((Atomics.load(i32, task + T.WAITED) & Waited.LIST) === 0) return;
  lock(task + Obj.MUTEX);
  admitWaiters(task);
  unlock(task + Obj.MUTEX);
}

/** What all handles to tasks have in common, but for their class. */
export const taskKind: Omit<Kind, 'attach' | 'handles'> = {
  id: KindId.FUTURE,
  name: 'Future',
  admit: admitWaiters,
  destroy: empty,
};

/** Whether a task has ended; who waits then stands in its list before it does. Under the task's MUTEX. */
export function isOver(task: number): boolean {
  Atomics.or(i32, task + T.WAITED, Waited.LIST);
  return hasOutcome(Atomics.load(i32, task + T.STATE));
}

/** A task whose future any thread may cancel has a reference to its pool. */
export function keepPool(task: number): void {
  if (i32[task + T.KEEPS] === 1) return;
  retain(pointer(task + T.POOL));
  i32[task + T.KEEPS] = 1;
}
