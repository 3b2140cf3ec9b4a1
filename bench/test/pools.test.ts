/**
 * The programs of the benchmarks of pools work. Those on heddle's have processes of their own: a pool must keep its process
 * alive while something is awaited of it, and let it end afterwards.
 */
import { describe, test } from 'node:test';
import { poolBenchmarks } from '../src/benchmarks/pool.js';
import { runApart } from '../src/harness/run-apart.js';
import { runHere, withFewThreads } from '../src/harness/run-here.js';
import type { Run } from '../src/harness/take-turns.js';
import { works } from './fixtures/works.js';

const run: Run = (ref, effort) =>
  ref.options['peer'] === 'heddle' ? runApart(withFewThreads(ref), effort) : runHere(ref, effort);

describe('the programs of', () => {
  for (const benchmark of poolBenchmarks) test(benchmark.name, () => works(benchmark, run));
});
