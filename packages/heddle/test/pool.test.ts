import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  AbandonedLockError,
  BrokenPoolError,
  CloneError,
  Event,
  Latch,
  type Future,
  Lock,
  OwnershipError,
  QueueFullError,
  RLock,
  RWLock,
  sharedArray,
  SharedList,
  spawn,
  TargetError,
  ThreadDiedError,
  ThreadPool,
  ThreadStateError,
} from 'heddle';
import { failureOf, rounds, until, watchdog } from './fixtures/waiting.js';
import * as targets from './fixtures/pool-targets.js';

/** Takes all threads of a pool until `go` is set. */
function occupy(pool: ThreadPool, threads = 1): { go: Event; held: Future<string>[] } {
  const go = new Event();
  const held = Array.from({ length: threads }, () => {
    const running = new Latch(1);
    const future = pool.submit(targets.hold, running, go);
    running.wait(); // one after another: the queue may be short
    return future;
  });
  return { go, held };
}

// --- what goes in and comes out -----------------------------------------------------------------------------

test('a task is a call on another thread', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  assert.equal(await pool.submit(targets.add, 1, 2), 3);
  assert.equal(await pool.submit(targets.addLater, 3, 4), 7);
  assert.equal(await pool.submit(targets.nothing).then((none: unknown) => none), undefined);
  assert.equal(await pool.submit((n: number) => n * 2, 21), 42);
  const where = await pool.submit(targets.whereAmI);
  assert.equal(where.isMainThread, false);
  assert.match(where.name, /^ThreadPool \(.*\)\/[12]$/);
});

test('any number of arguments, and any values', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  for (const args of [
    [],
    [undefined],
    [null],
    [[]],
    [[1, 2]],
    [1, 2, 3],
    ['a'.repeat(5000), { deep: new Map([[1, new Set(['x'])]]) }],
    [undefined, undefined],
    [10n ** 30n, new Date(0), /x/g, new Uint8Array([1, 2])],
  ]) {
    assert.deepEqual(await pool.submit(targets.collect, ...args), args);
  }
  for (const value of [0, -0, NaN, '', false, null, undefined, [undefined], 'é\u{1f600}']) {
    assert.deepEqual(await pool.submit(targets.identity<unknown>, value), value);
  }
});

test('shared arrays and primitives are shared, all else is copied', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const numbers = sharedArray('i32', 2);
  const list = new SharedList<number>();
  const plain = { n: 1 };
  const back = await pool.submit(
    (array: Int32Array, other: SharedList<number>, object: { n: number }) => {
      array[1] = 7;
      object.n = 2;
      other.push(5);
      return other;
    },
    numbers,
    list,
    plain,
  );
  assert.equal(numbers[1], 7);
  assert.equal(back, list);
  assert.deepEqual([list.toArray(), plain.n], [[5], 1]);
});

test('many tasks in flight each get their own result', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  const futures = Array.from({ length: 5000 }, (_, n) => pool.submit(targets.square, n));
  const results = await Promise.all(futures);
  results.forEach((result, n) => {
    assert.equal(result, n * n);
  });
  assert.equal(pool.stats().finished, 5000);
});

test('tasks that take all cores for a while each settle', watchdog, async () => {
  const threads = availableParallelism() + 1;
  await using pool = new ThreadPool({ threads });
  const futures = Array.from({ length: 150 * threads }, (_, n) => pool.submit(targets.computeFor, 0.2, n));
  const settled: number[] = [];
  await Promise.all(futures.map(async (future) => settled.push(await future)));
  assert.deepEqual(
    settled.sort((a, b) => a - b),
    futures.map((_, n) => n),
  );
});

test('tasks run on as many threads as there are', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 3 });
  const all = new Latch(3);
  const ids = await Promise.all([1, 2, 3].map(() => pool.submit(targets.meet, all)));
  assert.equal(new Set(ids).size, 3);
});

