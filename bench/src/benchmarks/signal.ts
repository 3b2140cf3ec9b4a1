/** Primitives by which threads tell each other something: Event, Barrier, Latch, Once, Atomic. */
import { type Benchmark, PER_OPERATION } from '../harness/benchmark.js';
import { heddle, type ProgramOptions, python, raw } from '../harness/program.js';
import { timesAsFast } from '../harness/target.js';

const two = { threads: 2 };

const cases: readonly (readonly [name: string, title: string, program: string, options?: ProgramOptions])[] =
  [
    ['event/one-thread', 'Event: set, wait, clear', 'event.oneThread'],
    ['event/ping-pong', 'Event: a turn of 2 threads that take turns', 'event.pingPong'],
    ['barrier/2-threads', 'Barrier: a round of 2 threads', 'barrier.rounds', two],
    ['barrier/16-threads', 'Barrier: a round of 16 threads', 'barrier.rounds', { threads: 16 }],
    ['latch/uncontended', 'Latch: count down', 'latch.uncontended'],
    ['latch/2-threads', 'Latch: count down; 2 threads', 'latch.contended', two],
    ['once/done', 'Once: run, after it has run', 'once.done'],
    ['atomic/uncontended', 'Atomic: add', 'atomic.uncontended'],
    ['atomic/2-threads', 'Atomic: add; 2 threads', 'atomic.contended', two],
  ];

export const signalBenchmarks: readonly Benchmark[] = cases.map(([name, title, program, options]) => ({
  name,
  title,
  figures: PER_OPERATION,
  ours: heddle(program, options),
  peers: { Atomics: raw(program, options), CPython: python(program, options) },
  targets: [timesAsFast(3, 'CPython')],
}));
