/** Pools leave nothing behind, neither in the shared heap nor in the process. `HEDDLE_SOAK=1` runs much longer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event, type Future, Latch, Queue, spawn, ThreadPool, threads } from 'heddle';
import * as leak from './fixtures/leak-targets.js';
import { describeLong, double, exit, fail, readInThread, spin } from './fixtures/pool-storm.js';
import { rounds, soak } from './fixtures/waiting.js';

const watchdog = { timeout: soak ? 3_600_000 : 110_000 };
const MB = 2 ** 20;
/** What tables and free lists may keep, whatever was in them. */
const SLACK = 64 * 1024;

/** Bytes in use once all workers and main have collected their garbage. */
async function usedAfterTidying(): Promise<number> {
  await leak.tidyHere();
  const together = new Latch(5);
  await Promise.all(Array.from({ length: 5 }, () => spawn(leak.tidy, together).joinAsync()));
  await leak.tidyHere();
  return (await spawn(leak.heapUse).joinAsync()).used;
}

/** Runs `action` once to fill what stays filled, then checks that no more is in use after it ran again. */
async function stays(action: () => Promise<void>): Promise<void> {
  await action();
  const before = await usedAfterTidying();
  await action();
  let grown = Infinity;
  // What is garbage is found sooner or later: the collector decides when.
  for (let i = 0; i < 20 && grown > SLACK; i++) grown = (await usedAfterTidying()) - before;
  assert.ok(grown <= SLACK, `${grown} bytes more are in use`);
}

const ends = (future: Future): Promise<void> =>
  future.then(
    () => undefined,
    () => undefined,
  );

const TASKS = rounds(20_000, 2_000_000);

test(`${TASKS} tasks`, watchdog, async () => {
  const pool = new ThreadPool({ threads: 2 });
  const run = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 500) {
      const futures = Array.from({ length: 500 }, (_, k) =>
        pool.submit<[number], number | string>(k % 50 === 0 ? describeLong : double, n + k),
      );
      for (const [k, future] of futures.entries())
        assert.equal(await future, k % 50 === 0 ? String(n + k).repeat(200) : 2 * (n + k));
    }
  };
  await run(10_000);
  const used = await usedAfterTidying();
  const { heapUsed } = process.memoryUsage();
  await run(TASKS);
  let grown = (await usedAfterTidying()) - used;
  for (let i = 0; i < 20 && grown > SLACK; i++) grown = (await usedAfterTidying()) - used;
  assert.ok(grown <= SLACK, `${grown} bytes more of the shared heap are in use`);
  const own = process.memoryUsage().heapUsed - heapUsed;
  assert.ok(own < 8 * MB, `this thread's own heap has grown by ${Math.round(own / 1024)} KB`);
  assert.equal(pool.stats().submitted, 10_000 + TASKS);
  await pool.shutdown();
});

test('pools that are made and shut down again', watchdog, async () => {
  await stays(async () => {
    for (let n = 0; n < rounds(100, 500); n++) {
      const pool = new ThreadPool({ threads: 1 + (n % 2), name: 'brief' });
      assert.equal(await pool.submit(double, n), 2 * n);
      await pool.shutdown();
      new ThreadPool(); // never used
    }
  });
});

test('tasks that fail, are cancelled or come too late', watchdog, async () => {
  const pool = new ThreadPool({ threads: 2 });
  await stays(async () => {
    const never = new Event();
    const waiting = [1, 2].map(() => pool.submit(leak.waitFor, never));
    const late = Array.from({ length: 100 }, () => pool.submitWith({ queueTimeout: 1 }, describeLong, 1));
    await Promise.all(late.map(ends));
    const pending = Array.from({ length: 200 }, (_, n) => pool.submit(double, n));
    for (const future of pending) assert.equal(future.cancel('x'.repeat(1000)), true);
    for (const future of waiting) assert.equal(future.cancel('x'.repeat(1000)), true);
    await Promise.all([...pending, ...waiting].map(ends));
    await Promise.all(Array.from({ length: 200 }, (_, n) => ends(pool.submit(fail, n))));
    await ends(pool.submitWith({ timeout: 1 }, leak.waitFor, never));
    assert.throws(() => pool.submit(leak.fail as (text: unknown) => never, () => 1), { path: 'args[0]' });
  });
  await pool.shutdown();
});

test('tasks that end their threads', watchdog, async () => {
  const pool = new ThreadPool({ threads: 2 });
  await stays(async () => {
    for (let n = 0; n < 5; n++) {
      await ends(pool.submit(exit));
      await ends(pool.submitWith({ timeout: 1 }, spin));
      assert.equal(await pool.submit(double, n), 2 * n);
    }
  });
  await pool.shutdown();
});

test('futures that travel, before and after they are settled', watchdog, async () => {
  const pool = new ThreadPool({ threads: 2 });
  await stays(async () => {
    for (let n = 0; n < 50; n++) {
      const futures = [pool.submit(describeLong, n), pool.submit(describeLong, n)];
      if (n % 2 === 0) await futures[0];
      const lengths = await pool.submit(readInThread, futures);
      assert.deepEqual(lengths, [String(n).length * 200, String(n).length * 200]);
    }
  });
  await pool.shutdown();
});

test('threads that submit and end, or die, without waiting', watchdog, async () => {
  const pool = new ThreadPool({ threads: 2 });
  await stays(async () => {
    for (let n = 0; n < 5; n++) {
      await spawn(leak.submitMany, pool, false).joinAsync();
      await assert.rejects(spawn(leak.submitMany, pool, true).joinAsync());
    }
    await pool.submit(double, 1);
  });
  await pool.shutdown();
});

test('a future that has not been settled travels after its pool was disposed of', watchdog, async () => {
  // Each next one may lie in shared memory where the one before it did.
  const later: ThreadPool[] = [];
  const way = new Queue<Future>();
  for (let n = 0; n < rounds(20, 1000); n++) {
    const pool = new ThreadPool({ threads: 1, maxTasksPerThread: 1 });
    way.put(travelling(pool, n));
    later.push(new ThreadPool({ threads: 1 }));
    assert.equal(way.get().result(), 2 * n);
  }
  await leak.tidyHere();
  for (const [n, pool] of later.entries()) {
    assert.equal(await pool.submit(double, n), 2 * n);
    await pool.shutdown();
  }
});

/** The future of a task that has ended in a pool that is gone; without a turn of the event loop, it is not settled. */
function travelling(pool: ThreadPool, n: number): Future {
  const future = pool.submit(double, n);
  while (pool.stats().threads > 0);
  pool[Symbol.dispose]();
  return future;
}

test('no thread is left', watchdog, () => {
  assert.deepEqual(
    threads().map(({ name }) => name),
    ['main'],
  );
});
