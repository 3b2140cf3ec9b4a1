/**
 * Waiting at a queue of any kind: for an item, or for room. Either has tried without success before, or has a parcel
 * in any case.
 *
 * Rejected design: *a waiter is woken and takes an item itself*. Between the two another thread takes it, so waiters
 * starve, or items must be reserved, and counted again when a thread dies.
 */
import { free } from '../memory/allocator.js';
import { i32, reach } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { Obj } from '../memory/object.js';
import * as awaited from '../park/await.js';
import type { Patience } from '../park/await.js';
import { probe } from '../park/probe.js';
import * as blocking from '../park/wait.js';
import { discardParcel } from './admit.js';
import { openParcel } from './records.js';
import { isShutDown, NOTHING, shutDownError, storeOf } from './store.js';
import type { Store } from './store.js';
import { watch } from './watch.js';
import { Q, REFUSED } from './words.js';

// --- for room ----------------------------------------------------------------------------------------------

/** Puts what is in a parcel, waiting for room. The parcel is taken over, whatever happens. @throws as `Queue.put` */
export function putParcel(queue: number, parcel: number, timeout: number): void {
  const store = storeOf(queue);
  let value = REFUSED;
  try {
    value = blocking.wait(queue, queue + Q.PUTTERS, timeout, () => attemptPut(queue, parcel, store), parcel);
  } finally {
    endPut(parcel, value, store);
  }
  if (value === REFUSED) throw shutDownError(queue, 'takes no more items');
  notePassage(queue);
}

/** As {@link putParcel}, but awaited. */
export async function putParcelAsync(queue: number, parcel: number, patience: Patience): Promise<void> {
  const store = storeOf(queue);
  let value = REFUSED;
  try {
    value = await awaited.waitAsync(
      queue,
      queue + Q.PUTTERS,
      patience,
      () => attemptPut(queue, parcel, store),
      parcel,
    );
  } finally {
    endPut(parcel, value, store);
  }
  if (value === REFUSED) throw shutDownError(queue, 'takes no more items');
  notePassage(queue);
}

function endPut(parcel: number, value: number, store: Store): void {
  if (value === REFUSED) discardParcel(parcel, store);
  else if (!store.keepsParcels) free(parcel);
}

/** Under MUTEX. */
function attemptPut(queue: number, parcel: number, store: Store): boolean {
  if (!store.hasRoom(queue)) {
    // Somebody else will put the item, on this thread's behalf.
    if (probe !== undefined) probe.passed?.(queue);
    return false;
  }
  store.insert(queue, parcel);
  return true;
}

// --- for an item -------------------------------------------------------------------------------------------

/** Takes and opens the first item, waiting for it. @throws as `Queue.get` */
export function getSlow(queue: number, timeout: number): unknown {
  if (timeout > 0) {
    const { putWord, tryGet } = storeOf(queue);
    const seen = Atomics.load(i32, queue + putWord);
    let item = tryGet(queue);
    if (item === NOTHING && watch(queue + putWord, seen)) item = tryGet(queue);
    if (item !== NOTHING) return item;
  }
  return unpack(queue, getParcel(queue, timeout));
}

/** Waits for the first item, and returns the parcel that has it, and up to `most` in all. */
export function getParcel(queue: number, timeout: number, most: number = 1): number {
  const store = storeOf(queue);
  const own = store.makeParcel(most);
  let parcel = REFUSED;
  let got = 0;
  try {
    const value = blocking.wait(
      queue,
      queue + Q.GETTERS,
      timeout,
      () => (got = attemptGet(queue, own, store)) !== 0,
      own,
      most,
    );
    parcel = value === 0 ? got : value;
  } finally {
    if (parcel === REFUSED && own !== 0) free(own);
  }
  if (parcel === REFUSED) throw shutDownError(queue, 'is empty');
  notePassage(queue);
  return reach(parcel);
}

/** As {@link getSlow}, but awaited. */
export async function getSlowAsync(queue: number, patience: Patience): Promise<unknown> {
  const store = storeOf(queue);
  const own = store.makeParcel(1);
  let parcel = REFUSED;
  let got = 0;
  try {
    const value = await awaited.waitAsync(
      queue,
      queue + Q.GETTERS,
      patience,
      () => (got = attemptGet(queue, own, store)) !== 0,
      own,
    );
    parcel = value === 0 ? got : value;
  } finally {
    if (parcel === REFUSED && own !== 0) free(own);
  }
  if (parcel === REFUSED) throw shutDownError(queue, 'is empty');
  notePassage(queue);
  return unpack(queue, parcel);
}

/** Under MUTEX: the parcel with the first item, or 0. @throws QueueShutdownError */
function attemptGet(queue: number, own: number, store: Store): number {
  const parcel = store.extract(queue, own);
  if (parcel === 0 && isShutDown(queue)) throw shutDownError(queue, 'is empty');
  return parcel;
}

/** The item in a parcel, which is freed. */
export function unpack(queue: number, parcel: number): unknown {
  reach(parcel);
  try {
    return openParcel(parcel + storeOf(queue).recordAt);
  } finally {
    free(parcel);
  }
}

/** Tells the tool that watches this thread of an item that somebody else has passed on its behalf. */
export function notePassage(queue: number): void {
  if (probe === undefined) return;
  lock(queue + Obj.MUTEX);
  probe.passed?.(queue);
  unlock(queue + Obj.MUTEX);
}
