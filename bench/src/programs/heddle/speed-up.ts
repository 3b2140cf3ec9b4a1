import assert from 'node:assert/strict';
import { Atomic, spawn } from 'heddle';
import type { Effort, Figures } from '../../harness/effort.js';
import { collatzSteps, speedUp } from '../compute.js';
import { Crew, type Orders, runs } from './crew.js';

export function cores(effort: Effort, { threads }: { threads: number }): Figures {
  const total = new Atomic('f64');
  const alone = new Crew(1, (orders) => spawn(work, orders, total));
  const crew = new Crew(threads, (orders) => spawn(work, orders, total));
  const timed = (which: Crew, members: number) => (count: number) => {
    total.store(0);
    const took = which.run(count);
    assert.equal(total.load(), members * collatzSteps(count));
    return took;
  };
  const figures = speedUp(effort, threads, timed(alone, 1), timed(crew, threads));
  alone.end();
  crew.end();
  return figures;
}

export function work(orders: Orders, total: Atomic<'f64'>): void {
  for (const count of runs(orders)) total.add(collatzSteps(count));
}
