/**
 * The thread that runs in this worker now, and the words of thread objects, which waiting and locking read.
 *
 * A thread object is a shared object (memory/object.ts); its body:
 *
 * | word | meaning | written by |
 * | --- | --- | --- |
 * | STATUS | see {@link Status} | starter, worker, supervisor; terminal ones under MUTEX |
 * | ID | the number that people see | its maker, once |
 * | WORKER | address of the record of the worker it runs in, or 0 | starter, under REGISTRY |
 * | TID | its tid while it runs | its worker |
 * | CANCEL | 1 once `cancel()` was called; sticky | anyone, Atomics |
 * | REASON | payload with the reason of the cancellation, or 0 | whoever set CANCEL |
 * | RESULT | payload with the result or the error, or 0 | its worker or the supervisor, before a terminal STATUS |
 * | START | payload with target and arguments, or 0 | starter; its worker takes it |
 * | OPTIONS | bits of {@link Option} | its maker, once |
 * | GROUP | address of its group, or 0 (one reference) | starter, once |
 * | COLLECTED | 1 once a join has delivered the result or the error | joiner, Atomics |
 * | TERMINATE | 1 once `terminate()` was called | anyone, Atomics |
 * | LIMITS | payload with resource limits, or 0 | its maker, once |
 * | STARTED, ENDED | shared-clock milliseconds, floats | its worker; supervisor |
 * | COUNTED | 1 while it counts in Header.LIVE | starter; who ends it |
 * | TOLD | 1 once its failure has been told to the supervisor | who ends it, Atomics.exchange |
 * | LEFT | 1 once its group has counted it as ended | who ends it, under the group's MUTEX |
 * | WAITS, WAITED | how often it was blocked, and for how many milliseconds together, a float | its worker |
 */
import { i32, pointer } from '../memory/heap.js';

/** Words of a thread object: STATUS is `Obj.STATE`, and the body begins at `Obj.BODY`. */
export const Th = {
  STATUS: 3,
  ID: 16,
  WORKER: 17,
  TID: 18,
  CANCEL: 19,
  REASON: 20,
  RESULT: 21,
  START: 22,
  OPTIONS: 23,
  GROUP: 24,
  COLLECTED: 25,
  TERMINATE: 26,
  LIMITS: 27,
  STARTED: 28,
  ENDED: 30,
  WAITS: 32,
  WAITED: 34,
  COUNTED: 36,
  TOLD: 37,
  LEFT: 38,
  WORDS: 40,
} as const;

/** NEW → RUNNING (start) → one of the four terminal ones, once. */
export const Status = { NEW: 0, RUNNING: 1, FINISHED: 2, FAILED: 3, CANCELLED: 4, TERMINATED: 5 } as const;

/** Bits of OPTIONS. */
export const Option = { DAEMON: 1, ISOLATE: 2, MAIN: 4 } as const;

/** Address of the object of the thread that runs in this worker now; 0 in the supervisor and between threads. */
export let current = 0;

export function setCurrent(thread: number): void {
  current = thread;
}

/** Whether the running thread has been asked to stop. */
export function isCancelled(): boolean {
  return current !== 0 && Atomics.load(i32, current + Th.CANCEL) === 1;
}

/** Whether a thread object is in one of its terminal states. */
export function hasEnded(thread: number): boolean {
  return Atomics.load(i32, thread + Th.STATUS) > Status.RUNNING;
}

/** The record of the worker that runs a thread, or 0. */
export function workerOf(thread: number): number {
  return pointer(thread + Th.WORKER);
}
