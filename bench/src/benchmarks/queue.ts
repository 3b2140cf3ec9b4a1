import { type Benchmark, PER_OPERATION, PERCENTILES } from '../harness/benchmark.js';
import { heddle, python, raw, worker } from '../harness/program.js';
import { timesAsFast } from '../harness/target.js';
import { MANY, notCollapsed } from './many.js';

/** The bound of bounded queues. */
const BOUND = 64;
/** The ring that stands for a queue without bound. */
const LARGE = 65536;

const number = { payload: 'number' };
const bounded = { payload: 'number', capacity: BOUND };

const numbers: readonly Benchmark[] = [
  {
    name: 'queue/one-thread',
    title: 'Queue: a number, put and get',
    figures: PER_OPERATION,
    ours: heddle('queue.oneThread', number),
    peers: {
      Atomics: raw('queue.oneThread', { capacity: LARGE }),
      ports: worker('queue.oneThread', number),
      CPython: python('queue.oneThread', number),
      SimpleQueue: python('queue.oneThread', { ...number, simple: true }),
    },
    targets: [timesAsFast(8, 'CPython')],
  },
  {
    name: 'queue/2-threads',
    title: 'Queue: a number, thread to thread',
    figures: PER_OPERATION,
    ours: heddle('queue.transfer', number),
    peers: {
      Atomics: raw('queue.transfer', { capacity: LARGE }),
      ports: worker('queue.transfer', number),
      CPython: python('queue.transfer', number),
      SimpleQueue: python('queue.transfer', { ...number, simple: true }),
    },
    targets: [timesAsFast(8, 'CPython')],
  },
  {
    name: 'queue/bounded',
    title: `Queue of ${BOUND}: a number, thread to thread`,
    figures: PER_OPERATION,
    ours: heddle('queue.transfer', bounded),
    peers: {
      Atomics: raw('queue.transfer', { capacity: BOUND }),
      CPython: python('queue.transfer', bounded),
    },
    targets: [timesAsFast(8, 'CPython')],
  },
  {
    name: 'queue/64-threads',
    title: `Queue of ${BOUND}: a number, ${MANY / 2} threads to ${MANY / 2}`,
    figures: PER_OPERATION,
    ours: heddle('queue.transfer', { ...bounded, threads: MANY }),
    peers: {
      '2 threads': heddle('queue.transfer', bounded),
      CPython: python('queue.transfer', { ...bounded, threads: MANY }),
    },
    targets: [notCollapsed],
  },
  {
    name: 'queue/round-trip',
    title: 'Queue: round trip of a number',
    figures: PERCENTILES,
    ours: heddle('queue.roundTrip'),
    peers: {
      Atomics: raw('queue.roundTrip'),
      ports: worker('queue.roundTrip'),
      CPython: python('queue.roundTrip'),
    },
  },
];

const kinds = [
  { payload: 'object', title: 'a 100-byte object', targets: [timesAsFast(3, 'CPython')] },
  { payload: 'rows', title: '10 KB of rows' },
  { payload: 'buffer', title: '1 MB, copied' },
  { payload: 'shared', title: '1 MB, shared' },
];

const payloads = kinds.flatMap(({ payload, title, targets }): Benchmark[] => {
  const shape = { figures: PER_OPERATION, ...(targets && { targets }) };
  const options = { payload };
  return [
    {
      ...shape,
      name: `queue/${payload}-one-thread`,
      title: `Queue: ${title}, put and get`,
      ours: heddle('queue.oneThread', options),
      peers: { ports: worker('queue.oneThread', options), CPython: python('queue.oneThread', options) },
    },
    {
      ...shape,
      name: `queue/${payload}-2-threads`,
      title: `Queue of ${BOUND}: ${title}, thread to thread`,
      ours: heddle('queue.transfer', { ...options, capacity: BOUND }),
      peers: {
        ports: worker('queue.transfer', options),
        CPython: python('queue.transfer', { ...options, capacity: BOUND }),
      },
    },
  ];
});

export const queueBenchmarks: readonly Benchmark[] = [...numbers, ...payloads];