test('a pool of one thread runs tasks one at a time, in the order of their coming', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const order = new SharedList<number>();
  const { go } = occupy(pool);
  const futures = Array.from({ length: 200 }, (_, n) => pool.submit(targets.record, order, n));
  assert.deepEqual(order.toArray(), []);
  go.set();
  await Promise.all(futures);
  assert.deepEqual(
    order.toArray(),
    Array.from({ length: 200 }, (_, n) => n),
  );
});

test('an async task keeps its thread until it has ended', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const running = new Latch(1);
  const go = new Event();
  const first = pool.submit(targets.holdLater, running, go);
  running.wait();
  const second = pool.submit(targets.add, 1, 1);
  assert.deepEqual([first.state, second.state], ['running', 'pending']);
  go.set();
  assert.equal(await second, 2);
  assert.equal(first.state, 'done');
});

test('a pool is used from several threads at a time', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  const threads = [
    spawn(targets.addFrom, pool, 100),
    spawn(targets.addAllFrom, pool, 100),
    spawn(targets.addAllFrom, pool, 100),
  ];
  const own = await targets.addAllFrom(pool, 100);
  const sums = await Promise.all(threads.map((thread) => thread.joinAsync()));
  assert.deepEqual([...sums, own], [5050, 5050, 5050, 5050]);
});

test('a pool is made, used and shut down in a thread', watchdog, async () => {
  assert.equal(await spawn(targets.makePool, 5).joinAsync(), 25);
});

// --- what cannot cross -------------------------------------------------------------------------------------------

test('an argument that cannot cross is refused by submit, by its path', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const bad = { user: { save: () => 1 } };
  for (const [args, path] of [
    [[bad], 'args[0].user.save'],
    [[1, [bad]], 'args[1][0].user.save'],
    [[Symbol('s')], 'args[0]'],
  ] as const) {
    assert.throws(
      () => pool.submit(targets.collect, ...args),
      (error) => error instanceof CloneError && error.path === path && error.message.includes(path),
    );
  }
  assert.equal(pool.stats().submitted, 0);
  assert.equal(await pool.submit(targets.add, 1, 1), 2);
});

test('a result that cannot cross rejects the future, by its path', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const error = await failureOf(pool.submit(targets.returnFunction));
  assert.ok(error instanceof CloneError);
  assert.equal(error.path, 'result.deep[0]');
  assert.equal(await pool.submit(targets.add, 1, 1), 2);
});

test('a function that cannot be found is refused by submit', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const local = 1;
  assert.throws(() => pool.submit(() => local), TargetError);
  assert.throws(() => pool.submit(Math.max, 1, 2), TargetError);
  assert.throws(() => pool.submit('add' as never), { name: 'TypeError' });
  assert.throws(() => pool.map(() => local, [1]), TargetError);
  assert.equal(pool.stats().submitted, 0);
});

// --- failures ----------------------------------------------------------------------------------------------------

test(
  'errors keep class, message, data and remote stack, and say where the task was submitted',
  watchdog,
  async () => {
    await using pool = new ThreadPool({ threads: 1 });
    for (const future of [pool.submit(targets.fail, 'thrown'), pool.submit(targets.failLater, 'thrown')]) {
      const error = await failureOf(future);
      assert.ok(error instanceof RangeError);
      assert.equal(error.message, 'thrown');
      assert.match(
        error.stack ?? '',
        /^RangeError: thrown\n\s+at fail(?:Later)? .*pool-targets.*\n(?:.*\n)*\s+--- submitted at: ---\n(?:\s+at ThreadPool\.submit .*\n)?\s+at .*pool\.test\.[jt]s:\d+:\d+/,
      );
    }
    const payment = (await failureOf(pool.submit(targets.failToPay, 12))) as Error & { amount: number };
    assert.ok(payment instanceof TypeError);
    assert.deepEqual([payment.name, payment.message, payment.amount], ['PaymentError', 'no funds', 12]);
    assert.match(payment.stack ?? '', /submitted at/);
  },
);

