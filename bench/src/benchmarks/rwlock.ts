import { type Benchmark, PER_OPERATION } from '../harness/benchmark.js';
import { heddle, type ProgramOptions, python, raw } from '../harness/program.js';
import { timesAsFast } from '../harness/target.js';

const cases: readonly (readonly [name: string, title: string, program: string, options: ProgramOptions])[] = [
  ['read', 'read, release', 'uncontended', { write: false }],
  ['write', 'write, release', 'uncontended', { write: true }],
  ['2-readers', 'read, release; 2 threads', 'contended', { threads: 2, writeEvery: 2 ** 30 }],
  ['2-threads', 'one write for 9 reads; 2 threads', 'contended', { threads: 2, writeEvery: 10 }],
];

export const rwlockBenchmarks: readonly Benchmark[] = cases.map(([name, title, program, options]) => ({
  name: `rwlock/${name}`,
  title: `RWLock: ${title}`,
  figures: PER_OPERATION,
  ours: heddle(`rwlock.${program}`, options),
  peers: {
    Atomics: raw(`rwlock.${program}`, options),
    CPython: python(`rwlock.${program}`, options),
  },
  targets: [timesAsFast(3, 'CPython')],
}));
