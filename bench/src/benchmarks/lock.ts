import { type Benchmark, PER_OPERATION } from '../harness/benchmark.js';
import { heddle, python, raw } from '../harness/program.js';
import { atMostTimes, timesAsFast } from '../harness/target.js';
import { MANY, notCollapsed } from './many.js';

const two = { threads: 2 };
const many = { threads: MANY };
const recursive = { recursive: true };

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
    title: 'Lock: acquire, release by the guard',
    figures: PER_OPERATION,
    ours: heddle('lock.guarded'),
    peers: { Atomics: raw('lock.uncontended'), CPython: python('lock.guarded') },
  },
  {
    name: 'lock/2-threads',
    title: 'Lock: acquire, count, release; 2 threads',
    figures: PER_OPERATION,
    ours: heddle('lock.contended', two),
    peers: { Atomics: raw('lock.contended', two), CPython: python('lock.contended', two) },
    targets: [timesAsFast(0.6, 'Atomics'), timesAsFast(2, 'CPython')],
  },
  {
    name: 'lock/64-threads',
    title: `Lock: acquire, count, release; ${MANY} threads`,
    figures: PER_OPERATION,
    ours: heddle('lock.contended', many),
    peers: {
      '2 threads': heddle('lock.contended', two),
      Atomics: raw('lock.contended', many),
      CPython: python('lock.contended', many),
    },
    targets: [notCollapsed],
  },
  {
    name: 'rlock/uncontended',
    title: 'RLock: acquire, release',
    figures: PER_OPERATION,
    ours: heddle('lock.uncontended', recursive),
    peers: { Atomics: raw('rlock.uncontended'), CPython: python('lock.uncontended', recursive) },
    targets: [timesAsFast(3, 'CPython')],
  },
  {
    name: 'rlock/nested',
    title: 'RLock: acquire, release, by its owner',
    figures: PER_OPERATION,
    ours: heddle('lock.nested'),
    peers: { Atomics: raw('rlock.uncontended', { nested: true }), CPython: python('lock.nested') },
    targets: [timesAsFast(3, 'CPython')],
  },
  {
    name: 'rlock/2-threads',
    title: 'RLock: acquire, count, release; 2 threads',
    figures: PER_OPERATION,
    ours: heddle('lock.contended', { ...two, ...recursive }),
    peers: {
      Atomics: raw('rlock.contended', two),
      CPython: python('lock.contended', { ...two, ...recursive }),
    },
    targets: [timesAsFast(3, 'CPython')],
  },
];