test('what is thrown need not be an error', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  for (const value of ['text', 5, null, undefined, { code: 1 }]) {
    const future = pool.submit(targets.throwIt, value);
    await assert.rejects(
      async () => await future,
      (error) => {
        assert.deepEqual(error, value);
        return true;
      },
    );
    assert.equal(future.state, 'failed');
  }
});

for (const [what, target, message] of [
  ['calls process.exit', () => [targets.exitProcess, 3], /process\.exit|exit/],
  ['throws in a timer', () => [targets.failInTimer], /^in a timer$/],
  ['leaves an unhandled rejection', () => [targets.rejectAside], /^nobody handles this$/],
  ['awaits what nothing can settle', () => [targets.awaitNothing], /nothing can settle/],
] as [string, () => [(...args: unknown[]) => unknown, ...unknown[]], RegExp][]) {
  test(`a task that ${what} fails alone, and its thread is replaced`, watchdog, async () => {
    await using pool = new ThreadPool({ threads: 2 });
    const running = new Latch(1);
    const go = new Event();
    const neighbour = pool.submit(targets.hold, running, go);
    running.wait();
    const [task, ...args] = target();
    const error = await failureOf(pool.submit(task, ...args));
    assert.match(error.message, message);
    assert.equal(neighbour.state, 'running');
    assert.equal(await pool.submit(targets.add, 1, 1), 2, 'on the thread that replaces it');
    go.set();
    assert.equal(await neighbour, 'went on');
    const { started, failed, finished } = pool.stats();
    assert.deepEqual({ started, failed, finished }, { started: 3, failed: 1, finished: 3 });
  });
}

test('a task that runs out of memory fails alone', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2, resourceLimits: { maxOldGenerationSizeMb: 24 } });
  const running = new Latch(1);
  const go = new Event();
  const neighbour = pool.submit(targets.hold, running, go);
  running.wait();
  const error = await failureOf(pool.submit(targets.eatMemory));
  assert.ok(error instanceof ThreadDiedError);
  assert.match(error.message, /memory/);
  assert.match(error.stack ?? '', /submitted at/);
  assert.equal(await pool.submit(targets.add, 1, 1), 2);
  go.set();
  assert.equal(await neighbour, 'went on');
});

test('many tasks that die one after another do not break a pool', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  const dying = Array.from({ length: rounds(12, 200) }, () => pool.submit(targets.exitProcess, 1));
  const living = Array.from({ length: 20 }, (_, n) => pool.submit(targets.square, n));
  for (const future of dying) assert.ok((await failureOf(future)) instanceof ThreadDiedError);
  assert.deepEqual(
    await Promise.all(living),
    Array.from({ length: 20 }, (_, n) => n * n),
  );
});

// --- priority ------------------------------------------------------------------------------------------------------

/** The order in which a pool begins tasks of these priorities, which come while its only thread is held. */
async function orderOf(pool: ThreadPool, priorities: (number | undefined)[]): Promise<number[]> {
  const order = new SharedList<number>();
  const { go } = occupy(pool);
  const futures = priorities.map((priority, n) =>
    pool.submitWith(priority === undefined ? {} : { priority }, targets.record, order, n),
  );
  go.set();
  await Promise.all(futures);
  return order.toArray();
}

/** What the order should be: a step of priority is worth 1024 places, and of two with one place the later is more urgent. */
function expectedOrder(priorities: (number | undefined)[]): number[] {
  return priorities
    .map((priority = 0, n) => ({ n, rank: n + 1024 * priority }))
    .sort((a, b) => a.rank - b.rank || b.n - a.n)
    .map(({ n }) => n);
}

test('urgent tasks go first, and those of one priority in the order of their coming', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  assert.deepEqual(await orderOf(pool, [0, 7, undefined, -8, 3, -8, 0, 7]), [3, 5, 0, 2, 6, 4, 1, 7]);
});

