/**
 * A selection: one wait for whichever of several objects grants it first.
 *
 * It stands in the line of each object with a waiter of its own, so it is served in its turn everywhere. The waiters
 * name the first of them as their LEADER, and its word CHOSEN decides (waiter.ts has both tables): whoever grants one
 * of them must first turn CHOSEN from WAITING to that waiter, and the selection itself, if it ends early, to LEFT. Both
 * are compare-and-swaps of one word, so exactly one grant or the early end comes to pass, though each object is under
 * a mutex of its own.
 *
 * A grant claims and takes in one run of stores (`commit` of waiters.ts), so no thread can die between the two. A
 * waiter whose claim has failed stays in its list until the selection takes it off, or the supervisor if the thread has
 * died; until then it is passed over. What was granted to a dead selection is given back as ever (`Kind.grantLost`).
 *
 * An object that will grant nothing any more *refuses*: the waiter is marked by a negative VALUE and stays. When all are
 * marked, the selection ends as refused. Should the object be able to grant after all, since a dead thread's item came
 * back, it can.
 *
 * Whose waits these are can be seen in shared memory: Rec.WAITING of a blocked thread is the leader, and the others are
 * among the worker's waiters (Rec.NODES) with the same LEADER.
 *
 * Rejected designs. *Looking at each object in turn until one is ready* burns a core. *One waiter in several lists*
 * needs as many links as lists. *Holding all mutexes at once*, in the order of addresses, as Go's select does: then a
 * grant needs them all too, or must know that it meets a selection before it takes the first mutex.
 */
import { i32 } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { kindOf, Obj } from '../memory/object.js';
import { record, Rec } from '../memory/records.js';
import { countBlocked, countWait } from './accounts.js';
import { Patient, W, Wait } from './waiter.js';
import { append, discard, prepare, timeWaited, withdrawFrom } from './waiters.js';

/** What a selection stands in line for. */
export interface Line {
  readonly object: number;
  /** Address of the list's first word. */
  readonly list: number;
  /** The waiter's MODE. */
  readonly mode: number;
}

/** A selection of this worker's. */
export interface Selection {
  readonly lines: readonly Line[];
  readonly waiters: readonly number[];
  /** The waiter that stands for all of them in wait.ts and await.ts. */
  readonly leader: number;
  /** Once it has ended: the place of the line that granted it, or -1, and the value that came with the grant. */
  chosen: number;
  value: number;
}

/** Those that have not ended, by their leaders. */
const selections = new Map<number, Selection>();

/** Stands in all lines, until one of them grants. The caller waits then, and calls `finish` of wait.ts. */
export function enlistAll(lines: readonly Line[], awaited: boolean, bounded: boolean): Selection {
  const waiters: number[] = [];
  try {
    for (const { mode } of lines) waiters.push(prepare(mode, 0, awaited));
  } catch (error) {
    waiters.forEach(discard);
    throw error;
  }
  const leader = waiters[0] ?? 0;
  const selection = { lines, waiters, leader, chosen: -1, value: 0 };
  i32[leader + W.CHOSEN] = Wait.WAITING;
  for (const waiter of waiters) {
    i32[waiter + W.LEADER] = leader;
    if (bounded) i32[waiter + W.PATIENCE] = Patient.BOUNDED;
  }
  selections.set(leader, selection);
  try {
    lines.forEach((line, place) => {
      if (Atomics.load(i32, leader + W.CHOSEN) === Wait.WAITING) enlist(line, waiters[place] ?? 0);
    });
  } catch (error) {
    withdraw(leader);
    disband(leader);
    throw error;
  }
  return selection;
}

function enlist({ object, list }: Line, waiter: number): void {
  lock(object + Obj.MUTEX);
  try {
    append(waiter, object, list);
    // It may be this one's turn at once: if so, it is granted as it would be later.
    kindOf(object).admit?.(object);
  } finally {
    unlock(object + Obj.MUTEX);
  }
}

/** The waiter that stands for a waiter in this worker's waits: the leader of its selection, or itself. */
export function leaderOf(waiter: number): number {
  const leader = i32[waiter + W.LEADER]!;
  return leader === 0 ? waiter : leader;
}

/** Whether a wait for this object is part of a pending selection, by its leader. */
export function includes(leader: number, object: number): boolean {
  return selections.get(leader)?.lines.some((line) => line.object === object) ?? false;
}

/** Whether a selection has been granted, or refused by all objects. */
export function isDecided(leader: number): boolean {
  if (Atomics.load(i32, leader + W.CHOSEN) !== Wait.WAITING) return true;
  const refused = selections.get(leader)?.waiters.every((waiter) => Atomics.load(i32, waiter + W.VALUE) < 0);
  if (refused !== true) return false;
  withdraw(leader); // or it has been granted just now
  return true;
}

/** Ends a selection early; false if it has been granted. */
export function withdraw(leader: number): boolean {
  return Atomics.compareExchange(i32, leader + W.CHOSEN, Wait.WAITING, Wait.LEFT) === Wait.WAITING;
}

/** The last step of a selection that is decided: leaves the lines, counts the wait, gives the waiters back. */
export function disband(leader: number): number {
  const selection = selections.get(leader);
  if (selection === undefined) return -1;
  const granted = i32[leader + W.CHOSEN]!;
  const took = timeWaited(leader);
  selection.lines.forEach(({ object }, place) => {
    const waiter = selection.waiters[place] ?? 0;
    if (i32[waiter + W.STATE] === Wait.FREE) return; // it had been granted before this line's turn came
    lock(object + Obj.MUTEX);
    if (waiter === granted) {
      selection.chosen = place;
    } else {
      withdrawFrom(waiter, object);
    }
    countWait(object, took);
    unlock(object + Obj.MUTEX);
  });
  if (i32[leader + W.AWAITED] === 0) countBlocked(took);
  i32[record + Rec.WAITING] = 0;
  selections.delete(leader);
  // From here on what was granted is this thread's, and dies with it.
  if (selection.chosen >= 0) selection.value = i32[granted + W.VALUE]!;
  selection.waiters.forEach(discard);
  return selection.chosen;
}
