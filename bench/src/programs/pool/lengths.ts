/** Tasks that do real work, of lengths that differ: how evenly a pool spreads them. */
import assert from 'node:assert/strict';
import { median } from 'simple-statistics';
import type { Effort, Figures } from '../../harness/effort.js';
import { openPool, type Pool, type PoolOptions, withPool } from './peer.js';
import { collatz } from './tasks.js';

type LengthsName = 'flat' | 'random' | 'heavy-tailed';

/** Tasks in a batch. */
const TASKS = 400;
const FEW_TASKS = 8;
/** What the mean task counts to: some 300 µs. */
const MEAN = 2000;
/** Batches before the first sample: each thread has compiled the task by then. */
const WARM = 3;

/**
 * How many times as long a pool takes for a batch as the same work takes when it is split evenly beforehand: a bare
 * worker for each thread, with one task each.
 */
export async function overIdeal(
  { sample, samples }: Effort,
  { lengths, ...options }: PoolOptions & { lengths: LengthsName },
): Promise<Figures> {
  const counts = countsOf(lengths, sample === 0 ? FEW_TASKS : TASKS);
  const expected = collatz(counts);
  const shares = split(counts, options.threads);
  const even = await openPool({ peer: 'worker', threads: options.threads });
  try {
    return await withPool(options, async (pool) => {
      const timed = async (which: Pool, tasks: readonly (readonly number[])[]): Promise<number> => {
        const start = performance.now();
        const steps = await Promise.all(tasks.map((task) => which.run('collatz', task)));
        const took = performance.now() - start;
        assert.equal(
          (steps as number[]).reduce((sum, one) => sum + one, 0),
          expected,
        );
        return took;
      };
      const tasks = counts.map((count) => [count]);
      const overIdeal: number[] = [];
      for (let batch = -WARM; batch < samples; batch++) {
        // Before and after, since the machine may become slower or faster meanwhile.
        const before = await timed(even, shares);
        const took = await timed(pool, tasks);
        const ideal = median([before, await timed(even, shares)]);
        if (batch >= 0) overIdeal.push(took / ideal);
      }
      return { overIdeal };
    });
  } finally {
    await even.close();
  }
}

/** What the tasks of a batch count to: the same numbers in every process, as in python/programs/pool.py. */
function countsOf(lengths: LengthsName, tasks: number): number[] {
  const next = randomNumbers();
  const weights = Array.from({ length: tasks }, () => {
    if (lengths === 'flat') return 1;
    // Pareto's distribution with the exponent 1.2, cut off at 60 times the least: a few tasks are most of the work.
    return lengths === 'random' ? next() : Math.min((1 - next()) ** (-1 / 1.2), 60);
  });
  const scale = (MEAN * tasks) / weights.reduce((sum, one) => sum + one, 0);
  return weights.map((weight) => Math.ceil(weight * scale));
}

/** Numbers from 0 to 1: the generator of Park and Miller, "Random number generators: good ones are hard to find", 1988. */
function randomNumbers(): () => number {
  let state = 20;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}

/** Spreads tasks over threads, the longest first, each where there is least. */
function split(counts: readonly number[], threads: number): number[][] {
  const shares = Array.from({ length: threads }, () => ({ total: 0, counts: [] as number[] }));
  for (const count of [...counts].sort((a, b) => b - a)) {
    const share = shares.reduce((a, b) => (b.total < a.total ? b : a));
    share.total += count;
    share.counts.push(count);
  }
  return shares.map((share) => share.counts);
}
