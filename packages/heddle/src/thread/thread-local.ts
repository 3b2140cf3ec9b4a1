import { ensureHeap, i32 } from '../memory/heap.js';
import { current, Th } from '../park/current.js';

/**
 * A value of its own for each thread.
 *
 * Module-level variables belong to a worker, and a worker runs one thread after another; a ThreadLocal starts afresh in
 * each thread. It belongs to the module that makes it and does not cross to other threads.
 *
 * @example
 * ```ts
 * const buffer = new ThreadLocal(() => new Float64Array(1024));
 * export function work() {
 *   buffer.value[0] = 1; // this thread's own
 * }
 * ```
 */
export class ThreadLocal<T> {
  readonly #initial: (() => T) | undefined;
  /** Number of the thread that `#value` belongs to; a worker runs one at a time. */
  #owner = 0;
  #value: T | undefined;

  /** @param initial makes a thread's first value when it is first read; without it, that is undefined */
  constructor(initial?: () => T) {
    if (initial !== undefined && typeof initial !== 'function')
      throw new TypeError('initial must be a function');
    ensureHeap(); // its words tell the threads apart
    this.#initial = initial;
  }

  /** This thread's value. */
  get value(): T {
    if (this.#owner !== threadNumber()) {
      this.#value = this.#initial?.();
      this.#owner = threadNumber();
    }
    return this.#value as T;
  }

  set value(value: T) {
    this.#value = value;
    this.#owner = threadNumber();
  }
}

function threadNumber(): number {
  return i32[current + Th.ID]!;
}
