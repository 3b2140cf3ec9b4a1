/**
 * What the three kinds of queue differ in: how items are kept, and which is the first. All else is shared: waiting
 * (waiting.ts), who goes on (admit.ts), many items in one step (batch.ts), the end (ending.ts).
 *
 * Queue itself has its own straight path to put and to get one item (raw-queue.ts), and so have the others (ranked.ts):
 * a store is asked only where somebody waits, or where many items pay for the question.
 *
 * A *parcel* is a block of the heap with one item, which a thread that waits brings or is given.
 */
import { QueueShutdownError } from '../base/errors.js';
import { f64, i32 } from '../memory/heap.js';
import { Obj, titleOf } from '../memory/object.js';
import { Closed, Q, UNBOUNDED } from './words.js';

/** What {@link Store.tryGet} returns if there is no item: no item is equal to it. */
export const NOTHING: unique symbol = Symbol('nothing');

/** Items that were taken in one step, and belong to this thread. */
export interface Taken {
  readonly count: number;
  /** Appends the items. They are used up, also if one cannot be opened. */
  open(items: unknown[]): unknown[];
}

/** Items that this thread is about to put. */
export interface Supply {
  readonly isEmpty: boolean;
  /**
   * Puts items in one step, as many as there is room and memory for.
   * @throws QueueShutdownError; OutOfMemoryError if there is no memory for the first
   */
  putFitting(queue: number): void;
  /** The next item in a parcel, which the caller takes over. @throws OutOfMemoryError */
  nextParcel(): number;
  /** Gives up what is left. */
  drop(): void;
}

/** How a kind of queue keeps its items. */
export interface Store {
  /** Where the record of the item begins in a parcel. */
  readonly recordAt: number;
  /** Whether a parcel that was put belongs to the queue; else it is copied, and stays with who brought it. */
  readonly keepsParcels: boolean;
  /** The word of the queue that changes when an item is put. */
  readonly putWord: number;

  /** Makes the storage of a new queue. @throws OutOfMemoryError */
  begin(queue: number): void;
  /** Takes the first item, or returns {@link NOTHING}. */
  tryGet(queue: number): unknown;
  /** Takes up to `max` items in one step; with a `mark`, only if nothing has come between it and now. */
  take(queue: number, max: number, mark?: number): Taken;
  /**
   * Makes many items ready. `rank`: see nodes.ts.
   * @throws what keeps one from being encoded, and what iterating throws; nothing is kept then
   */
  prepare(items: Iterable<unknown>, rank: number): Supply;
  /** A parcel for a getter to bring, or 0 if it is given one. @throws OutOfMemoryError */
  makeParcel(): number;
  /** The mark of an item that this thread was given: when it was taken. */
  markOf(parcel: number): number;

  // All that follows is done under MUTEX.

  /** Items in the queue. */
  size(queue: number): number;
  /** Items put and not marked done. */
  unfinished(queue: number): number;
  /** Whether one more item may be put; raises HIGH accordingly. @throws QueueShutdownError */
  hasRoom(queue: number): boolean;
  /** Puts the item in this thread's parcel. There is room. @throws OutOfMemoryError */
  insert(queue: number, parcel: number): void;
  /** Takes the first item; returns the parcel that has it, `own` if that is one, or 0 if there is no item. */
  extract(queue: number, own: number): number;
  /** Grants a getter the first item. There is one. False if the getter does not wait any more. */
  pass(queue: number, getter: number): boolean;
  /** Grants a putter its wait, and puts its item. There is room. False if there is no memory. */
  accept(queue: number, putter: number): boolean;
  /** Puts an item back that was taken, as if it had never been, and takes the parcel over. @throws OutOfMemoryError */
  putBack(queue: number, parcel: number): void;
  /** Closes the queue. With `immediately`, it is empty then; returns what {@link drop} needs to give the items up. */
  close(queue: number, immediately: boolean): number;

  /** Gives up the items that {@link close} has taken out. Not under MUTEX. */
  drop(queue: number, items: number): void;
}

const stores: (Store | undefined)[] = [];

/** Says how a kind of queue keeps its items. */
export function defineStore(kind: number, store: Store): void {
  stores[kind] = store;
}

/** How the queue at an address keeps its items. */
export function storeOf(queue: number): Store {
  return stores[i32[queue + Obj.KIND]!] as Store; // a queue's kind has one, since its module defines both
}

/** Fills in a new queue of any kind. @throws OutOfMemoryError */
export function initialise(queue: number, capacity: number): void {
  i32[queue + Q.BOUND] = Math.min(capacity, UNBOUNDED);
  f64[(queue + Q.CAPACITY) >> 1] = capacity;
  storeOf(queue).begin(queue);
}

/** Whether the queue has been shut down. */
export function isShutDown(queue: number): boolean {
  return (Atomics.load(i32, queue + Obj.STATE) & Closed.SHUT_DOWN) !== 0;
}

/** The error for a queue that has been shut down. */
export function shutDownError(queue: number, state: string): QueueShutdownError {
  return new QueueShutdownError(
    `${titleOf(queue)} was shut down and ${state}. ` +
      (state === 'is empty'
        ? 'Iterate the queue to stop at its end without an error'
        : 'Shut it down only when its producers have finished'),
  );
}
