import assert from 'node:assert/strict';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';
import { lock, unlock } from './mutex.js';

const MUTEX = 0;
const DONE = 1;
const VALUE = 2;
const WORDS = 3;

export function done(effort: Effort): Figures {
  const words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  const init = (): number => 7;
  run(words, init);
  const time = timePerOperation(effort, (count) => {
    let sum = 0;
    const took = elapsed(() => {
      for (let k = 0; k < count; k++) sum += run(words, init);
    });
    assert.equal(sum, 7 * count);
    return took;
  });
  return { time };
}

function run(words: Int32Array, init: () => number): number {
  if (Atomics.load(words, DONE) === 0) {
    lock(words, MUTEX);
    if (words[DONE] === 0) {
      words[VALUE] = init();
      Atomics.store(words, DONE, 1);
    }
    unlock(words, MUTEX);
  }
  return words[VALUE]!;
}
