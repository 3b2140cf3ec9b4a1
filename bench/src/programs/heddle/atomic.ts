import assert from 'node:assert/strict';
import { Atomic, spawn } from 'heddle';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';
import { Crew, type Orders, runs } from './crew.js';

export function uncontended(effort: Effort): Figures {
  const atomic = new Atomic('i32');
  const time = timePerOperation(effort, (count) => {
    atomic.store(0);
    const took = elapsed(() => {
      for (let k = 0; k < count; k++) atomic.add(1);
    });
    assert.equal(atomic.load(), count);
    return took;
  });
  return { time };
}

export function contended(effort: Effort, { threads }: { threads: number }): Figures {
  const atomic = new Atomic('i32');
  const crew = new Crew(threads, (orders) => spawn(add, orders, atomic));
  const time = timePerOperation(effort, (count) => {
    const each = Math.ceil(count / threads);
    atomic.store(0);
    const took = crew.run(each);
    assert.equal(atomic.load(), threads * each);
    return took;
  });
  crew.end();
  return { time };
}

export function add(orders: Orders, atomic: Atomic<'i32'>): void {
  for (const count of runs(orders)) for (let k = 0; k < count; k++) atomic.add(1);
}
