import { type Benchmark, PER_OPERATION } from '../harness/benchmark.js';
import { heddle, python, raw } from '../harness/program.js';
import { timesAsFast } from '../harness/target.js';
import { MANY, notCollapsed } from './many.js';

const contended = (threads: number) => ({
  ours: heddle('semaphore.contended', { threads }),
  peers: {
    Atomics: raw('semaphore.contended', { threads }),
    CPython: python('semaphore.contended', { threads }),
  },
});
const twoThreads = contended(2);
const manyThreads = contended(MANY);

export const semaphoreBenchmarks: readonly Benchmark[] = [
  {
    name: 'semaphore/uncontended',
    title: 'Semaphore: acquire, release',
    figures: PER_OPERATION,
    ours: heddle('semaphore.uncontended'),
    peers: { Atomics: raw('semaphore.uncontended'), CPython: python('semaphore.uncontended') },
    targets: [timesAsFast(3, 'CPython')],
  },
  {
    name: 'semaphore/2-threads',
    title: 'Semaphore: acquire, count, release; 2 threads',
    figures: PER_OPERATION,
    ...twoThreads,
    targets: [timesAsFast(3, 'CPython')],
  },
  {
    name: 'semaphore/64-threads',
    title: `Semaphore: acquire, count, release; ${MANY} threads`,
    figures: PER_OPERATION,
    ...manyThreads,
    peers: { '2 threads': twoThreads.ours, ...manyThreads.peers },
    targets: [notCollapsed, timesAsFast(3, 'CPython')],
  },
  {
    name: 'bounded-semaphore/uncontended',
    title: 'BoundedSemaphore: acquire, release',
    figures: PER_OPERATION,
    ours: heddle('semaphore.uncontended', { bounded: true }),
    peers: {
      Atomics: raw('semaphore.uncontended'),
      CPython: python('semaphore.uncontended', { bounded: true }),
    },
    targets: [timesAsFast(3, 'CPython')],
  },
];
