/**
 * Cleaning up after a worker that has died in any way. Runs in the supervisor.
 *
 * When it is done, no list has a waiter of the dead worker's, everything it owned is marked as abandoned, and the
 * references it had are given back. Blocked threads are told by the primitives' own rules (`Kind`).
 */
import { i32, pointer } from '../memory/heap.js';
import { handlesOf } from '../memory/handles.js';
import { kindOf, release, withMutex } from '../memory/object.js';
import { Header, SLOTS } from '../memory/layout.js';
import { Rec, recordOf } from '../memory/records.js';
import { freeTable } from '../memory/table.js';
import { ring, takeAll } from './doorbell.js';
import { forgetInquiry } from './inquiry.js';
import { unpark } from './parker.js';
import { afterLeaving, withdrawFrom } from './waiters.js';
import { W, Wait } from './waiter.js';
import { withObjectOf } from './wait.js';

/**
 * Takes what a dead worker left behind out of shared memory. `tid` is the thread that ran in it when it died.
 * The record must say already that the tid is dead, so that mutexes it held can be taken over.
 */
export function cleanUpAfter(dead: number, tid: number): void {
  giveUpAll(dead, tid);
  forgetInquiry(dead);
  for (const { address } of handlesOf(dead)) release(address);
  freeTable(dead + Rec.HANDLES);
  if (i32[dead + Rec.RUNS] === 1) {
    i32[dead + Rec.RUNS] = 0;
    Atomics.sub(i32, Header.RUNNING, 1);
  }
}

/** Ends the waits of a dead worker and gives up what its thread owned; its references stay. */
export function giveUpAll(dead: number, tid: number): void {
  removeWaiters(dead);
  for (const { address, entry } of handlesOf(dead)) endOwnership(address, tid, entry);
  letAllLookAgain();
}

/**
 * They stay with the record, for the next worker in its slot: whoever granted one may still be about to post it, and
 * finds a waiter.
 */
function removeWaiters(dead: number): void {
  takeAll(dead);
  for (let waiter = pointer(dead + Rec.NODES); waiter !== 0;) {
    if (i32[waiter + W.STATE] !== Wait.FREE) forget(waiter);
    Atomics.store(i32, waiter + W.STATE, Wait.FREE);
    waiter = pointer(waiter + W.CHAIN);
  }
}

function forget(waiter: number): void {
  // Under the mutex even if the wait was granted: whoever granted it may still be about to wake it.
  withObjectOf(waiter, (object) => {
    const state = i32[waiter + W.STATE];
    if (state === Wait.GRANTED) kindOf(object).grantLost?.(object, waiter);
    // LEFT: the thread died before it could let the primitive react.
    if (state === Wait.LEFT) afterLeaving(object, waiter);
    if (state === Wait.WAITING || state === Wait.NUDGED) withdrawFrom(waiter, object);
  });
}

/**
 * Gives up what the thread `tid` owns of an object, by the object's own rule, and lets in whoever can go on now:
 * the thread may have died half way through doing so itself. True if it owned anything.
 */
export function endOwnership(address: number, tid: number, entry: number): boolean {
  const kind = kindOf(address);
  if (kind.ownerEnded === undefined && kind.admit === undefined) return false;
  return withMutex(address, () => {
    const owned = kind.ownerEnded?.(address, tid, entry) ?? false;
    kind.admit?.(address);
    return owned;
  });
}

/** Makes every living worker look at its waits again: the dead one may have granted some without waking them. */
function letAllLookAgain(): void {
  for (let slot = 0; slot < SLOTS; slot++) {
    const worker = recordOf(slot);
    if (worker === 0) continue;
    Atomics.store(i32, worker + Rec.LOOK, 1); // for the next worker in a free slot, too: it gets the waiters left there
    if (i32[worker + Rec.TID] === 0) continue;
    unpark(worker);
    ring(worker);
  }
}
