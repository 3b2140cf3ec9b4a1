/** Asking a thread to stop, and ending it. */
import { i32 } from '../memory/heap.js';
import { freePayload, writePayload } from '../memory/payload.js';
import { ring } from '../park/doorbell.js';
import { hasEnded, Th, workerOf } from '../park/current.js';
import { unpark } from '../park/parker.js';
import { tell } from './upward.js';

/**
 * Marks a thread as cancelled and makes it look: its waits end with CancelledError. The first reason counts.
 *
 * @throws CloneError if the reason cannot cross to the thread
 */
export function cancelThread(thread: number, reason: unknown): void {
  if (hasEnded(thread) || Atomics.load(i32, thread + Th.CANCEL) === 1) return;
  if (reason !== undefined) {
    const payload = writePayload(reason, 'reason');
    if (Atomics.compareExchange(i32, thread + Th.REASON, 0, payload) !== 0) freePayload(payload);
  }
  markCancelled(thread);
}

/** The same, once the reason is told. */
export function markCancelled(thread: number): void {
  Atomics.store(i32, thread + Th.CANCEL, 1);
  // A worker that has gone on to another thread just looks in vain.
  const worker = workerOf(thread);
  if (worker === 0) return;
  unpark(worker);
  ring(worker);
}

/** Has the supervisor end a thread at once, whatever it does. It takes over a reference of the caller's. */
export function terminateThread(thread: number): void {
  Atomics.store(i32, thread + Th.TERMINATE, 1);
  tell({ type: 'terminate', thread });
}
