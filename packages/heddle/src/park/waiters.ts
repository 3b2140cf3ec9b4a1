/**
 * Waiters and the lists they stand in.
 *
 * Rejected designs. *Waiters race for the primitive after each wake-up*: simple, but unfair, wakes thundering
 * herds, and a wait that fails cannot be undone exactly. *A table of wait queues hashed by address*, as in
 * WebKit's parking lot: saves a word in each primitive, but needs its own locks, and a dead thread's waiters must
 * be searched for. So each primitive has its own first-come-first-served list, and whoever makes the condition
 * true **grants** the wait under the primitive's mutex, on the waiter's behalf. A granted wait cannot fail any
 * more, and one that has not been granted can leave without a trace: no wake-up is spurious or lost.
 */
import { allocateZeroed } from '../memory/allocator.js';
import { f64, i32, pointer } from '../memory/heap.js';
import { kindOf } from '../memory/object.js';
import { record, Rec, tid } from '../memory/records.js';
import { sharedNow } from '../platform/clock.js';
import { post } from './doorbell.js';
import { unpark } from './parker.js';
import { Patient, W, Wait } from './waiter.js';

const pool: number[] = [];
/** Whether the pool has the waiters that an earlier worker in this slot has left. */
let inherited = false;

/** A waiter of this worker's, not yet in a list. Get it before the primitive's mutex: this may allocate. */
export function prepare(mode: number, value: number, awaited: boolean): number {
  const waiter = pool.pop() ?? freshWaiter();
  i32[waiter + W.TID] = tid;
  i32[waiter + W.MODE] = mode;
  i32[waiter + W.VALUE] = value;
  i32[waiter + W.AWAITED] = awaited ? 1 : 0;
  i32[waiter + W.LEADER] = 0;
  i32[waiter + W.PATIENCE] = Patient.CANCELLABLE;
  f64[(waiter + W.SINCE) >> 1] = sharedNow();
  return waiter;
}

function freshWaiter(): number {
  if (!inherited) {
    inherited = true;
    for (let left = pointer(record + Rec.NODES); left !== 0; left = pointer(left + W.CHAIN)) {
      // Not one that is being posted just now, or that the dead worker had taken out of its inbox: the supervisor has
      // emptied that, so it may never be posted again.
      if (Atomics.load(i32, left + W.POSTED) === 0) pool.push(left);
    }
  }
  return pool.pop() ?? makeWaiter();
}

function makeWaiter(): number {
  const waiter = allocateZeroed(W.WORDS);
  i32[waiter + W.WORKER] = record;
  i32[waiter + W.CHAIN] = i32[record + Rec.NODES]!;
  Atomics.store(i32, record + Rec.NODES, waiter);
  return waiter;
}

/** Milliseconds since the wait began. */
export function timeWaited(waiter: number): number {
  return sharedNow() - f64[(waiter + W.SINCE) >> 1]!;
}

/** How long a nudged waiter lets running threads go first, in milliseconds. */
const PATIENCE = 1;

/** Whether a nudged waiter that finds nothing is to be promised the next turn. */
export function hasWaitedLong(waiter: number): boolean {
  return timeWaited(waiter) > PATIENCE;
}

/** Puts a waiter that is in no list back into this worker's pool. */
export function discard(waiter: number): void {
  i32[waiter + W.STATE] = Wait.FREE;
  pool.push(waiter);
}

/** Puts a waiter at the end of the list at `list`, to wait for `object`. Under the object's mutex. */
export function append(waiter: number, object: number, list: number): void {
  const last = pointer(list + 1);
  // From here on no call and no loop: a death finds the waiter in the list or not (memory/mutex.ts).
  i32[waiter + W.OBJECT] = object;
  i32[waiter + W.LIST] = list;
  i32[waiter + W.NEXT] = 0;
  i32[waiter + W.PREV] = last;
  if (last === 0) i32[list] = waiter;
  else i32[last + W.NEXT] = waiter;
  i32[list + 1] = waiter;
  i32[waiter + W.STATE] = Wait.WAITING;
}

/**
 * Takes a waiter off its list and gives it a new state and a value. With `word`, all of this happens only if the
 * word at that address still is `expected`, which then becomes `next`: so a permit is taken and handed to its
 * waiter in one step. False if the word has changed. With `counter`, `count` is added to the word at that address in
 * the same step. Under the object's mutex.
 *
 * A waiter of a selection is granted only if none of its others has been; else false, and it stays in its list. What
 * selections wait for changes its `word` under its mutex only, so that it is not claimed in vain.
 */
export function commit(
  waiter: number,
  state: number,
  value: number,
  word: number = 0,
  expected: number = 0,
  next: number = 0,
  counter: number = 0,
  count: number = 1,
): boolean {
  const list = i32[waiter + W.LIST]!;
  const after = pointer(waiter + W.NEXT);
  const before = pointer(waiter + W.PREV);
  const leader = state === Wait.GRANTED ? pointer(waiter + W.LEADER) : 0;
  // From here on no loop, and no call but the first: a death finds all of it done, or nothing. What is first decides.
  // Between the objects of a selection, whose mutexes are not one, that is CHOSEN; their words change under MUTEX only.
  if (leader !== 0) {
    if (Atomics.compareExchange(i32, leader + W.CHOSEN, Wait.WAITING, waiter) !== Wait.WAITING) return false;
    if (word !== 0) i32[word] = next;
  } else if (word !== 0 && Atomics.compareExchange(i32, word, expected, next) !== expected) return false;
  if (counter !== 0) i32[counter] = (i32[counter]! + count) | 0;
  if (before === 0) i32[list] = after;
  else i32[before + W.NEXT] = after;
  if (after === 0) i32[list + 1] = before;
  else i32[after + W.PREV] = before;
  i32[waiter + W.VALUE] = value;
  i32[waiter + W.STATE] = state;
  return true;
}

