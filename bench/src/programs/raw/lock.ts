import assert from 'node:assert/strict';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';
import { Crew } from './crew.js';
import { lock, unlock } from './mutex.js';

const LOCK = 0;
const COUNTER = 1;
const WORDS = 2;

/** No lock at all: the two atomic operations without which there is none. */
export function pair(effort: Effort): Figures {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const time = timePerOperation(effort, (count) =>
    elapsed(() => {
      for (let k = 0; k < count; k++) {
        if (Atomics.compareExchange(words, LOCK, 0, 1) !== 0) throw new Error('somebody took the lock');
        Atomics.store(words, LOCK, 0);
      }
    }),
  );
  return { time };
}

export function uncontended(effort: Effort): Figures {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const time = timePerOperation(effort, (count) =>
    elapsed(() => {
      for (let k = 0; k < count; k++) {
        lock(words, LOCK);
        unlock(words, LOCK);
      }
    }),
  );
  assert.equal(words[LOCK], 0);
  return { time };
}

export async function contended(effort: Effort, { threads }: { threads: number }): Promise<Figures> {
  const words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  const crew = await Crew.start(threads, import.meta.url, 'add', words.buffer);
  crew.warmUp(effort);
  const time = timePerOperation(effort, (count) => {
    const each = Math.ceil(count / threads);
    words[COUNTER] = 0;
    const took = crew.run(each);
    assert.equal(words[COUNTER], threads * each);
    return took;
  });
  await crew.end();
  return { time };
}

export function add(memory: SharedArrayBuffer, _index: number, count: number): void {
  const words = new Int32Array(memory);
  for (let k = 0; k < count; k++) {
    lock(words, LOCK);
    words[COUNTER]! += 1;
    unlock(words, LOCK);
  }
}
