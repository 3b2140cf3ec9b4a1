/**
 * Suspecting that a wait will never end. Who waits looks whether that can be at two times, and asks the detector, which runs
 * in the supervisor, to make sure (detect/):
 *
 * - before it goes to sleep, whether it has closed a cycle of threads that each wait for the next;
 * - when it has slept for a while, since whoever could have ended the wait may have gone to sleep before or will after, and
 *   then suspects that itself.
 *
 * The other times are the end of a thread, and when a thread has nothing left to do but to await (quiet.ts).
 */
import { i32, pointer } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import { kindAt } from '../memory/object.js';
import { record, Rec, workerOfTid } from '../memory/records.js';
import { W } from './waiter.js';

/** So long, in milliseconds, a wait may last before it is suspected. */
export const UNSUSPICIOUS = 50;

/** A cycle of more threads is found a little later, as any other deadlock. */
const MOST_STEPS = 64;

/** Whether anybody looks for deadlocks. */
export function isWatched(): boolean {
  return i32[Header.DEADLOCK] !== 2;
}

let callDetector: () => void = () => undefined;

/** Says how the detector is started if it does not run yet, which is known a layer above. */
export function detectBy(start: () => void): void {
  callDetector = start;
}

/** Asks the detector to look. */
export function suspect(): void {
  if (!isWatched()) return;
  callDetector();
  Atomics.add(i32, Header.SUSPICIONS, 1);
  Atomics.notify(i32, Header.SUSPICIONS);
}

/** Somebody who could have ended waits will not: asks the detector to look, if there is a wait that was suspected. */
export function suspectAnew(): void {
  if (Atomics.load(i32, Header.SUSPICIONS) !== 0) suspect();
}

/** Whether everybody from the one whom this blocked waiter waits for waits for the next, and the last of them for it. */
export function closesCycle(waiter: number): boolean {
  let at = waiter;
  for (let step = 0; step < MOST_STEPS; step++) {
    const object = pointer(at + W.OBJECT);
    const holder = object === 0 ? 0 : workerOfTid(kindAt(object)?.holder?.(object) ?? 0);
    if (holder === 0) return false;
    if (holder === record) return true;
    at = pointer(holder + Rec.WAITING);
    if (at === 0) return false;
  }
  return false;
}