test('no task is overtaken for ever: a step of priority is worth 1024 places', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const priorities = Array.from({ length: 2100 }, (_, n) => (n === 0 ? 2 : 1));
  const order = await orderOf(pool, priorities);
  assert.equal(order.indexOf(0), 1024, 'overtaken by 1024, and by none of the rest');
  assert.deepEqual(order, expectedOrder(priorities));
});

test('tasks begin in the order of a plain model of priorities with ageing', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const level = fc.option(fc.integer({ min: -8, max: 7 }), { nil: undefined });
  // Runs of one priority that are long enough for ageing to count, and single tasks between them.
  const run = fc
    .record({ priority: level, length: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 1500 })) })
    .map(({ priority, length }) => Array<number | undefined>(length).fill(priority));
  await fc.assert(
    fc.asyncProperty(fc.array(run, { maxLength: 6 }), async (runs) => {
      const priorities = runs.flat();
      assert.deepEqual(await orderOf(pool, priorities), expectedOrder(priorities));
    }),
    { numRuns: rounds(12, 300) },
  );
});

// --- the pool's options --------------------------------------------------------------------------------------------

test('with maxQueue tasks that have not begun, submit is refused', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1, maxQueue: 2, name: 'small' });
  const { go } = occupy(pool);
  const futures = [pool.submit(targets.add, 1, 1), pool.submit(targets.add, 1, 2)];
  for (let n = 0; n < 2; n++) {
    assert.throws(
      () => pool.submit(targets.add, 1, 3),
      (error) =>
        error instanceof QueueFullError &&
        error.code === 'HEDDLE_QUEUE_FULL' &&
        error.message.startsWith('pool "small" has 2 tasks'),
    );
  }
  assert.equal(futures[0]?.cancel(), true);
  const third = pool.submit(targets.add, 1, 3);
  go.set();
  assert.deepEqual(await Promise.all([futures[1], third]), [3, 4]);
  assert.equal(futures[0].state, 'cancelled');
});

test('map waits for room in a bounded queue', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2, maxQueue: 1 });
  const numbers = Array.from({ length: 300 }, (_, n) => n);
  const squares = numbers.map((n) => n * n);
  assert.deepEqual(await pool.map(targets.square, numbers, { chunkSize: 1 }), squares);
  // Also when all the room is taken by others, so that nothing of its own comes back.
  const { go, held } = occupy(pool, 2);
  const other = pool.submit(targets.add, 1, 1);
  const mapped = pool.map(targets.square, numbers.slice(0, 20), { chunkSize: 1 });
  const both = Promise.all([mapped, pool.map(targets.square, [5, 6])]);
  await targets.turn();
  go.set();
  assert.deepEqual(await both, [squares.slice(0, 20), [25, 36]]);
  assert.equal(await other, 2);
  await Promise.all(held);
});

test('the initializer runs in each thread before its first task', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2, initializer: targets.setVisits, initArgs: [100] });
  const running = new Latch(2);
  const go = new Event();
  const visits = [1, 2].map(() => pool.submit(targets.holdVisits, running, go));
  running.wait();
  go.set();
  assert.deepEqual(await Promise.all(visits), [101, 101]);
});

test(
  'an initializer that fails breaks the pool, for what is pending and what comes later',
  watchdog,
  async () => {
    const pool = new ThreadPool({
      threads: 1,
      initializer: targets.failToSetUp,
      initArgs: ['no database'],
      name: 'p',
    });
    const futures = [pool.submit(targets.add, 1, 1), pool.submit(targets.add, 1, 2)];
    for (const future of futures) {
      const error = await failureOf(future);
      assert.ok(error instanceof BrokenPoolError);
      assert.equal(error.code, 'HEDDLE_BROKEN_POOL');
      assert.ok(error.cause instanceof Error);
      const causes = [error.cause, error.cause.cause].filter((cause) => cause instanceof SyntaxError);
      assert.equal(causes[0]?.message, 'no database');
    }
    assert.throws(
      () => pool.submit(targets.add, 1, 1),
      (error) =>
        error instanceof BrokenPoolError &&
        error.message.includes('pool "p" is broken: its initializer has failed') &&
        error.cause instanceof SyntaxError,
    );
    await assert.rejects(async () => await pool.map(targets.square, [1]), BrokenPoolError);
    assert.match(String(pool), /broken/);
    await pool.shutdown();
  },
);

