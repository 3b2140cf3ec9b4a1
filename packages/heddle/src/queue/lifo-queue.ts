import type { WaitOptions } from '../base/arguments.js';
import { checkTimeout } from '../base/arguments.js';
import type { Kind } from '../memory/object.js';
import { addressOf, Attach, defineKind, KindId } from '../memory/object.js';
import { checkWaitOptions } from '../park/await.js';
import { admit, grantLost, lack, waiterLeft } from './admit.js';
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
  id: KindId.LIFO_QUEUE,
  name: 'LifoQueue',
  handles: () => LifoQueue,
  blank: (name) => new LifoQueue({ name }),
  attach: (address) => new LifoQueue(new Attach(address) as QueueOptions),
  destroy: endTree,
  admit,
  waiterLeft,
  lack,
  grantLost,
});

/** The rank of a node is its number, which it gets when it is put. */
const UNRANKED = 0;

/**
 * A last-in first-out queue, or stack, that passes values between threads. In all but the order it is a {@link Queue}:
 * `get` takes the item that was put last of those that are there, and so do a loop, `getMany` and `drain`, whose arrays
 * begin with it. `putMany` puts the last of its items on top.
 *
 * *Blocks*: `get` while the queue is empty, `put` while it is full; the forms ending in `Async` give a promise
 * instead. All end early by timeout and `thread.cancel()`, promises also by their signal, and the queue is then as if
 * they had not been called. `shutdown` ends them with `QueueShutdownError`.
 *
 * *Fairness*: among the threads that wait at one end, whether blocked or awaiting, the first to come is the first to be
 * served, and nobody overtakes them. An item may lie there for ever, while others come and go on top of it.
 *
 * *Happens before*: everything before an item is put happens before everything after it is taken; everything before
 * an item is taken, before everything after a `put` that had to wait for its room; everything before a `taskDone`,
 * before everything after a `join` that it lets return.
 *
 * @example
 * ```ts
 * const folders = new LifoQueue<string>();
 * folders.putMany(['first', 'last']);
 * console.log(folders.get()); // last
 * ```
 */
export class LifoQueue<T> extends Queue<T> {
  /** @throws RangeError if `capacity` is neither `Infinity` nor a whole number of at least 1 */
  constructor(options?: QueueOptions) {
    super(options, kind);
  }

  /**
   * Puts an item on top. Blocks while the queue is full.
   *
   * @param timeout milliseconds; omitted waits for ever, 0 tries once
   * @throws CloneError if the item cannot cross threads; its path begins with `item`
   * @throws QueueShutdownError if the queue is shut down, before or while it waits
   * @throws TimeoutError, CancelledError
   */
  override put(item: T, timeout?: number): void {
    const address = addressOf(this);
    const patience = checkTimeout(timeout);
    const node = makeNode(item, UNRANKED);
    if (!ranked.tryPut(address, node)) ranked.putSlow(address, node, patience);
  }

  /**
   * Puts an item on top if there is room; false if there is none. Never blocks.
   *
   * @throws CloneError if the item cannot cross threads; QueueShutdownError if the queue is shut down
   */
  override tryPut(item: T): boolean {
    const address = addressOf(this);
    const node = makeNode(item, UNRANKED);
    if (ranked.tryPut(address, node)) return true;
    discardNode(node);
    return false;
  }

  /** As {@link put}, but awaited. The item is copied at once: changes to it after the call are not seen. */
  override async putAsync(item: T, options?: WaitOptions): Promise<void> {
    const address = addressOf(this);
    const patience = checkWaitOptions(options);
    const node = makeNode(item, UNRANKED);
    if (!ranked.tryPut(address, node)) await putParcelAsync(address, node, patience);
  }

  /**
   * Takes the item on top. Blocks while the queue is empty.
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
   * Takes the item on top if there is one, else returns `fallback`. Never blocks.
   *
   * @throws QueueShutdownError if the queue is shut down and empty
   */
  override tryGet<F = undefined>(fallback?: F): T | F {
    const address = addressOf(this);
    const item = tryGet(address);
    return item === NOTHING ? fallbackOf(address, fallback as F) : (item as T);
  }
}
