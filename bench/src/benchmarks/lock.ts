import { type Benchmark, PER_OPERATION } from '../harness/benchmark.js';
import { heddle, python, raw } from '../harness/program.js';
import { atMostTimes, timesAsFast } from '../harness/target.js';

/** Many more threads than cores. */
const MANY = 64;

export const lockBenchmarks: readonly Benchmark[] = [
  {
    name: 'lock/uncontended',
    title: 'Lock: acquire, release',
    figures: PER_OPERATION,
    ours: heddle('lock.uncontended'),
    peers: {
      'swap + store': raw('lock.pair'),
      Atomics: raw('lock.uncontended'),
      CPython: python('lock.uncontended'),
    },
    targets: [atMostTimes(1.25, 'swap + store')],
  },
  {
    name: 'lock/guard',
    title: 'Lock: acquire, release by the guard in finally',
    figures: PER_OPERATION,
    ours: heddle('lock.guarded'),
    peers: { Atomics: raw('lock.uncontended'), CPython: python('lock.guarded') },
  },
  {
    name: 'lock/2-threads',
    title: 'Lock: acquire, count, release; 2 threads',
    figures: PER_OPERATION,
    ours: heddle('lock.contended', { threads: 2 }),
    peers: {
      Atomics: raw('lock.contended', { threads: 2 }),
      CPython: python('lock.contended', { threads: 2 }),
    },
    targets: [timesAsFast(0.6, 'Atomics'), timesAsFast(2, 'CPython')],
  },
  {
    name: 'lock/64-threads',
    title: 'Lock: acquire, count, release; 64 threads',
    figures: PER_OPERATION,
    ours: heddle('lock.contended', { threads: MANY }),
    peers: {
      '2 threads': heddle('lock.contended', { threads: 2 }),
      Atomics: raw('lock.contended', { threads: MANY }),
      CPython: python('lock.contended', { threads: MANY }),
    },
  },
];
