import assert from 'node:assert/strict';
import { Barrier, sharedArray, spawn } from 'heddle';
import { type Effort, type Figures, timePerOperation } from '../../harness/effort.js';
import { Crew, type Orders, runs } from './crew.js';

/** An operation is a round of all threads. */
export function rounds(effort: Effort, { threads }: { threads: number }): Figures {
  const barrier = new Barrier(threads);
  const led = sharedArray('i32', 1);
  const crew = new Crew(threads, (orders) => spawn(meet, orders, barrier, led));
  crew.warmUp(effort);
  const time = timePerOperation(effort, (count) => {
    led[0] = 0;
    const took = crew.run(count);
    assert.equal(led[0], count);
    return took;
  });
  crew.end();
  return { time };
}

export function meet(orders: Orders, barrier: Barrier, led: Int32Array): void {
  for (const count of runs(orders)) {
    // Every round has one party whose index is 0.
    let leading = 0;
    for (let k = 0; k < count; k++) if (barrier.wait() === 0) leading += 1;
    Atomics.add(led, 0, leading);
  }
}
