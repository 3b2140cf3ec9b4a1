import assert from 'node:assert/strict';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';
import { Crew } from './crew.js';
import { RecursiveLock } from './recursive.js';

/** Behind the lock's words. */
const COUNTER = 2;
const WORDS = 3;

/** @param nested whether the thread has it already */
export function uncontended(effort: Effort, { nested = false }: { nested?: boolean }): Figures {
  const words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  const lock = new RecursiveLock(words, 1);
  if (nested) lock.acquire();
  const time = timePerOperation(effort, (count) =>
    elapsed(() => {
      for (let k = 0; k < count; k++) {
        lock.acquire();
        lock.release();
      }
    }),
  );
  if (nested) lock.release();
  assert.equal(words[0], 0);
  return { time };
}

export async function contended(effort: Effort, { threads }: { threads: number }): Promise<Figures> {
  const words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  const crew = await Crew.start(threads, import.meta.url, 'add', words.buffer);
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

export function add(memory: SharedArrayBuffer, index: number, count: number): void {
  const words = new Int32Array(memory);
  const lock = new RecursiveLock(words, index + 1);
  for (let k = 0; k < count; k++) {
    lock.acquire();
    words[COUNTER]! += 1;
    lock.release();
  }
}
