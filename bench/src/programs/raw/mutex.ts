/**
 * The smallest lock that sleeps: free, taken, or taken with sleepers ("Futexes Are Tricky", Ulrich Drepper, 2004),
 * with a few tries before it goes to sleep. It knows no owner, no timeout and no dead thread.
 */
const FREE = 0;
const TAKEN = 1;
const SLEEPERS = 2;
const TRIES = 100;

/** Takes the lock at `at`. */
export function lock(words: Int32Array, at: number): void {
  if (Atomics.compareExchange(words, at, FREE, TAKEN) === FREE) return;
  for (let k = 0; k < TRIES; k++) {
    if (words[at] === FREE && Atomics.compareExchange(words, at, FREE, TAKEN) === FREE) return;
  }
  while (Atomics.exchange(words, at, SLEEPERS) !== FREE) Atomics.wait(words, at, SLEEPERS);
}

/** Gives the lock at `at` back. */
export function unlock(words: Int32Array, at: number): void {
  if (Atomics.exchange(words, at, FREE) === SLEEPERS) Atomics.notify(words, at, 1);
}
