/**
 * The tasks of a pool that have not begun: sixteen lists, one for each priority, first come first served.
 *
 * *Ageing.* Of the lists that have tasks, that one is next whose first task has the smallest `number + list * 1024`: so
 * a step of priority is worth 1024 places in the line, and no task is overtaken for ever.
 *
 * All of it is done under the pool's MUTEX. A task enters and leaves its list by a run of stores without a call or a
 * loop, so that a death finds it in the list or not (memory/mutex.ts).
 */
import { f64, i32, pointer } from '../memory/heap.js';
import { release } from '../memory/object.js';
import { Rec } from '../memory/records.js';
import { ring } from '../park/doorbell.js';
import { admitTold, takerOf } from './task-blocks.js';
import { P, S, T, TaskState } from './words.js';

/** The list of tasks whose priority is not given. */
export const USUAL_LEVEL = 8;
/** The most and the least urgent number that a priority may be. */
export const MOST_URGENT: number = -USUAL_LEVEL;
export const LEAST_URGENT = 7;

/** How many later tasks of the next higher priority may overtake one. */
const STEP = 1024;

/** Puts a task at the end of its list. */
export function append(pool: number, task: number): void {
  const level = i32[task + T.LEVEL]!;
  const list = pool + P.LISTS + 2 * level;
  const last = pointer(list + 1);
  const number = i32[pool + P.NUMBER]!;
  // From here on no call and no loop.
  i32[task + T.NUMBER] = number;
  i32[task + T.NEXT] = 0;
  i32[task + T.PREV] = last;
  i32[pool + P.NUMBER] = (number + 1) | 0;
  f64[(pool + P.SUBMITTED) >> 1]! += 1;
  if (last === 0) i32[list] = task;
  else i32[last + T.NEXT] = task;
  i32[list + 1] = task;
  i32[pool + P.MASK]! |= 1 << level;
  i32[pool + P.PENDING]! += 1;
}

/** The task that is next, or 0. */
export function first(pool: number): number {
  for (;;) {
    const task = head(pool);
    if (task === 0 || i32[task + T.STATE] === TaskState.PENDING) return task;
    // Who ended it has died before it was taken out.
    if (leave(pool, task)) release(task);
  }
}

function head(pool: number): number {
  const mask = i32[pool + P.MASK]!;
  if (mask === 0) return 0;
  const lists = pool + P.LISTS;
  // Mostly only one list is in use.
  if ((mask & (mask - 1)) === 0) return pointer(lists + 2 * (31 - Math.clz32(mask)));
  let best = 0;
  let bestRank = 0;
  for (let level = 0; level < 16; level++) {
    if ((mask & (1 << level)) === 0) continue;
    const task = pointer(lists + 2 * level);
    const rank = (i32[task + T.NUMBER]! + level * STEP) | 0;
    if (best !== 0 && ((rank - bestRank) | 0) >= 0) continue;
    best = task;
    bestRank = rank;
  }
  return best;
}

/** A seat begins to run a task: it goes from its list to the chain of the seat. */
export function begin(pool: number, task: number, seat: number): void {
  const level = i32[task + T.LEVEL]!;
  const list = pool + P.LISTS + 2 * level;
  const next = pointer(task + T.NEXT);
  const prev = pointer(task + T.PREV);
  const outer = i32[seat + S.TASK]!;
  const pending = i32[pool + P.PENDING]! - 1;
  // From here on no call but the first, and no loop.
  Atomics.store(i32, pool + P.PENDING, pending);
  i32[task + T.STATE] = TaskState.RUNNING;
  i32[task + T.SEAT] = seat;
  i32[task + T.OUTER] = outer;
  i32[seat + S.TASK] = task;
  if (prev === 0) i32[list] = next;
  else i32[prev + T.NEXT] = next;
  if (next === 0) i32[list + 1] = prev;
  else i32[next + T.PREV] = prev;
  if (prev === 0 && next === 0) i32[pool + P.MASK]! &= ~(1 << level);
}

/**
 * Ends a task that has not begun. True if nobody will read its outcome: the caller releases it once MUTEX is let go.
 * `reason`: a payload that the task takes over.
 */
export function endPending(
  pool: number,
  task: number,
  state: number,
  cause: number,
  reason: number,
): boolean {
  i32[task + T.CAUSE] = cause;
  i32[task + T.REASON] = reason;
  // A death before STATE says so is one before all of this. Stored plainly, it might be seen before the cause is.
  Atomics.store(i32, task + T.STATE, state);
  if (state === TaskState.CANCELLED) f64[(pool + P.CANCELLED) >> 1]! += 1;
  return leave(pool, task);
}

/** Takes a task that has ended out of its list, and tells of its end. Returns as {@link endPending} does. */
function leave(pool: number, task: number): boolean {
  admitTold(task);
  const worker = takerOf(task);
  const level = i32[task + T.LEVEL]!;
  const list = pool + P.LISTS + 2 * level;
  const next = pointer(task + T.NEXT);
  const prev = pointer(task + T.PREV);
  for (;;) {
    const before = worker === 0 ? 0 : Atomics.load(i32, worker + Rec.DONE);
    i32[task + T.NUMBER] = before;
    if (worker !== 0 && Atomics.compareExchange(i32, worker + Rec.DONE, before, task) !== before) continue;
    // From here on no call and no loop. The worker may use the block again at once: it is not touched any more.
    if (prev === 0) i32[list] = next;
    else i32[prev + T.NEXT] = next;
    if (next === 0) i32[list + 1] = prev;
    else i32[next + T.PREV] = prev;
    if (prev === 0 && next === 0) i32[pool + P.MASK]! &= ~(1 << level);
    i32[pool + P.PENDING]! -= 1;
    break;
  }
  if (worker !== 0) ringFor(worker);
  return worker === 0;
}

/** Rings for a worker that has been given an ended task, if it asked for that. */
export function ringFor(worker: number): void {
  // Looked at after the task is on the stack, as the worker looks at the stack after it has set LISTENS: one of the two
  // sees the other. The exchange lets one of many ring.
  if (Atomics.load(i32, worker + Rec.LISTENS) === 1 && Atomics.exchange(i32, worker + Rec.LISTENS, 0) === 1) {
    ring(worker);
  }
}
