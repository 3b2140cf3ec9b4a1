/** All benchmarks, in the order of the table. */
import type { Benchmark } from '../harness/benchmark.js';
import { conditionBenchmarks } from './condition.js';
import { lockBenchmarks } from './lock.js';
import { poolBenchmarks } from './pool.js';
import { processBenchmarks } from './process.js';
import { queueBenchmarks } from './queue.js';
import { rwlockBenchmarks } from './rwlock.js';
import { semaphoreBenchmarks } from './semaphore.js';
import { sharedBenchmarks } from './shared.js';
import { signalBenchmarks } from './signal.js';
import { threadBenchmarks } from './thread.js';

export const benchmarks: readonly Benchmark[] = [
  ...lockBenchmarks,
  ...rwlockBenchmarks,
  ...semaphoreBenchmarks,
  ...conditionBenchmarks,
  ...signalBenchmarks,
  ...queueBenchmarks,
  ...sharedBenchmarks,
  ...threadBenchmarks,
  ...poolBenchmarks,
  ...processBenchmarks,
];
