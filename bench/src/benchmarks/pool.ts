/** The pool beside those of npm, bare workers and CPython. */
import { type Benchmark, type FigureKind, PER_OPERATION, PERCENTILES } from '../harness/benchmark.js';
import { pool, type ProgramOptions, type ProgramRef, python } from '../harness/program.js';
import {
  atMostShare,
  atMostTimes,
  atMostTimesIdeal,
  type BestOf,
  type Target,
  timesAsFast,
} from '../harness/target.js';
import { sizesUpTo } from '../programs/pool/batches.js';
import { MANY } from './many.js';
import { MOMENTS } from './thread.js';

/** Threads of every pool. */
const THREADS = 2;
/** Of the usual rounds, since there are many peers and some are slow; and where one round takes longest. */
const PART = 0.4;
const SMALL_PART = 0.3;

/** The pools of npm, as they are by themselves. */
const NPM = ['piscina', 'tinypool', 'workerpool', 'poolifier', 'multithreading'];
/** Two of them can be told to give a thread several tasks before it has finished the first: for short tasks. */
const DEEP = { 'piscina, 64 a thread': 'piscina', 'tinypool, 64 a thread': 'tinypool' };
const PYTHON = ['ThreadPoolExecutor', 'ProcessPoolExecutor', 'multiprocessing'];

const bestOf = (labels: readonly string[]): BestOf => ({ labels, name: 'the best of npm' });
const bestOfNpm = bestOf(NPM);
const bestOfAll = bestOf([...NPM, ...Object.keys(DEEP)]);

type Peers = Readonly<Record<string, ProgramRef>>;

const ours = (path: string, options: ProgramOptions = {}): ProgramRef =>
  pool('heddle', path, { threads: THREADS, ...options });

/** Pools of npm and bare workers. */
function ofNode(path: string, options: ProgramOptions = {}, names: readonly string[] = NPM): Peers {
  const all = { threads: THREADS, ...options };
  return {
    ...Object.fromEntries(names.map((name) => [name, pool(name, path, all)])),
    Worker: pool('worker', path, all),
  };
}

function deep(path: string, options: ProgramOptions): Peers {
  const all = { threads: THREADS, perThread: 64, ...options };
  return Object.fromEntries(Object.entries(DEEP).map(([label, name]) => [label, pool(name, path, all)]));
}

function ofPython(path: string, options: ProgramOptions = {}, kinds: readonly string[] = PYTHON): Peers {
  return Object.fromEntries(
    kinds.map((kind) => [kind, python(path, { kind, threads: THREADS, ...options })]),
  );
}

/** A figure for each size of a batch. */
function perSize(most: number): Readonly<Record<string, FigureKind>> {
  return Object.fromEntries(
    sizesUpTo(most).map((size) => [
      `of${size}`,
      { unit: 'ns', label: `${size.toLocaleString('en')} at a time` } as const,
    ]),
  );
}

/** The same target for every figure. */
function forEach(figures: Readonly<Record<string, FigureKind>>, target: Target): Target[] {
  return Object.keys(figures).map((figure) => ({ ...target, figure }));
}

const MOST = 20_000;
const number = { payload: 'number', most: MOST };
const object = { payload: 'object', most: MOST };
/** 10 MB at a time. */
const rows = { payload: 'rows', most: 1000 };

/** What is promised about the largest batches alone. */
const atMost = (target: Target): Target => ({ ...target, figure: `of${MOST}` });

const calls: readonly Benchmark[] = [
  {
    name: 'pool/one',
    title: 'Pool: one call at a time',
    figures: PERCENTILES,
    part: PART,
    ours: ours('calls.oneAtATime'),
    peers: { ...ofNode('calls.oneAtATime'), ...ofPython('pool.oneAtATime') },
    targets: [timesAsFast(8, bestOfNpm)],
  },
  {
    name: 'pool/numbers',
    title: 'Pool: a number',
    figures: perSize(MOST),
    part: PART,
    ours: ours('calls.inFlight', number),
    peers: {
      ...ofNode('calls.inFlight', number),
      ...deep('calls.inFlight', number),
      ...ofPython('pool.inFlight', number),
    },
    targets: [timesAsFast(10, bestOfAll), timesAsFast(25, 'piscina')].map(atMost),
  },
  {
    name: 'pool/objects',
    title: 'Pool: a 100-byte object',
    figures: perSize(MOST),
    part: PART,
    ours: ours('calls.inFlight', object),
    peers: {
      ...ofNode('calls.inFlight', object),
      ...deep('calls.inFlight', object),
      ...ofPython('pool.inFlight', object, ['ThreadPoolExecutor', 'multiprocessing']),
    },
    targets: [atMost(timesAsFast(5, bestOfAll))],
  },
  {
    name: 'pool/rows',
    title: 'Pool: 10 KB of rows',
    figures: perSize(rows.most),
    part: PART,
    ours: ours('calls.inFlight', rows),
    peers: {
      ...ofNode('calls.inFlight', rows),
      ...deep('calls.inFlight', rows),
      ...ofPython('pool.inFlight', rows, ['ThreadPoolExecutor', 'multiprocessing']),
    },
  },
];

const ITEMS = { items: 100_000 };
/** More than 65,536 calls at the same time are too many for multithreading. */
const NPM_MAP = NPM.filter((name) => name !== 'multithreading');

const map: Benchmark = {
  name: 'pool/map',
  title: 'Pool: map over 100,000 numbers',
  figures: PER_OPERATION,
  part: SMALL_PART,
  ours: ours('calls.map', ITEMS),
  peers: {
    ...ofNode('calls.map', ITEMS, NPM_MAP),
    ...ofPython('pool.map', ITEMS, ['ThreadPoolExecutor', 'multiprocessing']),
  },
  targets: [timesAsFast(10, bestOf(NPM_MAP)), timesAsFast(1, 'multiprocessing')],
};

