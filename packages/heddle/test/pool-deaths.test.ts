/** Threads of pools die in every way while tasks run: each future settles once, and rightly. `HEDDLE_SOAK=1` runs much longer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event, type Future, spawn, ThreadDiedError, ThreadPool } from 'heddle';
import {
  doubleBlocked,
  double,
  exhaust,
  exit,
  type Rates,
  spinOnce,
  storm,
  tangle,
  type Tally,
} from './fixtures/pool-storm.js';
import { forgetFailures, killThreads } from './fixtures/pool-killer.js';
import { random } from './fixtures/sync-stress.js';
import { rounds, soak, until } from './fixtures/waiting.js';

const limits = { timeout: soak ? 3_600_000 : 120_000 };
const seed = Number(process.env['HEDDLE_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const HARD: Rates = { exits: 4, timers: 2, spins: 2, cancels: 50, expiries: 30, failures: 50 };
const SOFT: Rates = { ...HARD, exits: 0, timers: 0, spins: 0 };
/** No failure that is told at exit if nobody is left to read it. */
const CALM: Rates = { ...SOFT, expiries: 0, failures: 0 };

function sum(tallies: Tally[]): Tally {
  const total: Tally = { settled: 0, died: 0, cancelled: 0, timedOut: 0, failed: 0 };
  for (const tally of tallies)
    for (const key of Object.keys(total) as (keyof Tally)[]) total[key] += tally[key];
  return total;
}

const fails = (future: Future, expected: object): Promise<void> =>
  assert.rejects(async () => {
    await future;
  }, expected);

/** Nothing is left of the tasks, and the pool still works. */
async function stillWorks(pool: ThreadPool): Promise<void> {
  const futures = Array.from({ length: 100 }, (_, n) => pool.submit(double, n));
  assert.deepEqual(
    await Promise.all(futures),
    Array.from({ length: 100 }, (_, n) => 2 * n),
  );
  // Tasks of submitters that have died may still be under way, and submit others.
  await until(() => pool.stats().pending + pool.stats().running === 0);
  await pool.shutdown();
  const { threads: left, running, pending } = pool.stats();
  assert.deepEqual({ left, running, pending }, { left: 0, running: 0, pending: 0 });
}

test(`tasks that end their threads fail, and no others, seed ${seed}`, limits, async () => {
  const pool = new ThreadPool({ threads: 4 });
  const count = rounds(600, 20_000);
  const submitters = [1, 2, 3].map((n) => spawn(storm, pool, count, 150, seed + n, HARD, false));
  const total = sum([
    await storm(pool, count, 150, seed, HARD, false),
    ...(await Promise.all(submitters.map((thread) => thread.joinAsync()))),
  ]);
  assert.equal(total.settled, 4 * count);
  assert.ok(total.died > 0 && total.cancelled > 0 && total.failed > 0);
  await stillWorks(pool);
});

test(`threads that are killed from outside at any time, seed ${seed}`, limits, async () => {
  const pool = new ThreadPool({ threads: 4, name: 'victims' });
  const count = rounds(4000, 100_000);
  const stop = new Event();
  const killer = spawn(killThreads, pool, 50, stop, seed);
  const began = performance.now();
  const submitters = [1, 2, 3].map((n) => spawn(storm, pool, count / 4, 200, seed + n, SOFT, true));
  const total = sum([
    await storm(pool, count / 4, 200, seed, SOFT, true),
    ...(await Promise.all(submitters.map((thread) => thread.joinAsync()))),
  ]);
  assert.equal(total.settled, count);
  // The soak goes on for a minute.
  for (let round = 1; soak && performance.now() - began < 60_000; round++)
    assert.equal((await storm(pool, 1000, 200, seed + 7 * round, SOFT, true)).settled, 1000);
  stop.set();
  assert.ok((await killer.joinAsync()) > 0);
  await spawn(forgetFailures).joinAsync();
  await stillWorks(pool);
});

