/**
 * Who may go on: the one place where waiting getters, putters and joiners are served, at queues of any kind. All of it
 * under MUTEX; words.ts says what the waiters bring and get.
 */
import { free } from '../memory/allocator.js';
import { f64, i32, pointer } from '../memory/heap.js';
import { Obj } from '../memory/object.js';
import { record } from '../memory/records.js';
import { firstOf, grantAll, refuse } from '../park/waiters.js';
import { W } from '../park/waiter.js';
import { dropRecord } from './records.js';
import type { Store } from './store.js';
import { isShutDown, storeOf } from './store.js';
import { Closed, PASSED, Q, REFUSED } from './words.js';

/** `Kind.admit`: passes items to getters, and lets putters and joiners go on, as far as it can be done. */
export function admit(queue: number): void {
  const store = storeOf(queue);
  passItems(queue, store);
  if (isShutDown(queue)) {
    grantAll(queue + Q.PUTTERS, REFUSED);
    if (store.size(queue) === 0) refuseGetters(queue);
  } else {
    acceptItems(queue, store);
  }
  if (store.unfinished(queue) === 0) grantAll(queue + Q.JOINERS);
}

function passItems(queue: number, store: Store): void {
  for (let getter = firstOf(queue + Q.GETTERS); getter !== 0 && store.size(queue) > 0;) {
    const next = pointer(getter + W.NEXT);
    // If it was not to be: a selection that another queue has served. Its thread will take it off the list.
    store.pass(queue, getter);
    getter = next;
  }
}

function acceptItems(queue: number, store: Store): void {
  for (let putter = firstOf(queue + Q.PUTTERS); putter !== 0; putter = firstOf(queue + Q.PUTTERS)) {
    // Without memory, which is no fault of this thread: the putter waits on, and is admitted at the next occasion.
    if (!store.hasRoom(queue) || !store.accept(queue, putter)) return;
  }
}

function refuseGetters(queue: number): void {
  for (let getter = firstOf(queue + Q.GETTERS); getter !== 0;) {
    const next = pointer(getter + W.NEXT);
    refuse(getter, REFUSED);
    getter = next;
  }
}

/** `Kind.lack`. */
export function lack(queue: number, list: number): string {
  return list === queue + Q.GETTERS ? 'empty' : list === queue + Q.PUTTERS ? 'full' : 'not done';
}

/** `Kind.waiterLeft`. The thread itself frees its parcel, unless it is dead. */
export function waiterLeft(queue: number, waiter: number): void {
  const parcel = pointer(waiter + W.MODE);
  if (parcel !== 0 && pointer(waiter + W.WORKER) !== record) {
    if (i32[waiter + W.LIST] === queue + Q.PUTTERS) discardParcel(parcel, storeOf(queue));
    else free(parcel);
  }
  admit(queue);
}

/** `Kind.grantLost`: items that were passed to a getter which died before it had them go to the next. */
export function grantLost(queue: number, waiter: number): void {
  const store = storeOf(queue);
  const list = i32[waiter + W.LIST]!;
  const brought = pointer(waiter + W.MODE);
  const value = pointer(waiter + W.VALUE);
  if (list === queue + Q.GETTERS) {
    if (value !== REFUSED) recover(queue, value, store);
    else if (brought !== 0) free(brought);
  } else if (list === queue + Q.PUTTERS) {
    if (value !== PASSED) discardParcel(brought, store);
    else if (!store.keepsParcels) free(brought);
  }
  admit(queue);
}

/** Puts items back that were taken for a getter, or drops them if the others have been dropped meanwhile. */
function recover(queue: number, parcel: number, store: Store): void {
  if ((i32[queue + Obj.STATE]! & Closed.IMMEDIATELY) === 0) {
    store.putBack(queue, parcel);
  } else {
    const count = store.countIn(parcel);
    i32[queue + Q.DONE] = (i32[queue + Q.DONE]! + count) | 0;
    f64[(queue + Q.DROPPED) >> 1]! += count;
    store.dropAll(parcel);
  }
}

/** Frees the parcel of a putter and what its item owns. */
export function discardParcel(parcel: number, store: Store): void {
  dropRecord(i32, parcel + store.recordAt);
  free(parcel);
}
