import { checkCount, checkFlag, checkFunction, checkOptions, checkSignal } from '../base/arguments.js';
import { CloneError, QueueFullError } from '../base/errors.js';
import type { ChunkOutcome } from './chunk.js';
import type { Future } from './future.js';
import { type Input, inputOf } from './input.js';
import { addSite, type Site } from './site.js';

/** How a function is mapped over items. */
export interface MapOptions {
  /** Items that one task takes together. `'auto'`, the default: so many that a task takes about two milliseconds. */
  chunkSize?: number | 'auto';
  /** Items that may be taken from the input and not yet be given out; the default depends on the chunks. */
  buffer?: number;
  /** Whether results come in the order of their items (the default) or as they are ready. */
  ordered?: boolean;
  /** Ends the map with the signal's reason. */
  signal?: AbortSignal;
  /** Called now and then with how many items are done, and how many there are if that is known. */
  onProgress?: (done: number, total: number | undefined) => void;
}

/** Where chunks are sent. */
export interface Lane {
  readonly threads: number;
  /** Where the map was called. */
  readonly site: Site;
  /** @throws QueueFullError if there is no room now */
  submit(chunk: unknown[]): Future;
  /** Fulfilled when there may be room again. */
  room(): Promise<void>;
}

/** A chunk on its way. */
interface Slot {
  readonly size: number;
  /** The number of its first item among all. */
  readonly first: number;
  readonly future: Future;
  outcome: ChunkOutcome | undefined;
}

/** With `auto`, a chunk takes about so many milliseconds … */
const GOAL = 2;
/** … grows at most so fast, and has at most so many items. */
const GROWTH = 4;
const MOST_ITEMS = 8192;
/** Chunks for each thread that are under way or wait to be given out. */
const AHEAD = 4;

/**
 * What a `map` gives: all results as an array if it is awaited, or one after another if it is iterated. It begins when
 * either is done, and can be done once.
 */
export class Mapping<R> implements PromiseLike<R[]>, AsyncIterable<R> {
  readonly #lane: Lane;
  readonly #input: Input;
  readonly #options: Readonly<Partial<MapOptions>>;
  #all: Promise<R[]> | undefined;
  #begun = false;

  // What is under way: slots in the order of their items, and what has been taken from the input but not been given out.
  readonly #slots: Slot[] = [];
  #items = 0;
  #sent = 0;
  #flying = 0;
  #size: number;
  #done = 0;
  /** It takes no more input: that has come to its end, or an error has come, or nobody wants the rest. */
  #exhausted = false;
  /** What is thrown once all that came before has been given out. */
  #failure: { error: unknown } | undefined;
  /** An input or a room that is awaited. */
  #waiting = false;
  #news: () => void = () => undefined;

  /** @internal */
  constructor(lane: Lane, items: Iterable<unknown> | AsyncIterable<unknown>, options?: MapOptions) {
    this.#options = checkMapOptions(options);
    this.#lane = lane;
    this.#input = inputOf(items);
    const { chunkSize } = this.#options;
    this.#size = typeof chunkSize === 'number' ? chunkSize : 1;
  }

