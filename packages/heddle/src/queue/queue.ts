import type { Named, WaitOptions } from '../base/arguments.js';
import { checkCount, checkOptions, checkTimeout } from '../base/arguments.js';
import type { Kind } from '../memory/object.js';
import { addressOf, Attach, defineKind, KindId } from '../memory/object.js';
import { checkWaitOptions } from '../park/await.js';
import { Waitable } from '../park/waitable.js';
import { admit, grantLost, lack, waiterLeft } from './admit.js';
import * as batch from './batch.js';
import { endChain } from './chunks.js';
import * as ending from './ending.js';
import './chunk-store.js';
import { items, itemsAsync } from './iteration.js';
import type { QueueStats } from './queue-stats.js';
import { capacityOf, queueStats } from './queue-stats.js';
import * as raw from './raw-queue.js';
import { discardDraft, draftItem, openTaken } from './records.js';
import { initialise, isShutDown, NOTHING, storeOf } from './store.js';
import { getSlow, getSlowAsync } from './waiting.js';
import { Q } from './words.js';

const kind: Kind = defineKind({
  id: KindId.QUEUE,
  name: 'Queue',
  handles: () => Queue,
  blank: (name) => new Queue({ name }),
  attach: (address) => new Queue(new Attach(address) as QueueOptions),
  destroy: endChain,
  admit,
  waiterLeft,
  lack,
  grantLost,
});

/** Options of a {@link Queue}. */
export interface QueueOptions extends Named {
  /** How many items it holds at most; `put` waits while it is full. `Infinity` if omitted. */
  capacity?: number;
}

/**
 * A first-in first-out queue that passes values between threads. An item is copied on its way in, as
 * `structuredClone` would copy it; heddle's own objects in it (locks, queues, threads) stay what they are.
 *
 * *Blocks*: `get` while the queue is empty, `put` while it is full; the forms ending in `Async` give a promise
 * instead. All end early by timeout and `thread.cancel()`, promises also by their signal, and the queue is then as if
 * they had not been called. `shutdown` ends them with `QueueShutdownError`.
 *
 * *Fairness*: items come out in the order in which they went in. Among the threads that wait at one end, whether
 * blocked or awaiting, the first to come is the first to be served, and nobody overtakes them.
 *
 * *Happens before*: everything before an item is put happens before everything after it is taken; everything before
 * an item is taken, before everything after a `put` that had to wait for its room; everything before a `taskDone`,
 * before everything after a `join` that it lets return.
 *
 * If a thread dies while it waits, nothing is lost; an item that a thread had taken dies with it.
 *
 * @example
 * ```ts
 * const queue = new Queue<string>({ capacity: 100 });
 * const workers = [1, 2, 3].map(() => spawn(work, queue));
 * for (const file of files) queue.put(file);
 * queue.shutdown();
 * for (const worker of workers) worker.join();
 *
 * export function work(queue: Queue<string>) {
 *   for (const file of queue) convert(file);
 * }
 * ```
 */
export class Queue<T> extends Waitable implements Iterable<T>, AsyncIterable<T>, Disposable {
  /** @throws RangeError if `capacity` is neither `Infinity` nor a whole number of at least 1 */
  constructor(options?: QueueOptions);
  /** @internal For the kinds of queue that extend this one. */
  constructor(options: QueueOptions | undefined, kind: Kind);
  constructor(options?: QueueOptions, ofKind: Kind = kind) {
    if (options instanceof Attach) {
      super(ofKind, Q.WORDS, options);
      return;
    }
    const { capacity = Infinity } = checkOptions(options);
    if (capacity !== Infinity) checkCount('capacity', capacity, 1, Number.MAX_SAFE_INTEGER);
    super(ofKind, Q.WORDS, options);
    initialise(this.address, capacity);
  }

  /**
   * Puts an item at the end. Blocks while the queue is full.
   *
   * @param timeout milliseconds; omitted waits for ever, 0 tries once
   * @throws CloneError if the item cannot cross threads; its path begins with `item`
   * @throws QueueShutdownError if the queue is shut down, before or while it waits
   * @throws TimeoutError, CancelledError
   *
   * @example
   * ```ts
   * const queue = new Queue<{ id: number }>({ capacity: 10 });
   * queue.put({ id: 1 });
   * queue.put({ id: 2 }, 500); // waits half a second for room
   * ```
   */
  put(item: T, timeout?: number): void {
    const address = addressOf(this);
    const patience = timeout === undefined ? Infinity : checkTimeout(timeout);
    draftItem(item);
    if (!raw.tryPut(address)) raw.putSlow(address, patience);
  }