test('threads that die before they can take a task break the pool', watchdog, async () => {
  const pool = new ThreadPool({ threads: 1, initializer: targets.exitProcess, initArgs: [1] });
  const error = await failureOf(pool.submit(targets.add, 1, 1));
  assert.ok(error instanceof BrokenPoolError);
  const causes = [error.cause, (error.cause as Error).cause];
  assert.ok(causes.some((cause) => cause instanceof ThreadDiedError));
  assert.equal(pool.stats().started, 5);
  await pool.shutdown();
});

test(
  'a thread without work for idleTimeout ends, and another starts when there is work',
  watchdog,
  async () => {
    await using pool = new ThreadPool({ threads: 1, idleTimeout: 1 });
    const first = await pool.submit(targets.whereAmI);
    await until(() => pool.stats().threads === 0);
    const second = await pool.submit(targets.whereAmI);
    assert.notEqual(second.id, first.id);
    // A task that comes just as the thread gives up is not forgotten.
    for (let n = 0; n < rounds(30, 1000); n++) assert.equal(await pool.submit(targets.add, n, 1), n + 1);
  },
);

test('a thread ends after maxTasksPerThread, and the next one is a fresh world', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1, maxTasksPerThread: 2 });
  const visits: number[] = [];
  for (let n = 0; n < 5; n++) visits.push(await pool.submit(targets.countVisits));
  assert.deepEqual(visits, [1, 2, 1, 2, 1]);
  assert.equal(pool.stats().started, 3);
});

test('isolated threads share no worker with others', watchdog, async () => {
  spawn(targets.setVisits, 50).join();
  await using pool = new ThreadPool({ threads: 1, isolate: true });
  assert.equal(await pool.submit(targets.countVisits), 1);
  assert.equal(await pool.submit(targets.countVisits), 2);
});

test('transfer takes array buffers away from the submitter', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const bytes = new Uint8Array([1, 2, 3]);
  const { buffer } = bytes;
  const future = pool.submitWith({ transfer: [buffer] }, targets.identity<Uint8Array>, bytes);
  assert.deepEqual([buffer.byteLength, bytes.length], [0, 0]);
  assert.deepEqual(await future, new Uint8Array([1, 2, 3]));
  const kept = new ArrayBuffer(8);
  assert.equal((await pool.submit(targets.identity<ArrayBuffer>, kept)).byteLength, 8);
  assert.equal(kept.byteLength, 8);
});

test('a refused submission with transfer leaves the buffers', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const buffer = new ArrayBuffer(8);
  assert.throws(() => pool.submitWith({ transfer: [buffer] }, targets.collect, buffer, () => 1), CloneError);
  assert.equal(buffer.byteLength, 8);
  structuredClone(null, { transfer: [buffer] });
  assert.throws(() => pool.submitWith({ transfer: [buffer] }, targets.nothing), {
    name: 'TypeError',
    message: 'transfer[0] is detached: it was given away before; make a new one',
  });
  const twice = new ArrayBuffer(1);
  assert.throws(() => pool.submitWith({ transfer: [twice, twice] }, targets.identity<ArrayBuffer>, twice), {
    name: 'TypeError',
    message: 'transfer[1] is in transfer twice: leave it out once',
  });
  assert.equal(twice.byteLength, 1);
  assert.equal(pool.stats().submitted, 0, 'what was refused never ran');
});

