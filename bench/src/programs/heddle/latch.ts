import assert from 'node:assert/strict';
import { Latch, spawn } from 'heddle';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';
import { Crew, type Orders, runs } from './crew.js';

export function uncontended(effort: Effort): Figures {
  const time = timePerOperation(effort, (count) => {
    using latch = new Latch(count);
    const took = elapsed(() => {
      for (let k = 0; k < count; k++) latch.countDown();
      latch.wait();
    });
    assert.equal(latch.count, 0);
    return took;
  });
  return { time };
}

/** A latch's greatest count, more than the threads will ever count down. */
const MOST = 2 ** 28 - 1;

/** Threads count down together. */
export function contended(effort: Effort, { threads }: { threads: number }): Figures {
  const latch = new Latch(MOST);
  const crew = new Crew(threads, (orders) => spawn(countDown, orders, latch));
  let left = MOST;
  const time = timePerOperation(effort, (count) => {
    const each = Math.ceil(count / threads);
    const took = crew.run(each);
    assert.equal(latch.count, (left -= threads * each));
    return took;
  });
  crew.end();
  return { time };
}

export function countDown(orders: Orders, latch: Latch): void {
  for (const count of runs(orders)) for (let k = 0; k < count; k++) latch.countDown();
}
