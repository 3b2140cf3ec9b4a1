/** What a program as a whole pays and gains: speed-up, import, idle, memory. */
import { availableParallelism } from 'node:os';
import { type Benchmark, type FigureKind, PER_OPERATION } from '../harness/benchmark.js';
import { heddle, node, python, raw, worker } from '../harness/program.js';
import { addsAtMostMs, atLeastTimes, atMostShare } from '../harness/target.js';
import { MOMENTS } from './thread.js';

const cores = availableParallelism();
const onCores = { threads: cores };
const SHARE: Readonly<Record<string, FigureKind>> = { share: { unit: 'share' } };

export const processBenchmarks: readonly Benchmark[] = [
  {
    name: 'speed-up',
    title: `CPU-bound work on ${cores} threads against one`,
    figures: { speedUp: { unit: 'times', moreIsBetter: true } },
    ours: heddle('speed-up.cores', onCores),
    peers: { Atomics: raw('speed-up.cores', onCores), CPython: python('speed_up.cores', onCores) },
    targets: [atLeastTimes(0.95 * cores)],
  },
  {
    name: 'import',
    title: 'Import of the library',
    figures: PER_OPERATION,
    rounds: MOMENTS,
    ours: heddle('load.load'),
    peers: { 'an empty module': node('load.load'), CPython: python('load.load') },
    targets: [addsAtMostMs(5, 'an empty module')],
  },
  {
    name: 'idle/warm',
    title: `Idle: ${cores} warm workers`,
    figures: SHARE,
    ours: heddle('idle.warm', onCores),
    peers: { Worker: worker('idle.warm', onCores), CPython: python('idle.warm', onCores) },
    targets: [atMostShare(0.005, 'a core')],
  },
  {
    name: 'idle/blocked',
    title: `Idle: ${cores} threads blocked in get`,
    figures: SHARE,
    ours: heddle('idle.blocked', onCores),
    peers: { Worker: worker('idle.warm', onCores), CPython: python('idle.warm', onCores) },
    targets: [atMostShare(0.005, 'a core')],
  },
  {
    name: 'memory/thread',
    title: 'Memory of a further thread',
    figures: { bytes: { unit: 'bytes' } },
    ours: heddle('memory.perThread', { threads: 8 }),
    peers: {
      Worker: worker('memory.perThread', { threads: 8 }),
      CPython: python('memory.perThread', { threads: 8 }),
    },
  },
];