// --- what threads keep between tasks ---------------------------------------------------------------------------------

test('timers of a pool thread fire between its tasks', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const fired = new Event();
  await pool.submit(targets.startTimer, fired);
  await fired.waitAsync();
  // Also if there is always a next task.
  const again = new Event();
  const timed = pool.submit(targets.startTimer, again);
  let tasks = 0;
  while (!again.isSet) {
    await Promise.all(Array.from({ length: 200 }, (_, n) => pool.submit(targets.square, n)));
    tasks += 200;
  }
  await timed;
  assert.equal(pool.stats().finished, tasks + 2);
});

test('a task that ends holding a lock abandons it', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  for (const keep of [targets.keepLock, targets.keepLockLater]) {
    for (const lock of [new Lock(), new RLock()]) {
      const order = new SharedList<number>();
      await pool.submit(keep, lock);
      // The next task runs on the very thread that held it.
      const error = await failureOf(pool.submit(targets.lockAndCount, lock, order));
      assert.ok(error instanceof AbandonedLockError, String(error));
      const release = await failureOf(pool.submit(targets.releaseLock, lock));
      assert.ok(release instanceof OwnershipError);
      assert.throws(() => lock.acquire(), AbandonedLockError);
      assert.equal(lock.recover(), true);
      lock.release();
      assert.equal(await pool.submit(targets.lockAndCount, lock, order), 1);
    }
  }
});

test('a task that ends holding a side of an RWLock gives up that side', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const lock = new RWLock();
  await pool.submit(targets.keepReading, lock);
  lock.write(0).release();
  await pool.submit(targets.keepWriting, lock);
  for (const keep of [targets.keepWriting, targets.keepReading]) {
    assert.ok((await failureOf(pool.submit(keep, lock))) instanceof AbandonedLockError);
  }
  assert.throws(() => lock.read(0), AbandonedLockError);
});

// --- looking at it ---------------------------------------------------------------------------------------------------

test('stats and the printed form tell what a pool does', watchdog, async () => {
  const pool = new ThreadPool({ threads: 2, name: 'crunch' });
  const { waiting, waits, waitTime, longestWait, ...fresh } = pool.stats();
  assert.deepEqual([waiting, waits, waitTime, longestWait], [0, 0, 0, 0]);
  assert.deepEqual(fresh, {
    name: 'crunch',
    threads: 0,
    idle: 0,
    pending: 0,
    running: 0,
    submitted: 0,
    finished: 0,
    failed: 0,
    cancelled: 0,
    started: 0,
  });
  assert.equal(String(pool), 'ThreadPool "crunch" { 0 of 2 threads, 0 tasks pending }');
  const { go, held } = occupy(pool, 2);
  const more = [pool.submit(targets.add, 1, 1), pool.submit(targets.fail, 'x')] as const;
  const cancelled = pool.submit(targets.nothing);
  assert.equal(cancelled.cancel(), true);
  const { threads, idle, pending, running, submitted, finished } = pool.stats();
  assert.deepEqual(
    { threads, idle, pending, running, submitted, finished },
    { threads: 2, idle: 0, pending: 2, running: 2, submitted: 5, finished: 0 },
  );
  assert.equal(String(pool), 'ThreadPool "crunch" { 2 of 2 threads, 2 tasks pending }');
  assert.ok(Object.isFrozen(pool.stats()));
  go.set();
  await Promise.allSettled([...held, ...more]);
  const after = pool.stats();
  assert.deepEqual(
    [after.pending, after.running, after.finished, after.failed, after.cancelled, after.started],
    [0, 0, 4, 1, 1, 2],
  );
  await pool.shutdown();
  assert.equal(pool.stats().threads, 0);
  assert.equal(String(pool), 'ThreadPool "crunch" { shut down, 0 of 2 threads, 0 tasks pending }');
});

// --- what makes no sense ---------------------------------------------------------------------------------------------