  /**
   * Puts an item at the end if there is room; false if there is none. Never blocks.
   *
   * @throws CloneError if the item cannot cross threads; QueueShutdownError if the queue is shut down
   *
   * @example
   * ```ts
   * const lines = new Queue<string>({ capacity: 1 });
   * lines.tryPut('first'); // true
   * lines.tryPut('second'); // false: it is full
   * ```
   */
  tryPut(item: T): boolean {
    const address = addressOf(this);
    draftItem(item);
    if (raw.tryPut(address)) return true;
    discardDraft();
    return false;
  }

  /**
   * As {@link put}, but awaited. The item is copied at once: changes to it after the call are not seen.
   *
   * @example
   * ```ts
   * const queue = new Queue<number>();
   * for (const row of rows) await queue.putAsync(row, { timeout: 1000 });
   * ```
   */
  async putAsync(item: T, options?: WaitOptions): Promise<void> {
    const address = addressOf(this);
    const patience = checkWaitOptions(options);
    draftItem(item);
    if (!raw.tryPut(address)) await raw.putSlowAsync(address, patience);
  }

  /**
   * Puts many items, in their order. Blocks while there are more than there is room for. Items that fit go in as one
   * step: nobody sees some of them without the others, and no other thread's items come between them. All items are
   * copied before the first is put; an error while that is done, such as CloneError, leaves the queue unchanged.
   *
   * If the wait for room fails, the items that had found room stay in the queue, and the others are not put. They are
   * the first and the last of `items`, in their order.
   *
   * @param timeout milliseconds for all of it; omitted waits for ever, 0 puts what fits and then throws
   * @throws CloneError if an item cannot cross threads; its path begins with `items[` and the item's index
   * @throws QueueShutdownError if the queue is shut down, before or while it waits
   * @throws TimeoutError, CancelledError, and what iterating `items` throws
   *
   * @example
   * ```ts
   * const words = new Queue<string>();
   * words.putMany('what there is to do'.split(' '));
   * ```
   */
  putMany(items: Iterable<T>, timeout?: number): void {
    const address = addressOf(this);
    const patience = checkTimeout(timeout);
    batch.putMany(address, batch.checkItems(items), patience);
  }

  /**
   * Takes the first item. Blocks while the queue is empty.
   *
   * @param timeout milliseconds; omitted waits for ever, 0 tries once
   * @throws QueueShutdownError if the queue is shut down and empty, before or while it waits
   * @throws TimeoutError, CancelledError
   *
   * @example
   * ```ts
   * const jobs = new Queue<string>();
   * jobs.put('sweep');
   * const next = jobs.get();
   * try {
   *   console.log(next);
   * } finally {
   *   jobs.taskDone();
   * }
   * ```
   */
  get(timeout?: number): T {
    const address = addressOf(this);
    const patience = timeout === undefined ? Infinity : checkTimeout(timeout);
    return (raw.tryTake(address) ? openTaken() : getSlow(address, patience)) as T;
  }

  /**
   * Takes the first item if there is one, else returns `fallback`. Never blocks.
   *
   * @throws QueueShutdownError if the queue is shut down and empty
   *
   * @example
   * ```ts
   * const jobs = new Queue<string>();
   * if (jobs.tryGet(null) === null) console.log('nothing to do');
   * ```
   */
  tryGet<F = undefined>(fallback?: F): T | F {
    const address = addressOf(this);
    return raw.tryTake(address) ? (openTaken() as T) : ending.fallbackOf(address, fallback as F);
  }

  /**
   * As {@link get}, but awaited.
   *
   * @example
   * ```ts
   * const answers = new Queue<number>();
   * answers.put(42);
   * const answer = await answers.getAsync({ timeout: 1000, signal: AbortSignal.timeout(5000) });
   * ```
   */
  async getAsync(options?: WaitOptions): Promise<T> {
    const address = addressOf(this);
    const patience = checkWaitOptions(options);
    const item = storeOf(address).tryGet(address);
    return (item === NOTHING ? await getSlowAsync(address, patience) : item) as T;
  }

  /**
   * Takes at least one and at most `max` items from the front, in one step: they had followed one another. Blocks
   * while the queue is empty.
   *
   * @param max the most items to take, at least 1; `Infinity` for all there are
   * @param timeout milliseconds; omitted waits for ever, 0 tries once
   * @throws RangeError if `max` is not a whole number of at least 1
   * @throws QueueShutdownError if the queue is shut down and empty, before or while it waits
   * @throws TimeoutError, CancelledError
   *
   * @example
   * ```ts
   * const waiting = new Queue<number>();
   * waiting.putMany(rows);
   * console.log(waiting.getMany(500)); // what there is, but not too much
   * ```
   */
  getMany(max: number, timeout?: number): T[] {
    const address = addressOf(this);
    return batch.getMany(address, batch.checkMost(max), checkTimeout(timeout)) as T[];
  }