/** Moves a waiter from its list to the end of another object's. Under both objects' mutexes. */
export function move(waiter: number, object: number, list: number): void {
  const from = i32[waiter + W.LIST]!;
  const after = pointer(waiter + W.NEXT);
  const before = pointer(waiter + W.PREV);
  const last = pointer(list + 1);
  // From here on no call and no loop: the waiter is never in no list.
  if (before === 0) i32[from] = after;
  else i32[before + W.NEXT] = after;
  if (after === 0) i32[from + 1] = before;
  else i32[after + W.PREV] = before;
  i32[waiter + W.NEXT] = 0;
  i32[waiter + W.PREV] = last;
  i32[waiter + W.LIST] = list;
  if (last === 0) i32[list] = waiter;
  else i32[last + W.NEXT] = waiter;
  i32[list + 1] = waiter;
  i32[waiter + W.OBJECT] = object;
  i32[waiter + W.PATIENCE]! |= Patient.DEAF; // it must have the object before its thread may go on
}

/**
 * Ends a wait early: takes the waiter off its list and lets the primitive react. STATE is LEFT until it has, so that the
 * supervisor can do that for a thread which dies in between. Under the object's mutex.
 */
export function withdrawFrom(waiter: number, object: number): void {
  commit(waiter, Wait.LEFT, 0);
  afterLeaving(object, waiter);
  i32[waiter + W.STATE] = Wait.FREE;
}

/** Lets the primitive react to a waiter that has left its list. Under the object's mutex. */
export function afterLeaving(object: number, waiter: number): void {
  const kind = kindOf(object);
  if (kind.waiterLeft === undefined) kind.admit?.(object);
  else kind.waiterLeft(object, waiter);
}

/** The first waiter of a list, or 0. Under the object's mutex. */
export function firstOf(list: number): number {
  return pointer(list);
}

/** The first blocked waiter, from `waiter` on, or 0. Under the object's mutex. */
export function firstBlocked(waiter: number): number {
  let next = waiter;
  while (next !== 0 && i32[next + W.AWAITED] === 1) next = pointer(next + W.NEXT);
  return next;
}

/** How many waiters stand in a list and have nothing yet. Under the object's mutex. */
export function lengthOf(list: number): number {
  let length = 0;
  for (let waiter = pointer(list); waiter !== 0; waiter = pointer(waiter + W.NEXT)) {
    const leader = pointer(waiter + W.LEADER);
    if (leader === 0 || i32[leader + W.CHOSEN] === Wait.WAITING) length++;
  }
  return length;
}

/**
 * Ends a wait: {@link commit}s it as granted and wakes its thread. Should this thread die before it has woken the
 * other, the supervisor lets all threads look again (death.ts).
 */
export function grant(
  waiter: number,
  value: number = 0,
  word: number = 0,
  expected: number = 0,
  next: number = 0,
  counter: number = 0,
  count: number = 1,
): boolean {
  // Read first: once granted, its worker may go on and use the waiter for another wait.
  const worker = pointer(waiter + W.WORKER);
  const awaited = i32[waiter + W.AWAITED] === 1;
  if (!commit(waiter, Wait.GRANTED, value, word, expected, next, counter, count)) return false;
  wake(waiter, worker, awaited);
  return true;
}

/** Ends every wait in a list. Under the object's mutex. */
export function grantAll(list: number, value: number = 0): void {
  for (let waiter = pointer(list); waiter !== 0; waiter = pointer(list)) grant(waiter, value);
}

/**
 * Ends a wait with a negative value. A waiter of a selection is told so and stays in its list: its wait ends when all
 * the others have been refused too. Under the object's mutex.
 */
export function refuse(waiter: number, value: number): void {
  if (i32[waiter + W.LEADER] === 0) {
    grant(waiter, value);
  } else if (i32[waiter + W.VALUE] !== value) {
    Atomics.store(i32, waiter + W.VALUE, value);
    wake(waiter, pointer(waiter + W.WORKER), i32[waiter + W.AWAITED] === 1);
  }
}

/** Tells a waiter, which stays in its list, to try again. Under the object's mutex. */
export function nudge(waiter: number): void {
  Atomics.store(i32, waiter + W.STATE, Wait.NUDGED);
  wake(waiter, pointer(waiter + W.WORKER), i32[waiter + W.AWAITED] === 1);
}

/** Wakes the thread of a waiter that has been committed. `worker` and `awaited` were read before that. */
export function wake(waiter: number, worker: number, awaited: boolean): void {
  if (awaited) post(waiter, worker);
  else unpark(worker);
}
