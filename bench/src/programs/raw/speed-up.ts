import assert from 'node:assert/strict';
import type { Effort, Figures } from '../../harness/effort.js';
import { collatzSteps, speedUp } from '../compute.js';
import { Crew } from './crew.js';

export async function cores(effort: Effort, { threads }: { threads: number }): Promise<Figures> {
  const memory = new SharedArrayBuffer(8);
  const total = new BigInt64Array(memory);
  const alone = await Crew.start(1, import.meta.url, 'work', memory);
  const crew = await Crew.start(threads, import.meta.url, 'work', memory);
  const timed = (which: Crew, members: number) => (count: number) => {
    total[0] = 0n;
    const took = which.run(count);
    assert.equal(Number(total[0]), members * collatzSteps(count));
    return took;
  };
  const figures = speedUp(effort, threads, timed(alone, 1), timed(crew, threads));
  await Promise.all([alone.end(), crew.end()]);
  return figures;
}

export function work(memory: SharedArrayBuffer, _index: number, count: number): void {
  Atomics.add(new BigInt64Array(memory), 0, BigInt(collatzSteps(count)));
}
