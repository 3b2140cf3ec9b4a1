/**
 * What the three kinds of queue differ in: how items are kept, and which is the first. All else is shared: waiting
 * (waiting.ts), who goes on (admit.ts), many items in one step (batch.ts), the end (ending.ts).
 *
 * Queue itself has its own straight path to put and to get one item (raw-queue.ts), and so have the others (ranked.ts):
 * a store is asked only where somebody waits, or where many items pay for the question.
 *
 * A *parcel* is a block of the heap with an item, which a thread that waits to put brings; or with one or more, which
 * a thread that waits to get is given, and may have brought as well.
 */
import { HeddleError, QueueShutdownError } from '../base/errors.js';
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
  isEmpty(): boolean;
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
  readonly tryGet: (queue: number) => unknown;
  /** Takes up to `max` items in one step. */
  take(queue: number, max: number): Taken;
  /**
   * Makes many items ready. `rank`: see nodes.ts.
   * @throws what keeps one from being encoded, and what iterating throws; nothing is kept then
   */
  prepare(items: Iterable<unknown>, rank: number): Supply;
  /** A parcel for a getter of up to `most` items to bring, or 0 if it is given one. @throws OutOfMemoryError */
  makeParcel(most: number): number;
  /** How many items a getter was given in a parcel. */
  countIn(parcel: number): number;
  /** The items that a getter was given in a parcel, which it uses up. */
  openAll(parcel: number): unknown[];
  /** Gives up the parcel of a getter with what is in it. */
  dropAll(parcel: number): void;

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
  /** Grants a getter the first item, or as many as it takes. There is one. False if it does not wait any more. */
  pass(queue: number, getter: number): boolean;
  /** Grants a putter its wait, and puts its item. There is room. False if there is no memory. */
  accept(queue: number, putter: number): boolean;
  /** Puts back what a getter was given, as if it had never been taken; the parcel is used up. @throws OutOfMemoryError */
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
  const store = stores[i32[queue + Obj.KIND]!];
  if (store === undefined) throw new HeddleError(`internal: no queue at ${String(queue)}`);
  return store;
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
