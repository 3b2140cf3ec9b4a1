/** The end of a thread, in whatever way: its joiners and its group are told, and a failure is remembered. */
import { ThreadDiedError } from '../base/errors.js';
import { f64, i32, pointer } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import { lock, unlock } from '../memory/mutex.js';
import { kindOf, Obj, release, retain } from '../memory/object.js';
import { freePayload, writePayload } from '../memory/payload.js';
import { addEntry, hasAddress, removeAddress } from '../memory/table.js';
import { hasEnded, Status, Th } from '../park/current.js';
import { suspectAnew } from '../park/suspicion.js';
import { grantAll } from '../park/waiters.js';
import { sharedNow } from '../platform/clock.js';
import { plainError } from './plain-error.js';
import { tell } from './upward.js';
import { uncount } from './workforce.js';

/**
 * Ends a thread object with a terminal status and a payload with its result or its error, which it takes over.
 * Called by the thread's worker, or by the supervisor once that worker is dead: then it completes what the worker
 * may have begun.
 */
export function endThread(thread: number, status: number, result: number): void {
  if (!hasEnded(thread)) publish(thread, status, result);
  else if (result !== 0) freePayload(result);
  if (!isRegistered(thread)) return; // all the rest has been done

  // Each step is done once, also if two have tried: the thread stays registered until the last is done.
  const failed = status === Status.FAILED;
  if (failed && Atomics.exchange(i32, thread + Th.TOLD, 1) === 0) {
    retain(thread);
    tell({ type: 'failed', thread });
  }
  const group = pointer(thread + Th.GROUP);
  if (group !== 0) {
    kindOf(group).memberEnded?.(group, thread, failed || status === Status.TERMINATED);
    // The group may keep a reference to the thread: one to the group would keep both for ever.
    lock(Header.REGISTRY); // who finds the thread among those that have not ended may take a reference to its group
    i32[thread + Th.GROUP] = 0;
    unlock(Header.REGISTRY);
    release(group);
  }
  uncount(thread);
  lock(Header.REGISTRY);
  const registered = removeAddress(Header.THREADS, thread);
  unlock(Header.REGISTRY);
  if (registered) release(thread);
  suspectAnew();
}

function isRegistered(thread: number): boolean {
  lock(Header.REGISTRY);
  const registered = hasAddress(Header.THREADS, thread);
  unlock(Header.REGISTRY);
  return registered;
}

function publish(thread: number, status: number, result: number): void {
  // Before anyone is told: a joiner takes the failure off the list again.
  if (status === Status.FAILED) rememberFailure(thread);
  lock(thread + Obj.MUTEX);
  i32[thread + Th.RESULT] = result;
  f64[(thread + Th.ENDED) >> 1] = sharedNow();
  Atomics.store(i32, thread + Th.STATUS, status);
  admit(thread);
  unlock(thread + Obj.MUTEX);
}

/** `Kind.admit` of threads: frees the joiners once the thread has ended. */
export function admit(thread: number): void {
  if (hasEnded(thread)) grantAll(thread + Obj.HEAD);
}

function rememberFailure(thread: number): void {
  lock(Header.REGISTRY);
  retain(thread);
  addEntry(Header.FAILURES, thread);
  unlock(Header.REGISTRY);
}

/** Notes that somebody has been given a thread's failure: it is not reported at exit. */
export function collectFailure(thread: number): void {
  if (Atomics.exchange(i32, thread + Th.COLLECTED, 1) === 1) return;
  lock(Header.REGISTRY);
  const remembered = removeAddress(Header.FAILURES, thread);
  unlock(Header.REGISTRY);
  if (remembered) release(thread);
}

/** A payload for an error, also if something in it cannot cross: then for its name, message and stack alone. */
export function errorPayload(error: unknown): number {
  try {
    return writePayload(error, 'error');
  } catch {
    return writePayload(plainError(error, 'a thread'), 'error');
  }
}

/** The error that joiners of a terminated thread get. */
export function terminated(): ThreadDiedError {
  return new ThreadDiedError('the thread was ended by terminate()');
}
