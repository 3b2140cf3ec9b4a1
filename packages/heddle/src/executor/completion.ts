/**
 * The end of a task that has run: its outcome is in its record, its state says so, who waits for it goes on, and the
 * worker that submitted it finds it on its stack DONE.
 *
 * The thread that runs the task may die between any two of these; then whoever ends the thread finds the task still in
 * the chain of its seat, and does what is left. The last step, which puts the task on the stack, takes it out of the
 * chain as well: nobody may touch it after that, since the worker that submitted it may use the block again.
 *
 * The stack has many pushers and one taker, who takes all at once; so its compare-and-swap needs no tag against ABA.
 */
import { f64, i32, pointer, reach } from '../memory/heap.js';
import { release } from '../memory/object.js';
import { Rec } from '../memory/records.js';
import { draftItem, writeDraft } from '../queue/records.js';
import { plainError } from '../thread/plain-error.js';
import { loseTask } from './lost.js';
import { ringFor } from './pending.js';
import { admitTold, clearRecord, isOrphaned, takerOf } from './task-blocks.js';
import { S, Shape, T, TaskState } from './words.js';

/** Makes an outcome the content of a task's record. @throws CloneError and the like: the record is as it was */
export function writeOutcome(task: number, value: unknown, path: string): void {
  draftItem(value, -1, path);
  clearRecord(task);
  writeDraft(task + T.RECORD);
  i32[task + T.SHAPE] = Shape.OUTCOME;
}

/** The same for an error, of which only name, message and stack are told if it cannot cross. */
export function writeError(task: number, error: unknown): void {
  try {
    writeOutcome(task, error, 'error');
  } catch {
    try {
      writeOutcome(task, plainError(error, 'a task'), 'error');
    } catch {
      clearRecord(task); // no memory even for that
    }
  }
}

/** Tells of a task's end, which its state says already, and takes it out of the chain of its seat. */
export function tellOf(task: number, seat: number): void {
  const failed = i32[task + T.STATE] !== TaskState.DONE ? 1 : 0;
  admitTold(task);
  const outer = i32[task + T.OUTER]!;
  const link = linkTo(task, seat);
  const counter = (seat + S.FINISHED) >> 1;
  const worker = takerOf(task);
  if (isOrphaned(task)) loseTask(task);
  for (;;) {
    const before = worker === 0 ? 0 : Atomics.load(i32, worker + Rec.DONE);
    i32[task + T.NUMBER] = before;
    if (worker !== 0 && Atomics.compareExchange(i32, worker + Rec.DONE, before, task) !== before) continue;
    // No call between: it is in the chain, and not counted, or neither.
    i32[link] = outer;
    i32[seat + S.TASKS]! += 1;
    f64[counter]! += 1;
    f64[counter + 1]! += failed;
    break;
  }
  if (worker !== 0) ringFor(worker);
  else release(task);
}

/** The word that names a task in the chain of its seat: the seat's own, but where several tasks run in turn. */
function linkTo(task: number, seat: number): number {
  let link = seat + S.TASK;
  while (pointer(link) !== task && pointer(link) !== 0) link = pointer(link) + T.OUTER;
  return link;
}

/** Takes all tasks from a worker's stack; they are chained by NEXT, in the order in which they came. */
export function takeDone(worker: number): number {
  let task = reach(Atomics.exchange(i32, worker + Rec.DONE, 0));
  let ordered = 0;
  while (task !== 0) {
    const before = pointer(task + T.NUMBER);
    i32[task + T.NEXT] = ordered;
    ordered = task;
    task = before;
  }
  return ordered;
}
