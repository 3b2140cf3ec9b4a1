/** All benchmarks, in the order of the table. */
import type { Benchmark } from '../harness/benchmark.js';
import { conditionBenchmarks } from './condition.js';
import { lockBenchmarks } from './lock.js';
import { queueBenchmarks } from './queue.js';
import { semaphoreBenchmarks } from './semaphore.js';
import { threadBenchmarks } from './thread.js';

export const benchmarks: readonly Benchmark[] = [
  ...lockBenchmarks,
  ...semaphoreBenchmarks,
  ...conditionBenchmarks,
  ...queueBenchmarks,
  ...threadBenchmarks,
];
