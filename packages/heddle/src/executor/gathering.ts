/** Waiting for several futures. */
import { checkOptions, checkTimeout, describe, type WaitOptions } from '../base/arguments.js';
import { TimeoutError } from '../base/errors.js';
import { checkWaitOptions, type Patience } from '../park/await.js';
import { after } from '../platform/timeout.js';
import { Future } from './future.js';

/** When {@link waitAll} has waited enough. */
export interface WaitAllOptions {
  /** For all to end (the default), for the first, or for the first that does not give a result. */
  until?: 'all' | 'first' | 'firstError';
  /** Milliseconds after which it gives up waiting, which is no error. */
  timeout?: number;
}

const UNTIL: ReadonlySet<unknown> = new Set(['all', 'first', 'firstError']);

/**
 * Waits for several futures, and says which have ended. It does not read them: a failure is still to be read by `await`,
 * `result` or `exception`.
 *
 * *Happens before*: the last step of each task in `done` happens before the promise is fulfilled.
 *
 * @throws TypeError, RangeError for arguments that make no sense; CancelledError of the waiting thread
 * @example
 * ```ts
 * const { done, pending } = await waitAll(futures, { until: 'first', timeout: 1000 });
 * for (const future of pending) future.cancel();
 * ```
 */
export async function waitAll<R>(
  futures: Iterable<Future<R>>,
  options?: WaitAllOptions,
): Promise<{ done: Set<Future<R>>; pending: Set<Future<R>> }> {
  const { until = 'all', timeout } = checkOptions(options);
  if (!UNTIL.has(until))
    throw new TypeError(`until must be 'all', 'first' or 'firstError', not ${describe(until)}`);
  const patience = checkTimeout(timeout);
  const pending = checkFutures(futures);
  const done = new Set<Future<R>>();
  await new Promise<void>((resolve, reject) => {
    const forget: (() => void)[] = [];
    const timer = after(patience, enough);
    let failed = false;
    function isEnough(): boolean {
      return pending.size === 0 || (until === 'first' && done.size > 0) || (until === 'firstError' && failed);
    }
    function tidy(): void {
      clearTimeout(timer);
      for (const its of forget.splice(0)) its();
    }
    function enough(): void {
      tidy();
      resolve();
    }
    function giveUp(reason: unknown): void {
      tidy();
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what the thread was cancelled with
      reject(reason);
    }
    if (pending.size === 0) enough();
    for (const future of pending) {
      const its = future.whenSettled(() => {
        pending.delete(future);
        done.add(future);
        failed ||= future.state !== 'done';
        if (isEnough()) enough();
      }, giveUp);
      forget.push(its);
    }
    if (isEnough()) tidy(); // looking at one may have settled others
  });
  return { done: new Set(done), pending: new Set(pending) };
}

/**
 * The futures one after another, as they end.
 *
 * @throws TypeError, RangeError for arguments that make no sense. The loop: TimeoutError if they have not all ended in
 *   time; the signal's reason; CancelledError of the waiting thread
 * @example
 * ```ts
 * for await (const future of asCompleted(futures)) console.log(await future);
 * ```
 */
export function asCompleted<R>(
  futures: Iterable<Future<R>>,
  options?: WaitOptions,
): AsyncIterableIterator<Future<R>> {
  return new Completions(checkFutures(futures), checkWaitOptions(options));
}

/** Written by hand: an async generator would await each future that it yields. */
class Completions<R> implements AsyncIterableIterator<Future<R>> {
  readonly #ended: Future<R>[] = [];
  #left: number;
  #stop: { reason: unknown } | undefined;
  /** Who waits for the next one. */
  #waiting: (() => void)[] = [];
  readonly #tidy: () => void;

  constructor(futures: ReadonlySet<Future<R>>, { timeout, signal }: Patience) {
    this.#left = futures.size;
    const total = String(futures.size);
    const timer = after(timeout, () => {
      const late = String(this.#left - this.#ended.length);
      this.#end(new TimeoutError(`${late} of ${total} futures had not ended after ${String(timeout)} ms`));
    });
    const end = (reason: unknown): void => {
      this.#end(reason);
    };
    const onAbort = (): void => {
      end(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#tidy = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    for (const future of futures) {
      future.whenSettled(() => {
        this.#ended.push(future);
        this.#news();
      }, end);
    }
  }

  /** Something has happened that those who wait should look at. */
  #news(): void {
    for (const look of this.#waiting.splice(0)) look();
  }

  #end(reason: unknown): void {
    this.#stop ??= { reason };
    this.#news();
  }

  async next(): Promise<IteratorResult<Future<R>, undefined>> {
    while (this.#left > 0) {
      const value = this.#ended.shift();
      if (value !== undefined) {
        if (--this.#left === 0) this.#news();
        return { done: false, value };
      }
      if (this.#stop !== undefined) {
        this.#left = 0;
        this.#tidy();
        throw this.#stop.reason;
      }
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    return this.return();
  }

  return(): Promise<IteratorResult<Future<R>, undefined>> {
    this.#left = 0;
    this.#tidy();
    this.#news();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function checkFutures<R>(futures: Iterable<Future<R>>): Set<Future<R>> {
  if (typeof (futures as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] !== 'function')
    throw new TypeError(`futures must be an array or another iterable of futures, not ${describe(futures)}`);
  const set = new Set(futures);
  for (const future of set) {
    if (!(future instanceof Future))
      throw new TypeError(
        `futures must be what submit() returns, not ${describe(future)}: use Promise.all for promises`,
      );
  }
  return set;
}