  /** All results, in the order of their items unless `ordered` is false. */
  then<A = R[], B = never>(
    fulfilled?: ((value: R[]) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#all ??= this.#collect();
    return this.#all.then(fulfilled, rejected);
  }

  /** Results as they come; leaving the loop cancels what has not begun. */
  async *[Symbol.asyncIterator](): AsyncGenerator<R, void, undefined> {
    for await (const results of this.#chunks()) yield* results;
  }

  async #collect(): Promise<R[]> {
    const all: R[] = [];
    for await (const results of this.#chunks()) for (const result of results) all.push(result);
    return all;
  }

  async *#chunks(): AsyncGenerator<R[], void, undefined> {
    if (this.#begun)
      throw new TypeError('a map gives its results once: await it, or iterate it, and keep them');
    this.#begun = true;
    const { signal } = this.#options;
    const onAbort = (): void => {
      for (const { future } of this.#slots) future.cancel();
      this.#failNow(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    let failed = false;
    try {
      signal?.throwIfAborted();
      for (;;) {
        this.#pump();
        const slot = this.#takeReady();
        if (slot !== undefined) {
          const [results, , ...error] = slot.outcome ?? [[], 0];
          yield results as R[];
          if (error.length > 0) throw error[0];
          continue;
        }
        if (this.#exhausted && this.#slots.length === 0) {
          if (this.#failure !== undefined) throw this.#failure.error;
          return;
        }
        await new Promise<void>((resolve) => {
          this.#news = resolve;
        });
      }
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#stop(0);
      await this.#close(failed);
    }
  }

  /** Closes the input. What that throws counts unless the map has failed: the first error is told, as by a loop. */
  async #close(failed: boolean): Promise<void> {
    try {
      await this.#input.close();
    } catch (error) {
      if (!failed) throw error;
    }
  }

  /** The next slot whose results can be given out. */
  #takeReady(): Slot | undefined {
    const at = this.#options.ordered === false ? this.#slots.findIndex((slot) => slot.outcome) : 0;
    const slot = this.#slots[at];
    if (slot?.outcome === undefined) return undefined;
    this.#slots.splice(at, 1);
    this.#items -= slot.size;
    return slot;
  }

  /** Sends chunks as long as there are input and room. */
  #pump(): void {
    const { buffer = Infinity } = this.#options;
    while (!this.#exhausted && !this.#waiting) {
      // Who collects all results holds those back anyway: only what is under way counts then.
      const ahead = this.#all === undefined ? this.#slots.length : this.#flying;
      if (ahead >= AHEAD * this.#lane.threads || this.#items >= buffer) return;
      try {
        const chunk = this.#input.take(Math.min(this.#nextSize(), buffer - this.#items));
        if (chunk instanceof Promise) this.#waitFor(chunk);
        else if (chunk.length === 0) this.#exhausted = true;
        else if (!this.#send(chunk)) return;
      } catch (error) {
        this.#failLater(error);
      }
    }
  }

  #nextSize(): number {
    const { left } = this.#input;
    if (typeof this.#options.chunkSize === 'number') return this.#size;
    // Toward the end chunks get smaller, so that the threads end together.
    return left === undefined
      ? this.#size
      : Math.max(1, Math.min(this.#size, Math.ceil(left / (2 * this.#lane.threads))));
  }

  #send(chunk: unknown[]): boolean {
    let future: Future;
    try {
      future = this.#lane.submit(chunk);
    } catch (error) {
      if (!(error instanceof QueueFullError)) throw named(error, this.#sent);
      this.#input.giveBack(chunk);
      if (this.#flying === 0) this.#waitFor(this.#lane.room());
      return false;
    }
    const slot: Slot = { size: chunk.length, first: this.#sent, future, outcome: undefined };
    this.#sent += chunk.length;
    this.#slots.push(slot);
    this.#items += chunk.length;
    this.#flying++;
    future.then(
      (given) => {
        const outcome = given as ChunkOutcome;
        if (outcome.length === 3) addSite(outcome[2], this.#lane.site);
        this.#arrive(slot, outcome);
      },
      (error: unknown) => {
        this.#arrive(slot, [[], 0, named(error, slot.first)]);
      },
    );
    return true;
  }

  #waitFor(ready: Promise<unknown>): void {
    this.#waiting = true;
    ready.then(
      () => {
        this.#waiting = false;
        this.#news();
      },
      (error: unknown) => {
        this.#waiting = false;
        this.#failLater(error);
      },
    );
  }

  #arrive(slot: Slot, outcome: ChunkOutcome): void {
    this.#flying--;
    const at = this.#slots.indexOf(slot);
    if (at < 0) return; // nobody wants it any more
    slot.outcome = outcome;
    const [results, milliseconds] = outcome;
    if (outcome.length === 3) this.#stop(at + 1);
    else if (this.#options.chunkSize === undefined || this.#options.chunkSize === 'auto')
      this.#adapt(slot.size, milliseconds);
    this.#done += results.length;
    try {
      this.#options.onProgress?.(this.#done, this.#input.total);
    } catch (error) {
      this.#failNow(error);
    }
    this.#news();
  }

  #adapt(size: number, milliseconds: number): void {
    const goal = milliseconds > 0 ? (GOAL * size) / milliseconds : Infinity;
    this.#size = Math.max(1, Math.round(Math.min(goal, size * GROWTH, MOST_ITEMS)));
  }

  /** Ends it with an error, once all that has been taken from the input has been given out. */
  #failLater(error: unknown): void {
    if (!this.#exhausted) this.#failure = { error };
    this.#exhausted = true;
    this.#news();
  }

  /** Ends it with an error, and gives out nothing any more. */
  #failNow(error: unknown): void {
    this.#failure = { error };
    this.#stop(0);
    this.#news();
  }

  /** Takes no more input, drops the slots from a place on, and cancels those of them that have not begun. */
  #stop(from: number): void {
    this.#exhausted = true;
    // The last first: what a thread takes meanwhile is next in the order.
    for (const { future } of this.#slots.splice(from).reverse())
      if (future.state === 'pending') future.cancel();
  }
}

/** A CloneError of a chunk, in terms of the whole map: `first` is the number of the chunk's first item. */
function named(error: unknown, first: number): unknown {
  if (!(error instanceof CloneError)) return error;
  const path = error.path.replace(/^(?:items|result\[0\])\[(\d+)\]/, (whole, index: string) =>
    whole.startsWith('items')
      ? `items[${String(first + Number(index))}]`
      : `results[${String(first + Number(index))}]`,
  );
  const renamed = new CloneError(error.message.replace(error.path, path), path);
  if (error.stack !== undefined) renamed.stack = error.stack.replace(error.message, renamed.message);
  if (Object.hasOwn(error, 'cause'))
    Object.defineProperty(renamed, 'cause', { value: error.cause, writable: true, configurable: true });
  return renamed;
}

function checkMapOptions(options: MapOptions | undefined): Partial<MapOptions> {
  const checked = checkOptions(options);
  const { chunkSize, buffer, ordered, signal, onProgress } = checked;
  if (chunkSize !== undefined && chunkSize !== 'auto') checkCount('chunkSize', chunkSize, 1);
  if (buffer !== undefined && buffer !== Infinity) checkCount('buffer', buffer, 1);
  checkFlag('ordered', ordered);
  checkSignal(signal);
  if (onProgress !== undefined) checkFunction('onProgress', onProgress);
  return checked;
}
