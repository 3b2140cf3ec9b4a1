/** What the wait-for graph must know of pools. */
import { f64, i32, pointer } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import { kindAt, KindId, Obj } from '../memory/object.js';
import { Rec } from '../memory/records.js';
import { entries } from '../memory/table.js';
import { hasEnded, Th, workerOf } from '../park/current.js';
import { seats } from '../executor/seats.js';
import { hasOutcome, P, PoolState, S, T } from '../executor/words.js';

/** The pools that have threads. */
export function pools(): Set<number> {
  const found = new Set<number>();
  for (const entry of entries(Header.THREADS)) {
    const group = pointer(pointer(entry) + Th.GROUP);
    if (group !== 0 && kindAt(group)?.id === KindId.THREAD_POOL) found.add(group);
  }
  return found;
}

/** Whether a pool is about to run one more of its tasks. */
export function isMoving(pool: number): boolean {
  if ([...seats(pool)].some(isComing)) return true;
  if (i32[pool + P.PENDING] === 0) return false;
  return (
    i32[pool + P.LOOKING] !== 0 ||
    i32[pool + Obj.HEAD] !== 0 ||
    i32[pool + Obj.STATE] === PoolState.BROKEN ||
    i32[pool + P.LIVE]! - i32[pool + P.BLOCKED]! < i32[pool + P.THREADS]!
  );
}

/** Whether the thread of a seat is starting, and does not wait for anything in its initializer. */
function isComing(seat: number): boolean {
  if (i32[seat + S.ARRIVED] === 1) return false;
  if (i32[seat + S.THREAD] === 0) return i32[seat + S.STARTER] !== 0;
  const worker = workerAt(seat);
  return worker === 0 || (i32[worker + Rec.WAITING] === 0 && i32[worker + Rec.QUIET] === 0);
}

/** The workers of a pool's threads that run a task. */
export function busyWorkers(pool: number): number[] {
  return [...seats(pool)].filter((seat) => i32[seat + S.TASK] !== 0).map(workerAt);
}

/** The workers of all threads of a pool. */
export function workersOf(pool: number): number[] {
  return [...seats(pool)].filter((seat) => i32[seat + S.THREAD] !== 0).map(workerAt);
}

/** The worker in which a task runs; 0 if none is known. */
export function workerOfTask(task: number): number {
  const seat = pointer(task + T.SEAT);
  return seat === 0 ? 0 : workerAt(seat);
}

function workerAt(seat: number): number {
  const thread = pointer(seat + S.THREAD);
  return thread === 0 || hasEnded(thread) ? 0 : workerOf(thread);
}

/** Whether a thread is one of a pool's. */
export function isPoolThread(thread: number): boolean {
  const group = pointer(thread + Th.GROUP);
  return group !== 0 && kindAt(group)?.id === KindId.THREAD_POOL;
}

/** Whether a time is set at which the thread's task is ended: by its timeout, or since it was asked to stop. */
export function isTimed(thread: number): boolean {
  if (!isPoolThread(thread)) return false;
  const pool = pointer(thread + Th.GROUP);
  for (const seat of seats(pool)) {
    if (pointer(seat + S.THREAD) !== thread) continue;
    for (let task = pointer(seat + S.TASK); task !== 0; task = pointer(task + T.OUTER))
      if (f64[(task + T.PATIENCE) >> 1]! < 0) return true;
  }
  return false;
}

/** The tasks that a worker's thread has submitted and that have not ended. */
export function tasksOf(worker: number, tid: number): number[] {
  const found: number[] = [];
  const add = (task: number): void => {
    if (i32[task + T.WORKER] === worker && i32[task + T.TID] === tid && !hasOutcome(i32[task + T.STATE]!))
      found.push(task);
  };
  for (const pool of pools()) {
    for (const seat of seats(pool))
      for (let task = pointer(seat + S.TASK); task !== 0; task = pointer(task + T.OUTER)) add(task);
    for (let list = pool + P.LISTS; list < pool + P.WORDS; list += 2)
      for (let task = pointer(list); task !== 0; task = pointer(task + T.NEXT)) add(task);
  }
  return found;
}
