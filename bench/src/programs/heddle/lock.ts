import assert from 'node:assert/strict';
import { Lock, sharedArray, spawn } from 'heddle';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';
import { Crew, type Orders, runs } from './crew.js';

export function uncontended(effort: Effort): Figures {
  const lock = new Lock();
  const time = timePerOperation(effort, (count) =>
    elapsed(() => {
      for (let k = 0; k < count; k++) {
        lock.acquire();
        lock.release();
      }
    }),
  );
  assert.equal(lock.locked, false);
  return { time };
}

/** What `using` does, without the helper of a compiler for older engines. */
export function guarded(effort: Effort): Figures {
  const lock = new Lock();
  const time = timePerOperation(effort, (count) =>
    elapsed(() => {
      for (let k = 0; k < count; k++) {
        const guard = lock.acquire();
        try {
          // The critical section.
        } finally {
          guard.release();
        }
      }
    }),
  );
  assert.equal(lock.locked, false);
  return { time };
}

/** Threads share a lock and a counter that it guards. */
export function contended(effort: Effort, { threads }: { threads: number }): Figures {
  const lock = new Lock();
  const counter = sharedArray('i32', 1);
  const crew = new Crew(threads, (orders) => spawn(add, orders, lock, counter));
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

export function add(orders: Orders, lock: Lock, counter: Int32Array): void {
  for (const count of runs(orders)) {
    for (let k = 0; k < count; k++) {
      lock.acquire();
      counter[0]! += 1;
      lock.release();
    }
  }
}
