/** Queues in another order and shared structures. */
import { type Benchmark, PER_OPERATION } from '../harness/benchmark.js';
import { heddle, type ProgramOptions, type ProgramRef, python, raw } from '../harness/program.js';
import { timesAsFast } from '../harness/target.js';

interface Case {
  readonly name: string;
  readonly title: string;
  readonly program: string;
  readonly options?: ProgramOptions;
  readonly Atomics?: ProgramRef;
}

const two = { threads: 2 };

const cases: readonly Case[] = [
  { name: 'lifo-queue', title: 'LifoQueue: put, get', program: 'order.lifo' },
  {
    name: 'priority-queue',
    title: 'PriorityQueue: put, get, 100 items in it',
    program: 'order.priority',
  },
  { name: 'select', title: 'select: of two queues, after a put', program: 'order.select' },
  { name: 'shared-map/get', title: 'SharedMap: get', program: 'shared.mapGet' },
  {
    name: 'shared-map/2-threads',
    title: 'SharedMap: update; 2 threads',
    program: 'shared.mapUpdate',
    options: two,
  },
  { name: 'shared-list', title: 'SharedList: push, pop', program: 'shared.list' },
  {
    name: 'shared-value/2-threads',
    title: 'SharedValue: update; 2 threads',
    program: 'shared.value',
    options: two,
    Atomics: raw('lock.contended', two),
  },
  {
    name: 'guarded/2-threads',
    title: 'Guarded: with; 2 threads',
    program: 'shared.guarded',
    options: two,
    Atomics: raw('lock.contended', two),
  },
  {
    name: 'struct/fields',
    title: 'struct: read and write two fields',
    program: 'shared.fields',
    Atomics: raw('shared.fields'),
  },
];

export const sharedBenchmarks: readonly Benchmark[] = cases.map(
  ({ name, title, program, options, Atomics }) => ({
    name,
    title,
    figures: PER_OPERATION,
    ours: heddle(program, options),
    peers: { ...(Atomics && { Atomics }), CPython: python(program, options) },
    targets: [timesAsFast(3, 'CPython')],
  }),
);
