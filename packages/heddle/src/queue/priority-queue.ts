import type { WaitOptions } from '../base/arguments.js';
import { checkOptions, checkTimeout, describe } from '../base/arguments.js';
import type { Kind } from '../memory/object.js';
import { addressOf, Attach, defineKind, KindId } from '../memory/object.js';
import { checkWaitOptions } from '../park/await.js';
import { admit, grantLost, lack, waiterLeft } from './admit.js';
import { checkItems, putMany } from './batch.js';
import { fallbackOf } from './ending.js';
import { endTree } from './node-batch.js';
import { discardNode, makeNode } from './nodes.js';
import type { QueueOptions } from './queue.js';
import { Queue } from './queue.js';
import * as ranked from './ranked.js';
import { tryGet } from './node-store.js';
import { NOTHING } from './store.js';
import { getSlow, putParcelAsync } from './waiting.js';

const kind: Kind = defineKind({
  id: KindId.PRIORITY_QUEUE,
  name: 'PriorityQueue',
  handles: () => PriorityQueue,
  blank: (name) => new PriorityQueue({ name }),
  attach: (address) => new PriorityQueue(new Attach(address) as QueueOptions),
  destroy: endTree,
  admit,
  waiterLeft,
  lack,
  grantLost,
});

/** Where an item goes in a {@link PriorityQueue}. */
export interface Prioritized {
  /** Items with a smaller one come out first. Any number but NaN; 0 if omitted. */
  priority?: number;
}

/** How an item is put into a {@link PriorityQueue}. */
export interface PriorityPutOptions extends Prioritized {
  /** Milliseconds to wait for room. Omitted or `Infinity` waits for ever, `0` tries once. */
  timeout?: number;
}

/**
 * A queue that passes values between threads, the one with the smallest priority first. In all but the order it is a
 * {@link Queue}: `get`, a loop, `getMany` and `drain` give items by their priority, and of one priority those first
 * that were put first. To put or to take one of n items takes a time in the order of log n, on average.
 *
 * *Blocks*: `get` while the queue is empty, `put` while it is full; the forms ending in `Async` give a promise
 * instead. All end early by timeout and `thread.cancel()`, promises also by their signal, and the queue is then as if
 * they had not been called. `shutdown` ends them with `QueueShutdownError`.
 *
 * *Fairness*: among the threads that wait at one end, whether blocked or awaiting, the first to come is the first to be
 * served, and nobody overtakes them, whatever the priority of the item that it waits to put. An item may lie there for
 * ever, while others of smaller priority come and go.
 *
 * *Happens before*: everything before an item is put happens before everything after it is taken; everything before
 * an item is taken, before everything after a `put` that had to wait for its room; everything before a `taskDone`,
 * before everything after a `join` that it lets return.
 *
 * @example
 * ```ts
 * const jobs = new PriorityQueue<string>();
 * jobs.put('tidy up', { priority: 5 });
 * jobs.put('put out the fire', { priority: -1 });
 * console.log(jobs.get()); // put out the fire
 * ```
 */
export class PriorityQueue<T> extends Queue<T> {
  /** @throws RangeError if `capacity` is neither `Infinity` nor a whole number of at least 1 */
  constructor(options?: QueueOptions) {
    super(options, kind);
  }

  /**
   * Puts an item. Blocks while the queue is full.
   *
   * @param options its priority, and for how long to wait; a number is that time in milliseconds
   * @throws CloneError if the item cannot cross threads; its path begins with `item`
   * @throws RangeError if the priority is NaN; QueueShutdownError if the queue is shut down, before or while it waits
   * @throws TimeoutError, CancelledError
   *
   * @example
   * ```ts
   * const jobs = new PriorityQueue<string>({ capacity: 10 });
   * jobs.put('soon', { priority: 1, timeout: 500 }); // waits half a second for room
   * jobs.put('whenever', { priority: Infinity });
   * ```
   */
  override put(item: T, options?: number | PriorityPutOptions): void {
    const address = addressOf(this);
    const { timeout, priority } = readOptions(options);
    const patience = checkTimeout(timeout);
    const node = makeNode(item, checkPriority(priority));
    if (!ranked.tryPut(address, node)) ranked.putSlow(address, node, patience);
  }

  /**
   * Puts an item if there is room; false if there is none. Never blocks.
   *
   * @throws CloneError if the item cannot cross threads; RangeError if the priority is NaN
   * @throws QueueShutdownError if the queue is shut down
   */
  override tryPut(item: T, options?: Prioritized): boolean {
    const address = addressOf(this);
    const node = makeNode(item, checkPriority(checkOptions(options).priority));
    if (ranked.tryPut(address, node)) return true;
    discardNode(node);
    return false;
  }

  /** As {@link put}, but awaited. The item is copied at once: changes to it after the call are not seen. */
  override async putAsync(item: T, options?: Prioritized & WaitOptions): Promise<void> {
    const address = addressOf(this);
    const patience = checkWaitOptions(options);
    const node = makeNode(item, checkPriority(options?.priority));
    if (!ranked.tryPut(address, node)) await putParcelAsync(address, node, patience);
  }

  /**
   * Puts many items of one priority. Blocks while there are more than there is room for. Items that fit go in as one
   * step: nobody sees some of them without the others. All items are copied before the first is put; an error while
   * that is done, such as CloneError, leaves the queue unchanged.
   *
   * If the wait for room fails, the first of `items` are in the queue, and the others are not.
   *
   * @param options their priority, and for how long to wait; a number is that time in milliseconds
   * @throws CloneError if an item cannot cross threads; its path begins with `items[` and the item's index
   * @throws RangeError if the priority is NaN; QueueShutdownError if the queue is shut down, before or while it waits
   * @throws TimeoutError, CancelledError, and what iterating `items` throws
   *
   * @example
   * ```ts
   * const pages = new PriorityQueue<string>();
   * pages.putMany(files, { priority: 1 });
   * ```
   */
  override putMany(items: Iterable<T>, options?: number | PriorityPutOptions): void {
    const address = addressOf(this);
    const { timeout, priority } = readOptions(options);
    putMany(address, checkItems(items), checkTimeout(timeout), checkPriority(priority));
  }

  /**
   * Takes the item with the smallest priority. Blocks while the queue is empty.
   *
   * @param timeout milliseconds; omitted waits for ever, 0 tries once
   * @throws QueueShutdownError if the queue is shut down and empty, before or while it waits
   * @throws TimeoutError, CancelledError
   */
  override get(timeout?: number): T {
    const address = addressOf(this);
    const patience = checkTimeout(timeout);
    const item = tryGet(address);
    return (item === NOTHING ? getSlow(address, patience) : item) as T;
  }

  /**
   * Takes the item with the smallest priority if there is one, else returns `fallback`. Never blocks.
   *
   * @throws QueueShutdownError if the queue is shut down and empty
   */
  override tryGet<F = undefined>(fallback?: F): T | F {
    const address = addressOf(this);
    const item = tryGet(address);
    return item === NOTHING ? fallbackOf(address, fallback as F) : (item as T);
  }
}

function readOptions(options: number | PriorityPutOptions | undefined): PriorityPutOptions {
  return typeof options === 'number' ? { timeout: options } : checkOptions(options);
}

function checkPriority(priority: number = 0): number {
  if (typeof priority !== 'number') {
    throw new TypeError(`priority must be a number, not ${describe(priority)}`);
  }
  if (Number.isNaN(priority)) {
    throw new RangeError('priority must not be NaN, which has no place in an order: pass any other number');
  }
  return priority;
}
