/** The items that a map is over, a chunk at a time. */
import { describe } from '../base/arguments.js';
import { turn } from '../platform/turn.js';

export interface Input {
  /** Items there are in all, and that are left; undefined if that is not known. */
  readonly total: number | undefined;
  readonly left: number | undefined;
  /**
   * Up to `most` items; none if there are no more. A promise says that some must be waited for: then ask again.
   *
   * @throws what the iterator throws, once all items that came before have been taken
   */
  take(most: number): unknown[] | Promise<void>;
  /** Puts items back that were taken. */
  giveBack(items: unknown[]): void;
  /** Tells the iterator that no more is wanted, unless it has come to its end. */
  close(): Promise<void>;
}

/** @throws TypeError if `items` cannot be iterated */
export function inputOf(items: Iterable<unknown> | AsyncIterable<unknown>): Input {
  if (Array.isArray(items) || ArrayBuffer.isView(items))
    return new ListInput(items as unknown as ArrayLike<unknown>);
  if (typeof items === 'object' && (items as unknown) !== null && Symbol.asyncIterator in items)
    return new AsyncInput(items[Symbol.asyncIterator]());
  if (typeof (items as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] === 'function')
    return new SyncInput((items as Iterable<unknown>)[Symbol.iterator]());
  throw new TypeError(`items must be iterable, such as an array or a generator, not ${describe(items)}`);
}

class ListInput implements Input {
  readonly #items: ArrayLike<unknown>;
  #next = 0;

  constructor(items: ArrayLike<unknown>) {
    this.#items = items;
  }

  get total(): number {
    return this.#items.length;
  }

  get left(): number {
    return this.#items.length - this.#next;
  }

  take(most: number): unknown[] {
    const end = Math.min(this.#next + most, this.#items.length);
    const chunk: unknown[] = Array.prototype.slice.call(this.#items, this.#next, end);
    this.#next = end;
    return chunk;
  }

  giveBack(items: unknown[]): void {
    this.#next -= items.length;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

class SyncInput implements Input {
  readonly total: undefined;
  readonly left: undefined;
  readonly #iterator: Iterator<unknown>;
  #back: unknown[] = [];
  #ended = false;
  #failure: { error: unknown } | undefined;

  constructor(iterator: Iterator<unknown>) {
    this.#iterator = iterator;
  }

  take(most: number): unknown[] {
    const chunk = this.#back.splice(0, most);
    while (chunk.length < most && !this.#ended) {
      try {
        const next = this.#iterator.next();
        if (next.done === true) this.#ended = true;
        else chunk.push(next.value);
      } catch (error) {
        this.#ended = true;
        this.#failure = { error };
      }
    }
    if (chunk.length === 0 && this.#failure !== undefined) throw this.#failure.error;
    return chunk;
  }

  giveBack(items: unknown[]): void {
    this.#back = items.concat(this.#back);
  }

  close(): Promise<void> {
    if (!this.#ended) this.#iterator.return?.();
    return Promise.resolve();
  }
}

/** Takes what comes within a turn of the event loop: a chunk does not wait to be full. */
class AsyncInput implements Input {
  readonly total: undefined;
  readonly left: undefined;
  readonly #iterator: AsyncIterator<unknown>;
  #ready: unknown[] = [];
  #ended = false;
  /** The item that was asked for and has not come. */
  #next: Promise<IteratorResult<unknown>> | undefined;
  /** What it has thrown instead of an item: told when all before it has been taken. */
  #failure: { error: unknown } | undefined;

  constructor(iterator: AsyncIterator<unknown>) {
    this.#iterator = iterator;
  }

  take(most: number): unknown[] | Promise<void> {
    if (this.#ready.length === 0) {
      if (this.#failure !== undefined) throw this.#failure.error;
      if (!this.#ended) return this.#read(most);
    }
    return this.#ready.splice(0, most);
  }

  async #read(most: number): Promise<void> {
    try {
      while (this.#ready.length < most) {
        this.#next ??= this.#ask();
        const next = this.#ready.length === 0 ? await this.#next : await Promise.race([this.#next, turn()]);
        if (next === undefined) return; // it is not there yet, and what has come does not wait for it
        this.#next = undefined;
        if (next.done === true) {
          this.#ended = true;
          return;
        }
        this.#ready.push(next.value);
      }
    } catch (error) {
      this.#ended = true;
      this.#failure = { error };
    }
  }

  #ask(): Promise<IteratorResult<unknown>> {
    const next = Promise.resolve(this.#iterator.next());
    next.catch(() => undefined); // who takes it is told
    return next;
  }

  giveBack(items: unknown[]): void {
    this.#ready = items.concat(this.#ready);
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    const closed = this.#iterator.return?.();
    // A generator closes only once it has given the item that it is asked for, which may never come.
    if (this.#next !== undefined) closed?.catch(() => undefined);
    else await closed;
  }
}