  /**
   * Takes all items, or the first `max`, in one step. Never blocks: if there are none, the array is empty, also when
   * the queue is shut down.
   *
   * @throws RangeError if `max` is not a whole number of at least 1
   *
   * @example
   * ```ts
   * const events = new Queue<string>();
   * events.putMany(['opened', 'closed']);
   * console.log(events.drain()); // [ 'opened', 'closed' ]
   * ```
   */
  drain(max: number = Infinity): T[] {
    const address = addressOf(this);
    return batch.drain(address, batch.checkMost(max)) as T[];
  }

  /**
   * Says that `n` items taken from the queue have been dealt with, for {@link join}.
   *
   * @throws RangeError if more were marked done than were put, or `n` is not a whole number of at least 1
   *
   * @example
   * ```ts
   * const jobs = new Queue<string>();
   * jobs.putMany(files);
   * const batch = jobs.getMany(100);
   * jobs.taskDone(batch.length);
   * ```
   */
  taskDone(n: number = 1): void {
    const address = addressOf(this);
    ending.markDone(address, checkCount('n', n, 1));
  }

  /**
   * Blocks until every item that was put has been marked done, by {@link taskDone} or by the loop that took it.
   *
   * @param timeout milliseconds; omitted waits for ever, 0 looks once
   * @throws TimeoutError, CancelledError
   *
   * @example
   * ```ts
   * const jobs = new Queue<string>();
   * jobs.put('sweep');
   * jobs.get();
   * jobs.taskDone();
   * jobs.join(); // returns: all that was put is done
   * ```
   */
  join(timeout?: number): void {
    ending.join(addressOf(this), checkTimeout(timeout));
  }

  /** As {@link join}, but awaited. */
  async joinAsync(options?: WaitOptions): Promise<void> {
    await ending.joinAsync(addressOf(this), checkWaitOptions(options));
  }

  /**
   * Closes the queue for good. From now on `put` throws `QueueShutdownError`, also in threads that wait for room.
   * What is in the queue can still be taken; after that, `get` throws too and loops over the queue end.
   *
   * With `immediate`, the items in the queue are dropped and count as done; so `join` waits only for those that have
   * been taken. Calling it again does nothing, but for `immediate` after a call without.
   *
   * @example
   * ```ts
   * const jobs = new Queue<string>();
   * jobs.put('sweep');
   * jobs.shutdown({ immediate: true }); // nobody gets it any more
   * ```
   */
  shutdown(options?: { immediate?: boolean }): void {
    const address = addressOf(this);
    ending.shutDown(address, checkOptions(options).immediate === true);
  }

  /** How many items are in the queue now. */
  get size(): number {
    return ending.sizeNow(addressOf(this));
  }

  /** How many items fit into the queue; `Infinity` if there is no bound. */
  get capacity(): number {
    return capacityOf(addressOf(this));
  }

  /** Whether the queue has been shut down. There may still be items to take. */
  get isShutdown(): boolean {
    return isShutDown(addressOf(this));
  }

  /**
   * Takes item after item until the queue is shut down and empty. Blocks while it is empty. Each item is marked done
   * when the loop asks for the next one, or is left by `break`, `return` or a throw.
   *
   * @throws CancelledError
   *
   * @example
   * ```ts
   * const jobs = new Queue<string>();
   * jobs.putMany(files);
   * jobs.shutdown();
   * for (const file of jobs) console.log(file); // ends when jobs is shut down and empty
   * ```
   */
  [Symbol.iterator](): Generator<T, void, undefined> {
    return items(this) as Generator<T, void, undefined>;
  }

  /**
   * As the blocking loop, but awaited.
   *
   * @example
   * ```ts
   * const jobs = new Queue<string>();
   * jobs.putMany(files);
   * jobs.shutdown();
   * for await (const file of jobs) console.log(file);
   * ```
   */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return itemsAsync(this) as AsyncGenerator<T, void, undefined>;
  }

  /** A frozen snapshot of what has gone through the queue, and how much threads have waited for it. */
  override stats(): QueueStats {
    return Object.freeze(queueStats(addressOf(this), this.name));
  }

  /** Shuts the queue down, as {@link shutdown} without options, at the end of a `using` block. */
  override [Symbol.dispose](): void {
    this.shutdown();
  }

  protected override describeState(): string {
    const { size, capacity, getters, putters } = this.stats();
    return [
      capacity === Infinity ? `${String(size)} items` : `${String(size)} of ${String(capacity)} items`,
      ...(getters > 0 ? [`${String(getters)} waiting to get`] : []),
      ...(putters > 0 ? [`${String(putters)} waiting to put`] : []),
      ...(this.isShutdown ? ['shut down'] : []),
    ].join(', ');
  }
}
