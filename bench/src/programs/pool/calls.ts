/** Calls, one at a time, in batches, and by map. */
import assert from 'node:assert/strict';
import type { Effort, Figures } from '../../harness/effort.js';
import { type PayloadName, payload, weigh } from '../payloads.js';
import { percentilesAsync } from '../percentiles.js';
import { timePerBatch, timePerSize } from './batches.js';
import { type Pool, type PoolOptions, withPool } from './peer.js';
import { factorial, type FactorialAnswer, type FactorialRequest } from './tasks.js';

/** Calls that one sample is of: fewer than usual, since some peers take long for each. */
const TRIPS = 2000;

/** A call with a number is awaited before the next. */
export function oneAtATime(effort: Effort, options: PoolOptions): Promise<Figures> {
  return withPool(options, (pool) =>
    percentilesAsync(
      effort,
      async (k) => {
        assert.equal(await pool.run('echo', k), k);
      },
      TRIPS,
    ),
  );
}

/** What goes on at the same time. */
interface BatchOptions extends PoolOptions {
  /** Calls that are made before the first is awaited, in the largest batches. */
  readonly most: number;
}

/** Calls at the same time, with something that comes back. */
export function inFlight(
  effort: Effort,
  { payload: name, most, ...options }: BatchOptions & { payload: PayloadName },
): Promise<Figures> {
  const item = payload(name);
  const weight = weigh(item);
  return withPool(options, (pool) =>
    timePerSize(effort, options.threads, most, async (count) => {
      const calls: PromiseLike<unknown>[] = [];
      for (let k = 0; k < count; k++) calls.push(pool.run('echo', item));
      let weights = 0;
      for (const back of await Promise.all(calls)) weights += weigh(back);
      assert.equal(weights, count * weight);
    }),
  );
}

interface BufferOptions extends BatchOptions {
  readonly bytes: number;
  readonly mode: 'shared' | 'transferred' | 'copied';
}

/** Calls with a buffer whose last byte is looked at. One that is to be transferred is made for each call. */
export function buffers(effort: Effort, { bytes, mode, most, ...options }: BufferOptions): Promise<Figures> {
  return withPool(options, (pool) => {
    const call = mode === 'transferred' ? () => transfer(pool, bytes) : passing(pool, bytes, mode);
    return timePerSize(effort, options.threads, most, async (count) => {
      const found = await Promise.all(Array.from({ length: count }, call));
      assert.ok(found.every((byte) => byte === 7));
    });
  });
}

/** A call with a buffer of its own, which goes to the thread. */
function transfer(pool: Pool, length: number): PromiseLike<unknown> {
  const bytes = new Uint8Array(length);
  bytes[length - 1] = 7;
  return pool.runTransferring('lastByte', { bytes });
}

/** Calls that are all given one buffer. */
function passing(pool: Pool, length: number, mode: 'shared' | 'copied'): () => PromiseLike<unknown> {
  const bytes =
    mode === 'copied'
      ? new Uint8Array(length)
      : (pool.share?.(length) ?? new Uint8Array(new SharedArrayBuffer(length)));
  bytes.fill(7);
  return () => pool.run('lastByte', { bytes });
}

/** One call of map, with as many numbers; where a peer has no such thing, as many calls. */
export function map(
  effort: Effort,
  { items, ...options }: PoolOptions & { items: number },
): Promise<Figures> {
  return withPool(options, async (pool) => {
    const time = await timePerBatch(effort, options.threads, items, async (count) => {
      const numbers = Array.from({ length: count }, (_, k) => k);
      const back = await (pool.map?.('echo', numbers) ??
        Promise.all(numbers.map((k) => pool.run('echo', k))));
      assert.equal(back.length, count);
      assert.ok(back.every((number, k) => number === k));
    });
    return { time };
  });
}

/** poolifier's published benchmark: the factorial of 1000, so many times at the same time. */
export function factorials(
  effort: Effort,
  { size, ...options }: PoolOptions & { size: number },
): Promise<Figures> {
  const request: FactorialRequest = { test: 'MYBENCH', taskType: 'CPU_INTENSIVE', taskSize: 1000 };
  const expected = factorial(request);
  return withPool(options, async (pool) => {
    const time = await timePerBatch(effort, options.threads, size, async (count) => {
      const calls: PromiseLike<unknown>[] = [];
      for (let k = 0; k < count; k++) calls.push(pool.run('factorial', request));
      const answers = (await Promise.all(calls)) as FactorialAnswer[];
      assert.ok(answers.every(({ ok }) => ok === expected.ok));
      assert.equal(answers[count - 1]?.factorial, expected.factorial);
    });
    return { time };
  });
}