const MEGABYTE = 2 ** 20;
const MOST_BUFFERS = 100;

const buffers: readonly Benchmark[] = [
  ...(['shared', 'transferred', 'copied'] as const).map((mode): Benchmark => {
    const options = { mode, bytes: MEGABYTE, most: MOST_BUFFERS };
    const { mode: _, ...ofAnyMode } = options;
    return {
      name: `pool/${mode}`,
      title: `Pool: 1 MB, ${mode}`,
      figures: perSize(MOST_BUFFERS),
      part: PART,
      ours: ours('calls.buffers', options),
      peers: {
        ...ofNode('calls.buffers', options),
        ...(mode === 'shared' && ofPython('pool.buffers', ofAnyMode, ['ThreadPoolExecutor'])),
        ...(mode === 'copied' && ofPython('pool.buffers', ofAnyMode, ['multiprocessing'])),
      },
      targets: forEach(perSize(MOST_BUFFERS), atMostTimes(1, bestOfNpm)),
    };
  }),
  {
    name: 'pool/shared-size',
    title: 'Pool: 64 MB, shared',
    figures: perSize(MOST_BUFFERS),
    part: PART,
    ours: ours('calls.buffers', { mode: 'shared', bytes: 64 * MEGABYTE, most: MOST_BUFFERS }),
    peers: { '1 KB': ours('calls.buffers', { mode: 'shared', bytes: 1024, most: MOST_BUFFERS }) },
    targets: forEach(perSize(MOST_BUFFERS), atMostTimes(1.1, '1 KB')),
  },
];

/** poolifier's published benchmark makes so many calls. */
const FACTORIALS = { size: 2000 };
const OVER_IDEAL: Readonly<Record<string, FigureKind>> = { overIdeal: { unit: 'times' } };

const work: readonly Benchmark[] = [
  {
    name: 'pool/factorial',
    title: 'Pool: factorial of 1000, 2,000 at a time',
    figures: PER_OPERATION,
    part: SMALL_PART,
    ours: ours('calls.factorials', FACTORIALS),
    peers: {
      ...ofNode('calls.factorials', FACTORIALS),
      ...deep('calls.factorials', FACTORIALS),
      ...ofPython('pool.factorials', FACTORIALS, ['multiprocessing']),
    },
    targets: [atMostTimes(1, bestOfAll)],
  },
  ...['flat', 'random', 'heavy-tailed'].map((lengths): Benchmark => ({
    name: `pool/${lengths}`,
    title: `Pool: 400 tasks over an even split, ${lengths}`,
    figures: OVER_IDEAL,
    part: SMALL_PART,
    ours: ours('lengths.overIdeal', { lengths }),
    peers: {
      ...ofNode('lengths.overIdeal', { lengths }),
      ...ofPython('pool.overIdeal', { lengths }, ['multiprocessing']),
    },
    targets: [
      atMostTimes(1, bestOfNpm),
      ...(lengths === 'heavy-tailed' ? [atMostTimesIdeal(1.15, 'an even split')] : []),
    ],
  })),
];

/** As many threads as a machine has cores, or many more: they may not take more than 30 % longer. */
const many: readonly Benchmark[] = [
  {
    name: 'pool/64-threads',
    title: `Pool of ${MANY}: a number`,
    figures: perSize(MOST),
    part: SMALL_PART,
    ours: ours('calls.inFlight', { ...number, threads: MANY }),
    peers: { '2 threads': ours('calls.inFlight', number) },
    targets: forEach(perSize(MOST), atMostTimes(1.3, '2 threads')),
  },
  {
    name: 'pool/64-threads-factorial',
    title: `Pool of ${MANY}: factorial of 1000, 2,000 at a time`,
    figures: PER_OPERATION,
    part: SMALL_PART,
    ours: ours('calls.factorials', { ...FACTORIALS, threads: MANY }),
    peers: { '2 threads': ours('calls.factorials', FACTORIALS) },
    targets: [atMostTimes(1.3, '2 threads')],
  },
];

/** A program has only one pool of multithreading. */
const NPM_SEVERAL = NPM.filter((name) => name !== 'multithreading');

const whole: readonly Benchmark[] = [
  {
    name: 'pool/first',
    title: 'Pool: first result of the first pool',
    figures: PER_OPERATION,
    rounds: MOMENTS,
    ours: ours('whole.first'),
    peers: { ...ofNode('whole.first'), ...ofPython('pool.first', {}, ['ThreadPoolExecutor']) },
    targets: [atMostTimes(1, bestOfNpm)],
  },
  {
    name: 'pool/memory',
    title: 'Pool: memory of a further thread',
    figures: { bytes: { unit: 'bytes' } },
    ours: ours('whole.memory', { threads: 8 }),
    peers: ofNode('whole.memory', { threads: 8 }, NPM_SEVERAL),
    targets: [atMostTimes(1, { labels: NPM_SEVERAL, name: 'the leanest of npm' })],
  },
  {
    name: 'pool/idle',
    title: `Pool: idle, with ${THREADS} threads that have worked`,
    figures: { share: { unit: 'share' } },
    part: SMALL_PART,
    ours: ours('whole.idle'),
    peers: { ...ofNode('whole.idle'), ...ofPython('pool.idle', {}, ['ThreadPoolExecutor']) },
    targets: [atMostShare(0.005, 'a core')],
  },
];

export const poolBenchmarks: readonly Benchmark[] = [...calls, map, ...buffers, ...work, ...many, ...whole];