/** Anything at all, where the compiler would refuse it. */
function wrong(value: unknown): never {
  return value as never;
}

const badPools: [object | number | string | null, string, string][] = [
  [wrong(5), 'TypeError', 'options must be an object, not 5'],
  [wrong(null), 'TypeError', 'options must be an object, not null'],
  [{ threads: 0 }, 'RangeError', 'threads must be a whole number from 1 to 4000, not 0'],
  [{ threads: 1.5 }, 'RangeError', 'threads must be a whole number from 1 to 4000, not 1.5'],
  [{ threads: 5000 }, 'RangeError', 'threads must be a whole number from 1 to 4000, not 5000'],
  [{ threads: '4' }, 'TypeError', 'threads must be a number, not "4"'],
  [{ name: 5 }, 'TypeError', 'name must be a string'],
  [{ maxQueue: 0 }, 'RangeError', 'maxQueue must be a whole number from 1 to 268435455, not 0'],
  [{ maxQueue: 'all' }, 'TypeError', 'maxQueue must be a number, not "all"'],
  [{ idleTimeout: -1 }, 'RangeError', 'idleTimeout must be zero or more milliseconds, not -1'],
  [{ idleTimeout: '5' }, 'TypeError', 'idleTimeout must be a number of milliseconds, not "5"'],
  [
    { maxTasksPerThread: 0 },
    'RangeError',
    'maxTasksPerThread must be a whole number from 1 to 268435455, not 0',
  ],
  [{ isolate: 1 }, 'TypeError', 'isolate must be true or false, not 1'],
  [{ resourceLimits: 5 }, 'TypeError', 'resourceLimits must be an object, not 5'],
  [
    { resourceLimits: { stackSizeMb: 'x' } },
    'TypeError',
    'resourceLimits.stackSizeMb must be a number, not "x"',
  ],
  [{ initializer: 5 }, 'TypeError', 'initializer must be a function, not 5'],
  [{ initArgs: [1] }, 'TypeError', 'initArgs were given without an initializer'],
  [
    { initializer: targets.setVisits, initArgs: 1 },
    'TypeError',
    "initArgs must be an array of the initializer's arguments, not 1",
  ],
  [{ initializer: targets.setVisits, initArgs: [() => 1] }, 'CloneError', ''],
];

test('options of a pool that make no sense', () => {
  for (const [options, name, message] of badPools) {
    assert.throws(
      () => new ThreadPool(options as never),
      (error: Error) => {
        assert.equal(error.name, name, JSON.stringify(options));
        if (message !== '') assert.equal(error.message, message);
        return true;
      },
    );
  }
});

const badTerms: [unknown, string, string][] = [
  [5, 'TypeError', 'options must be an object, not 5'],
  [{ signal: 5 }, 'TypeError', 'signal must be an AbortSignal, not 5'],
  [{ timeout: 0 }, 'RangeError', 'timeout must be more than 0 milliseconds'],
  [{ timeout: -1 }, 'RangeError', 'timeout must be zero or more milliseconds, not -1'],
  [{ timeout: '1' }, 'TypeError', 'timeout must be a number of milliseconds, not "1"'],
  [{ queueTimeout: 0 }, 'RangeError', 'queueTimeout must be more than 0 milliseconds'],
  [{ queueTimeout: NaN }, 'RangeError', 'queueTimeout must be zero or more milliseconds, not NaN'],
  [{ queueTimeout: '1' }, 'TypeError', 'queueTimeout must be a number of milliseconds, not "1"'],
  [{ priority: 8 }, 'RangeError', 'priority must be a whole number from -8 (first) to 7 (last), not 8'],
  [{ priority: 0.5 }, 'RangeError', 'priority must be a whole number from -8 (first) to 7 (last), not 0.5'],
  [{ priority: 'high' }, 'TypeError', 'priority must be a number, not "high"'],
  [{ transfer: 5 }, 'TypeError', 'transfer must be an array of ArrayBuffers and MessagePorts, not 5'],
  [
    { transfer: [new SharedArrayBuffer(1)] },
    'TypeError',
    'transfer[0] must be an ArrayBuffer or a MessagePort, not a SharedArrayBuffer',
  ],
];

