import assert from 'node:assert/strict';
import { RWLock, sharedArray, spawn } from 'heddle';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';
import { Crew, type Orders, runs } from './crew.js';

export function uncontended(effort: Effort, { write }: { write: boolean }): Figures {
  const lock = new RWLock();
  const time = timePerOperation(effort, (count) =>
    elapsed(() => {
      if (write) for (let k = 0; k < count; k++) lock.write().release();
      else for (let k = 0; k < count; k++) lock.read().release();
    }),
  );
  assert.equal(lock.readers, 0);
  assert.equal(lock.writing, false);
  return { time };
}

interface Options {
  readonly threads: number;
  /** One operation in so many writes, the others read. */
  readonly writeEvery: number;
}

/** Threads read two numbers that a writer changes together. */
export function contended(effort: Effort, { threads, writeEvery }: Options): Figures {
  const lock = new RWLock();
  const pair = sharedArray('i32', 2);
  const crew = new Crew(threads, (orders) => spawn(readAndWrite, orders, lock, pair, writeEvery));
  const time = timePerOperation(effort, (count) => {
    const each = Math.ceil(count / threads);
    pair.fill(0);
    const took = crew.run(each);
    assert.equal(pair[0], threads * Math.floor(each / writeEvery));
    return took;
  });
  crew.end();
  return { time };
}

export function readAndWrite(orders: Orders, lock: RWLock, pair: Int32Array, writeEvery: number): void {
  for (const count of runs(orders)) {
    let torn = 0;
    for (let k = 1; k <= count; k++) {
      if (k % writeEvery === 0) {
        const guard = lock.write();
        pair[0]! += 1;
        pair[1]! += 1;
        guard.release();
      } else {
        const guard = lock.read();
        if (pair[0] !== pair[1]) torn += 1;
        guard.release();
      }
    }
    assert.equal(torn, 0);
  }
}