test(`submitting threads are killed, and their pool goes on, seed ${seed}`, limits, async () => {
  const pool = new ThreadPool({ threads: 3 });
  const next = random(seed);
  for (let round = 0; round < rounds(12, 300); round++) {
    const victims = [0, 1].map((n) => spawn(storm, pool, 1e9, 50, seed + 2 * round + n, CALM, false));
    const { submitted } = pool.stats();
    const goal = submitted + 20 + next() * 200;
    while (pool.stats().submitted < goal) await storm(pool, 5, 5, seed + round, SOFT, false);
    await Promise.all(victims.map((victim) => victim.terminate()));
    for (const victim of victims) await assert.rejects(victim.joinAsync(), ThreadDiedError);
    const { settled } = await storm(pool, 50, 50, seed - round, SOFT, false);
    assert.equal(settled, 50);
  }
  await stillWorks(pool);
});

test('a task that runs out of memory fails, and its thread is replaced', limits, async () => {
  const pool = new ThreadPool({ threads: 2, resourceLimits: { maxOldGenerationSizeMb: 20 } });
  for (let round = 0; round < rounds(2, 20); round++) {
    const hungry = pool.submit(exhaust);
    const others = Array.from({ length: 50 }, (_, n) => pool.submit(double, n));
    await fails(hungry, { code: 'HEDDLE_THREAD_DIED', message: /out of memory/ });
    assert.deepEqual(
      await Promise.all(others),
      others.map((_, n) => 2 * n),
    );
  }
  await stillWorks(pool);
});

test('shutdown waits for tasks whose only thread dies before them', limits, async () => {
  for (let round = 0; round < rounds(3, 100); round++) {
    const pool = new ThreadPool({ threads: 1 });
    const dying = [pool.submit(exit), pool.submit(exit)];
    const last = pool.submit(double, 21);
    const closing = pool.shutdown();
    const refused = Promise.all(dying.map((future) => fails(future, ThreadDiedError)));
    await closing;
    assert.equal(last.state, 'done');
    assert.equal(last.result(), 42);
    await refused;
  }
});

test('shutdown with a timeout ends what does not stop', limits, async () => {
  for (let round = 0; round < rounds(2, 50); round++) {
    const pool = new ThreadPool({ threads: 2 });
    const started = new Event();
    const stubborn = pool.submit(spinOnce, started);
    await started.waitAsync();
    const pending = Array.from({ length: 10 }, () => pool.submit(spinOnce, started));
    await pool.shutdown({ timeout: 1 });
    assert.equal(stubborn.state, 'cancelled');
    for (const future of [stubborn, ...pending]) await fails(future, { code: 'HEDDLE_CANCELLED' });
  }
});

test(
  'a thread that blocks for a task of its own pool may die, and so may the one that runs it',
  limits,
  async () => {
    const pool = new ThreadPool({ threads: 1, name: 'nest' });
    for (let round = 0; round < rounds(5, 200); round++) {
      const outer = pool.submit(doubleBlocked, pool, round);
      const kill = pool.submit(exit);
      assert.equal(await outer, 2 * round);
      await fails(kill, ThreadDiedError);
    }
    await stillWorks(pool);
  },
);

test(`threads that submit to each other's pools and wait never hang, seed ${seed}`, limits, async () => {
  const pools = Array.from({ length: rounds(2, 8) }, () => new ThreadPool({ threads: rounds(3, 8) }));
  let ended = 0;
  for (let round = 0; round < rounds(2, 40); round++) {
    const futures = Array.from({ length: rounds(6, 64) }, (_, n) => {
      const own = n % pools.length;
      return pools[own]!.submit(tangle, pools, own, 3, seed + 100 * round + n);
    });
    for (const future of futures) ended += await future;
  }
  assert.ok(ended >= rounds(12, 2560));
  await until(() => pools.every((pool) => pool.stats().pending + pool.stats().running === 0));
  await Promise.all(pools.map((pool) => pool.shutdown()));
  await spawn(forgetFailures).joinAsync(); // of those that came too late
});