const badMaps: [unknown, string, string][] = [
  [5, 'TypeError', 'options must be an object, not 5'],
  [{ chunkSize: 0 }, 'RangeError', 'chunkSize must be a whole number from 1 to 268435455, not 0'],
  [{ chunkSize: 'big' }, 'TypeError', 'chunkSize must be a number, not "big"'],
  [{ buffer: 0 }, 'RangeError', 'buffer must be a whole number from 1 to 268435455, not 0'],
  [{ ordered: 1 }, 'TypeError', 'ordered must be true or false, not 1'],
  [{ signal: {} }, 'TypeError', 'signal must be an AbortSignal, not an Object'],
  [{ onProgress: 5 }, 'TypeError', 'onProgress must be a function, not 5'],
];

test('options of a task, of map and of shutdown that make no sense', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  for (const [options, name, message] of badTerms) {
    assert.throws(() => pool.submitWith(options as never, targets.nothing), { name, message });
  }
  for (const [options, name, message] of badMaps) {
    assert.throws(() => pool.map(targets.square, [1], options as never), { name, message });
  }
  for (const items of [5, null, undefined, { length: 1 }]) {
    assert.throws(() => pool.map(targets.square, wrong(items)), {
      name: 'TypeError',
      message: /^items must be iterable, such as an array or a generator, not /,
    });
  }
  await assert.rejects(pool.shutdown(wrong(5)), { name: 'TypeError' });
  await assert.rejects(pool.shutdown({ timeout: -1 }), { name: 'RangeError' });
  await assert.rejects(pool.shutdown({ cancelPending: wrong(1) }), {
    name: 'TypeError',
    message: 'cancelPending must be true or false, not 1',
  });
  assert.equal(pool.stats().submitted, 0);
  assert.equal(await pool.submit(targets.add, 1, 1), 2, 'none of it has shut the pool down');
});

test('a pool whose handle was disposed of says so', watchdog, async () => {
  const pool = new ThreadPool({ threads: 1 });
  await pool.shutdown();
  assert.throws(() => pool.submit(targets.nothing), ThreadStateError);
  pool[Symbol.dispose]();
  assert.throws(() => pool.submit(targets.nothing), { name: 'DisposedError' });
  assert.throws(() => pool.stats(), { name: 'DisposedError' });
  assert.equal(String(pool), 'ThreadPool { disposed }');
});

test('a thread that something left behind keeps busy does not keep tasks waiting', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  const all = new Latch(2);
  // Both threads have something open, and await.
  await Promise.all([pool.submit(targets.leaveTimer, all), pool.submit(targets.leaveTimer, all)]);
  const waits = new Event();
  const go = new Event();
  // The thread that has slept for the shortest time is the busy one.
  await pool.submit(targets.leaveWait, waits, go);
  await waits.waitAsync();
  for (let n = 0; n < 20; n++) assert.equal(await pool.submit(targets.square, n), n * n);
  go.set();
});

test(
  'with all threads kept busy by something left behind, tasks run when one is free',
  watchdog,
  async () => {
    await using pool = new ThreadPool({ threads: 1 });
    const waits = new Event();
    const go = new Event();
    await pool.submit(targets.leaveWait, waits, go);
    await waits.waitAsync();
    const futures = [1, 2, 3].map((n) => pool.submit(targets.square, n));
    const late = pool.submitWith({ queueTimeout: 50 }, targets.square, 4);
    await assert.rejects(async () => await late, { name: 'TimeoutError' });
    go.set();
    assert.deepEqual(await Promise.all(futures), [1, 4, 9]);
  },
);
