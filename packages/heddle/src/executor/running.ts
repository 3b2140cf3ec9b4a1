/** Running a task in a thread of its pool. */
import { CancelledError } from '../base/errors.js';
import { f64, i32, pointer } from '../memory/heap.js';
import { sharedNow } from '../platform/clock.js';
import { reportRejections, workOffMicrotasks } from '../platform/rejections.js';
import { readRecord } from '../queue/records.js';
import type { Target } from '../thread/find-target.js';
import { abandonHoldings } from '../thread/holdings.js';
import { isThenable, runChunk } from './chunk.js';
import { tellOf, writeError, writeOutcome } from './completion.js';
import { showUserFrames } from './site.js';
import { askOuter, endAsked, setAlarm } from './stopping.js';
import { knownTarget, loadTarget } from './targets.js';
import { clearRecord } from './task-blocks.js';
import { Shape, T, TaskState } from './words.js';

/** Runs a task that has begun; the promise, if there is one, is fulfilled when it has ended. */
export function run(task: number, seat: number): Promise<void> | undefined {
  const limit = f64[(task + T.LIMIT) >> 1]!;
  if (limit > 0) {
    f64[(task + T.PATIENCE) >> 1] = -(sharedNow() + limit);
    setAlarm(task, limit);
  }
  const target = knownTarget(task);
  return target === undefined ? load(task, seat) : call(target, task, seat);
}

async function load(task: number, seat: number): Promise<void> {
  let target: Target;
  try {
    target = await loadTarget(task);
  } catch (error) {
    fail(task, seat, error);
    return;
  }
  let value: unknown;
  try {
    value = apply(target, task);
  } catch (error) {
    await reportRejections();
    fail(task, seat, error);
    return;
  }
  await settle(task, seat, value);
}

function call(target: Target, task: number, seat: number): Promise<void> | undefined {
  let value: unknown;
  try {
    value = apply(target, task);
  } catch (error) {
    workOff(task);
    fail(task, seat, error);
    return undefined;
  }
  if (isThenable(value)) return settle(task, seat, value);
  workOff(task);
  succeed(task, seat, value);
  return undefined;
}

/**
 * Does what a task has left to be done at once. A rejection that it has left and nobody handles is then its own: it fails
 * the thread, and so the task. Not within another task, whose promises may be handled a moment later.
 */
function workOff(task: number): void {
  if (i32[task + T.OUTER] === 0) workOffMicrotasks();
}

function apply(target: Target, task: number): unknown {
  switch (i32[task + T.SHAPE]) {
    case Shape.ONE:
      return target(takeContent(task));
    case Shape.MANY:
      return target(...(takeContent(task) as unknown[]));
    case Shape.CHUNK:
      return runChunk(target, takeContent(task) as unknown[]);
    default:
      return target();
  }
}

/**
 * What was passed to a task. Until it has been read the record has it: should this thread die meanwhile, so that
 * something was sent in vain, it is dropped with the record. Then it is used up, also if it cannot be read.
 */
function takeContent(task: number): unknown {
  try {
    return readRecord(task + T.RECORD);
  } finally {
    clearRecord(task);
  }
}

async function settle(task: number, seat: number, promise: unknown): Promise<void> {
  let value: unknown;
  try {
    value = await promise;
    await reportRejections(); // if it has left one that nobody handles, the thread fails, and with it the task
  } catch (error) {
    fail(task, seat, error);
    return;
  }
  succeed(task, seat, value);
}

function succeed(task: number, seat: number, value: unknown): void {
  try {
    writeOutcome(task, value, 'result');
  } catch (error) {
    fail(task, seat, error);
    return;
  }
  end(task, seat, TaskState.DONE, undefined);
}

function fail(task: number, seat: number, error: unknown): void {
  showUserFrames(error);
  writeError(task, error);
  end(task, seat, TaskState.FAILED, error instanceof CancelledError ? undefined : error);
}

function end(task: number, seat: number, state: number, thrown: unknown): void {
  const outer = pointer(task + T.OUTER);
  // What tasks hold that run within each other cannot be told apart before the outermost has ended.
  if (outer === 0) abandonHoldings();
  if (Atomics.compareExchange(i32, task + T.STATE, TaskState.RUNNING, state) !== TaskState.RUNNING)
    endAsked(task, seat, thrown);
  tellOf(task, seat);
  if (outer !== 0) askOuter(outer, seat);
}
