import assert from 'node:assert/strict';
import { BoundedSemaphore, Semaphore, sharedArray, spawn } from 'heddle';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';
import { Crew, type Orders, runs } from './crew.js';

export function uncontended(effort: Effort, { bounded = false }: { bounded?: boolean }): Figures {
  const semaphore = bounded ? new BoundedSemaphore(1) : new Semaphore(1);
  const time = timePerOperation(effort, (count) =>
    elapsed(() => {
      for (let k = 0; k < count; k++) {
        semaphore.acquire();
        semaphore.release();
      }
    }),
  );
  assert.equal(semaphore.value, 1);
  return { time };
}

/** Threads share one permit and a counter that it guards. */
export function contended(effort: Effort, { threads }: { threads: number }): Figures {
  const semaphore = new Semaphore(1);
  const counter = sharedArray('i32', 1);
  const crew = new Crew(threads, (orders) => spawn(add, orders, semaphore, counter));
  crew.warmUp(effort);
  const time = timePerOperation(effort, (count) => {
    const each = Math.ceil(count / threads);
    counter[0] = 0;
    const took = crew.run(each);
    assert.equal(counter[0], threads * each);
    return took;
  });
  crew.end();
  return { time };
}

export function add(orders: Orders, semaphore: Semaphore, counter: Int32Array): void {
  for (const count of runs(orders)) {
    for (let k = 0; k < count; k++) {
      semaphore.acquire();
      counter[0]! += 1;
      semaphore.release();
    }
  }
}
