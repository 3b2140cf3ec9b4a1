import assert from 'node:assert/strict';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';
import { Crew } from './crew.js';
import { acquire, release } from './permits.js';

const PERMITS = 0;
const COUNTER = 2;
const WORDS = 3;

export function uncontended(effort: Effort): Figures {
  const words = semaphore();
  const time = timePerOperation(effort, (count) =>
    elapsed(() => {
      for (let k = 0; k < count; k++) {
        acquire(words, PERMITS);
        release(words, PERMITS);
      }
    }),
  );
  assert.equal(words[PERMITS], 1);
  return { time };
}

export async function contended(effort: Effort, { threads }: { threads: number }): Promise<Figures> {
  const words = semaphore();
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
    acquire(words, PERMITS);
    words[COUNTER]! += 1;
    release(words, PERMITS);
  }
}

/** With one permit. */
function semaphore(): Int32Array<SharedArrayBuffer> {
  const words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  words[PERMITS] = 1;
  return words;
}
