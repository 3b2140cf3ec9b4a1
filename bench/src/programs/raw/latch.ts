import assert from 'node:assert/strict';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';
import { Crew } from './crew.js';

export function uncontended(effort: Effort): Figures {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const time = timePerOperation(effort, (count) => {
    words[0] = count;
    const took = elapsed(() => {
      for (let k = 0; k < count; k++) countOne(words);
      for (let left; (left = Atomics.load(words, 0)) > 0;) Atomics.wait(words, 0, left);
    });
    assert.equal(words[0], 0);
    return took;
  });
  return { time };
}

export async function contended(effort: Effort, { threads }: { threads: number }): Promise<Figures> {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const crew = await Crew.start(threads, import.meta.url, 'countDown', words.buffer);
  const time = timePerOperation(effort, (count) => {
    const each = Math.ceil(count / threads);
    words[0] = threads * each + 1;
    const took = crew.run(each);
    assert.equal(words[0], 1);
    return took;
  });
  await crew.end();
  return { time };
}

export function countDown(memory: SharedArrayBuffer, _index: number, count: number): void {
  const words = new Int32Array(memory);
  for (let k = 0; k < count; k++) countOne(words);
}

function countOne(words: Int32Array): void {
  if (Atomics.sub(words, 0, 1) === 1) Atomics.notify(words, 0);
}
