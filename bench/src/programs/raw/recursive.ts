/** The smallest lock that its owner can take again: a mutex, and who has it. Words: the mutex, the owner. */
import { lock, unlock } from './mutex.js';

const MUTEX = 0;
const OWNER = 1;

/** One thread's way to the lock. */
export class RecursiveLock {
  readonly #words: Int32Array;
  readonly #me: number;
  #depth = 0;

  /** @param me a number of the thread's own, not 0 */
  constructor(words: Int32Array, me: number) {
    this.#words = words;
    this.#me = me;
  }

  acquire(): void {
    // Only this thread writes its own number here, so another value cannot be mistaken for it.
    if (Atomics.load(this.#words, OWNER) !== this.#me) {
      lock(this.#words, MUTEX);
      Atomics.store(this.#words, OWNER, this.#me);
    }
    this.#depth += 1;
  }

  release(): void {
    this.#depth -= 1;
    if (this.#depth > 0) return;
    Atomics.store(this.#words, OWNER, 0);
    unlock(this.#words, MUTEX);
  }
}
