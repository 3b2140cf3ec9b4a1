import assert from 'node:assert/strict';
import { Lock, RLock, sharedArray, spawn } from 'heddle';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';
import { Crew, type Orders, runs } from './crew.js';

interface Options {
  /** An RLock in the place of a Lock. */
  readonly recursive?: boolean;
}

export function uncontended(effort: Effort, options: Options): Figures {
  const lock = makeLock(options);
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

/** Taken once more by the thread that has it. */
export function nested(effort: Effort): Figures {
  const lock = new RLock();
  lock.acquire();
  const time = timePerOperation(effort, (count) =>
    elapsed(() => {
      for (let k = 0; k < count; k++) {
        lock.acquire();
        lock.release();
      }
    }),
  );
  assert.equal(lock.depth, 1);
  lock.release();
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
export function contended(effort: Effort, { threads, ...options }: Options & { threads: number }): Figures {
  const lock = makeLock(options);
  const counter = sharedArray('i32', 1);
  const crew = new Crew(threads, (orders) => spawn(add, orders, lock, counter));
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

export function add(orders: Orders, lock: Lock | RLock, counter: Int32Array): void {
  for (const count of runs(orders)) {
    for (let k = 0; k < count; k++) {
      lock.acquire();
      counter[0]! += 1;
      lock.release();
    }
  }
}

function makeLock({ recursive = false }: Options): Lock | RLock {
  return recursive ? new RLock() : new Lock();
}
