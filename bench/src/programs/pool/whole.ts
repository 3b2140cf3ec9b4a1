/** What a pool costs as a whole: until its first result, in memory, and when it has nothing to do. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Effort, Figures } from '../../harness/effort.js';
import { idleShare } from '../idle-share.js';
import { openPool, peerNamed, type Pool, type PoolOptions, withPool } from './peer.js';
import type { Meeting } from './tasks.js';

/** From making the program's first pool to its first result; the import of the peer is not in it. */
export async function first(_effort: Effort, { peer, threads, ...settings }: PoolOptions): Promise<Figures> {
  const maker = await peerNamed(peer);
  const start = performance.now();
  const pool = await maker.open(threads, settings);
  assert.equal(await pool.run('echo', 1), 1);
  const time = [(performance.now() - start) * 1e6];
  await pool.close();
  return { time };
}

/** What a thread of a pool adds to a program that has a pool of one: resident memory. */
export function memory(_effort: Effort, options: PoolOptions): Promise<Figures> {
  return withPool({ ...options, threads: 1 }, async (one) => {
    await allAtOnce(one, 1);
    const before = process.memoryUsage.rss();
    return withPool(options, async (pool) => {
      await allAtOnce(pool, options.threads);
      return { bytes: [(process.memoryUsage.rss() - before) / options.threads] };
    });
  });
}

/** So many tasks, each on a thread of its own. */
async function allAtOnce(pool: Pool, parties: number): Promise<void> {
  const meeting: Meeting = { here: new Int32Array(new SharedArrayBuffer(4)), parties };
  const met = await Promise.all(Array.from({ length: parties }, () => pool.run('meet', meeting)));
  assert.ok(
    met.every((one) => one === 1),
    `not all of ${parties} threads took a task`,
  );
}

/** Calls of each batch that precede the idleness. */
const BEFORE = 1000;

/** A pool that has worked has nothing to do, and neither has main. */
export async function idle(effort: Effort, options: PoolOptions): Promise<Figures> {
  const pool = await openPool(options);
  await Promise.all(Array.from({ length: BEFORE }, (_, k) => pool.run('echo', k)));
  const figures = await idleShare(effort, async (ms) => {
    await delay(ms);
  });
  await pool.close();
  return figures;
}
