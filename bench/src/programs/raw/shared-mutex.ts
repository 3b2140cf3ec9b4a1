/**
 * The smallest lock with two sides that sleeps: how many read, or WRITING. Whoever comes first, so writers may starve.
 * Words: the state, how many sleep.
 */
const WRITING = -1;
const TRIES = 100;

export function lockShared(words: Int32Array, at: number): void {
  if (!tryShared(words, at)) sleepUntil(words, at, tryShared);
}

export function unlockShared(words: Int32Array, at: number): void {
  if (Atomics.sub(words, at, 1) === 1) wake(words, at);
}

export function lockExclusive(words: Int32Array, at: number): void {
  if (!tryExclusive(words, at)) sleepUntil(words, at, tryExclusive);
}

export function unlockExclusive(words: Int32Array, at: number): void {
  Atomics.store(words, at, 0);
  wake(words, at);
}

function tryShared(words: Int32Array, at: number): boolean {
  for (;;) {
    const readers = Atomics.load(words, at);
    if (readers === WRITING) return false;
    if (Atomics.compareExchange(words, at, readers, readers + 1) === readers) return true;
  }
}

function tryExclusive(words: Int32Array, at: number): boolean {
  return Atomics.compareExchange(words, at, 0, WRITING) === 0;
}

function sleepUntil(words: Int32Array, at: number, attempt: typeof tryShared): void {
  for (let k = 0; k < TRIES; k++) if (attempt(words, at)) return;
  Atomics.add(words, at + 1, 1);
  for (let seen = words[at]!; !attempt(words, at); seen = Atomics.load(words, at))
    if (seen !== 0) Atomics.wait(words, at, seen);
  Atomics.sub(words, at + 1, 1);
}

function wake(words: Int32Array, at: number): void {
  if (Atomics.load(words, at + 1) > 0) Atomics.notify(words, at);
}
