import { type Benchmark, PER_OPERATION } from '../harness/benchmark.js';
import { heddle, python, raw } from '../harness/program.js';
import { timesAsFast } from '../harness/target.js';

export const conditionBenchmarks: readonly Benchmark[] = [
  {
    name: 'condition/ping-pong',
    title: 'Condition: a turn of 2 threads that take turns',
    figures: PER_OPERATION,
    ours: heddle('condition.turns', { threads: 2 }),
    peers: {
      Atomics: raw('condition.turns', { threads: 2 }),
      CPython: python('condition.turns', { threads: 2 }),
    },
    targets: [timesAsFast(3, 'CPython')],
  },
  {
    name: 'condition/16-threads',
    title: 'Condition: a turn of 16 threads, with notifyAll',
    figures: PER_OPERATION,
    ours: heddle('condition.turns', { threads: 16 }),
    peers: {
      '2 threads': heddle('condition.turns', { threads: 2 }),
      Atomics: raw('condition.turns', { threads: 16 }),
      CPython: python('condition.turns', { threads: 16 }),
    },
    targets: [timesAsFast(3, 'CPython')],
  },
];
