/**
 * What a worker does all its life: runs one thread, tells how it ended, waits for the next.
 *
 * A worker that has run a thread serves another one if nothing of the first is left in it: no timer, no open
 * handle, no awaited wait. Otherwise it ends with its thread, and with it what was left.
 */
import { CancelledError, ThreadDiedError } from '../base/errors.js';
import { f64, i32, pointer } from '../memory/heap.js';
import { takePayload, writePayload } from '../memory/payload.js';
import { nextGeneration, record, Rec, tid } from '../memory/records.js';
import { pendingWaits } from '../park/await.js';
import { cancelledError } from '../park/cancel.js';
import { isCancelled, Option, setCurrent, Status, Th } from '../park/current.js';
import { park, setRunning } from '../park/parker.js';
import { sharedNow } from '../platform/clock.js';
import { reportRejections } from '../platform/rejections.js';
import { isNothingOpenBut, openResources, type Resources } from '../platform/resources.js';
import { turn } from '../platform/turn.js';
import { abandonHoldings } from './holdings.js';
import { endThread, errorPayload, terminated } from './ending.js';
import { dropHandlers } from './failures.js';
import { findTarget } from './find-target.js';
import type { TargetRef } from './target.js';
import { concludeThread } from './thread-end.js';
import { awaitThread, becomeIdle, beginEnding, beginThread } from './workforce.js';

/** What a thread is started with, as it crosses. */
export interface Start {
  readonly target: TargetRef;
  readonly args: readonly unknown[];
}

/** Serves threads until there is nothing to do for long. Never returns before the worker should end. */
export async function serve(): Promise<never> {
  process.on('uncaughtException', failNow);
  process.on('unhandledRejection', failNow); // with the very reason, which need not be an error
  process.on('beforeExit', failDry);
  usual = openResources();
  for (;;) {
    const thread = awaitThread();
    if (thread === 0) process.exit(0);
    beginThread(thread);
    await runThread(thread);
    await turn();
  }
}

/** Address of the thread object that runs here and has not begun to end; 0 otherwise. */
let running = 0;
/** What keeps this worker's event loop turning although no thread has opened it, by kind. */
let usual: Resources = new Map();

async function runThread(thread: number): Promise<void> {
  nextGeneration();
  running = thread;
  setCurrent(thread);
  i32[thread + Th.TID] = tid;
  f64[(thread + Th.STARTED) >> 1] = sharedNow();
  setRunning(1);
  try {
    // After THREAD was set: whoever terminates the thread sees that, or we see the mark.
    if (Atomics.load(i32, thread + Th.TERMINATE) === 1) finish(Status.TERMINATED, errorPayload(terminated()));
    else {
      const result = await runTarget(thread);
      await reportRejections(); // if it left one that nobody handles, the thread fails, and this does not return
      finish(Status.FINISHED, writePayload(result, 'result'));
    }
  } catch (error) {
    finishThrown(error);
  }
}

async function runTarget(thread: number): Promise<unknown> {
  const start = pointer(thread + Th.START);
  i32[thread + Th.START] = 0;
  const { target, args } = takePayload(start) as Start;
  if (isCancelled()) throw cancelledError();
  const found = await findTarget(target);
  // What the modules opened when they were imported is theirs, and stays for the next thread.
  usual = openResources();
  return await found(...args);
}

/** Ends the thread by what it threw. One that fails by the CancelledError of its own cancellation was cancelled. */
function finishThrown(error: unknown): void {
  const reason = withoutEchoes(error);
  finish(statusOf(reason), errorPayload(reason));
}

function statusOf(error: unknown): number {
  return error instanceof CancelledError && isCancelled() ? Status.CANCELLED : Status.FAILED;
}

/** Each `using` on the way out may meet the cancellation anew and wrap it in a SuppressedError: still one cancellation. */
function withoutEchoes(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'SuppressedError') return error;
  const { error: later, suppressed } = error as Error & { error?: unknown; suppressed?: unknown };
  const reason = withoutEchoes(suppressed);
  return reason instanceof CancelledError && withoutEchoes(later) instanceof CancelledError ? reason : error;
}

/** Ends the thread that runs here. The worker goes on to the next, or exits. */
function finish(status: number, result: number): void {
  const thread = running;
  if (thread === 0) return; // it has been ended by an uncaught error
  conclude(thread, status, result, isClean() && isNotLast());
}

function conclude(thread: number, status: number, result: number, reusable: boolean): void {
  running = 0;
  if (!beginEnding()) sleepForEver();
  abandonHoldings();
  concludeThread();
  dropHandlers();
  setRunning(0);
  // Idle first: a joiner that starts the next thread finds this worker.
  const stays = reusable && becomeIdle();
  endThread(thread, status, result);
  i32[record + Rec.LEAVING] = 0;
  setCurrent(0);
  if (!stays) process.exit(0);
}

/** Whether nothing of the thread is left in this worker that would disturb the next. */
function isClean(): boolean {
  return pendingWaits() === 0 && isNothingOpenBut(usual);
}

/** Whether the thread that ran here lets its worker run others. */
function isNotLast(): boolean {
  const own = running;
  return (i32[own + Th.OPTIONS]! & Option.ISOLATE) === 0 && i32[own + Th.LIMITS] === 0;
}

/** An error that nothing caught, in a timer or a rejected promise, fails the thread, and its worker ends. */
function failNow(error: unknown): void {
  if (running !== 0) conclude(running, statusOf(error), errorPayload(error), false);
  console.error('heddle: what a thread left behind failed after its end:', error); // it has nobody to tell
  process.exit(1);
}

/** The event loop has nothing left that could settle the target's promise. */
function failDry(): void {
  if (running === 0) return;
  failNow(
    new ThreadDiedError(
      'the thread awaits a promise that nothing can settle any more: no timer, no I/O and no wait is pending in it',
    ),
  );
}

/** The supervisor is about to end this worker. */
function sleepForEver(): never {
  for (;;) park(Infinity);
}
