/** The smallest semaphore that sleeps: a count of permits and one of sleepers. Whoever comes first takes a permit. */
const TRIES = 100;

/** Takes a permit of the semaphore at `at`; the word behind it counts sleepers. */
export function acquire(words: Int32Array, at: number): void {
  if (take(words, at)) return;
  for (let k = 0; k < TRIES; k++) if (words[at]! > 0 && take(words, at)) return;
  Atomics.add(words, at + 1, 1);
  while (!take(words, at)) Atomics.wait(words, at, 0);
  Atomics.sub(words, at + 1, 1);
}

/** Gives a permit back. */
export function release(words: Int32Array, at: number): void {
  Atomics.add(words, at, 1);
  if (Atomics.load(words, at + 1) > 0) Atomics.notify(words, at, 1);
}

function take(words: Int32Array, at: number): boolean {
  for (;;) {
    const permits = Atomics.load(words, at);
    if (permits === 0) return false;
    if (Atomics.compareExchange(words, at, permits, permits - 1) === permits) return true;
  }
}
