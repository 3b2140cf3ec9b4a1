import assert from 'node:assert/strict';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';
import { Crew } from './crew.js';

export function uncontended(effort: Effort): Figures {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const time = timePerOperation(effort, (count) => {
    words[0] = 0;
    const took = elapsed(() => {
      for (let k = 0; k < count; k++) Atomics.add(words, 0, 1);
    });
    assert.equal(words[0], count);
    return took;
  });
  return { time };
}

export async function contended(effort: Effort, { threads }: { threads: number }): Promise<Figures> {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const crew = await Crew.start(threads, import.meta.url, 'add', words.buffer);
  const time = timePerOperation(effort, (count) => {
    const each = Math.ceil(count / threads);
    words[0] = 0;
    const took = crew.run(each);
    assert.equal(words[0], threads * each);
    return took;
  });
  await crew.end();
  return { time };
}

export function add(memory: SharedArrayBuffer, _index: number, count: number): void {
  const words = new Int32Array(memory);
  for (let k = 0; k < count; k++) Atomics.add(words, 0, 1);
}
