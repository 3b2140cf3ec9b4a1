import { type Benchmark, PER_OPERATION } from '../harness/benchmark.js';
import { heddle, python, worker } from '../harness/program.js';
import { atMostMs, atMostTimes } from '../harness/target.js';

/** Rounds of a benchmark whose processes measure one moment each. */
export const MOMENTS = 15;

export const threadBenchmarks: readonly Benchmark[] = [
  {
    name: 'thread/warm',
    title: 'Thread: start, join; a worker is warm',
    figures: PER_OPERATION,
    ours: heddle('thread.warm'),
    peers: { Worker: worker('thread.again'), CPython: python('thread.warm') },
    targets: [atMostMs(0.2)],
  },
  {
    name: 'thread/cold',
    title: 'Thread: start until it runs; no worker is warm',
    figures: PER_OPERATION,
    ours: heddle('thread.cold'),
    peers: { Worker: worker('thread.cold'), CPython: python('thread.cold') },
    targets: [atMostTimes(1.3, 'Worker')],
  },
  {
    name: 'thread/first',
    title: 'Thread: start, join; the first of the program',
    figures: PER_OPERATION,
    rounds: MOMENTS,
    ours: heddle('thread.first'),
    peers: { Worker: worker('thread.first'), CPython: python('thread.first') },
    targets: [atMostTimes(1.3, 'Worker')],
  },
];
