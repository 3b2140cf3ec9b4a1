/** Futures: reading, waiting for one and for many, travelling; and tasks that wait for tasks of their own pool. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import {
  asCompleted,
  CancelledError,
  DeadlockError,
  Event,
  Future,
  Latch,
  Queue,
  SharedList,
  spawn,
  ThreadPool,
  TimeoutError,
  waitAll,
} from 'heddle';
import * as targets from './fixtures/pool-targets.js';
import { rounds, until, watchdog } from './fixtures/waiting.js';

interface Gate {
  readonly go: Event;
  readonly future: Future<number>;
}

/** Tasks that are done when their gates are opened, in a pool that has a thread for each. */
function gates(pool: ThreadPool, count: number): Gate[] {
  const running = new Latch(count);
  const all = Array.from({ length: count }, (_, n) => {
    const go = new Event();
    return { go, future: pool.submit(targets.passGate, { n, running, go }) };
  });
  running.wait();
  return all;
}

// --- reading -------------------------------------------------------------------------------------------------------

test('a future is a promise', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const good = pool.submit(targets.add, 1, 2);
  assert.ok(good instanceof Future);
  assert.equal(await good.then((n) => n + 1), 4);
  assert.equal(await good, 3);
  let settled = 0;
  assert.equal(await good.finally(() => settled++), 3);
  assert.equal(await good.catch(() => 0), 3);
  const bad = pool.submit(targets.fail, 'no');
  assert.equal(await bad.catch((error: unknown) => (error as Error).message), 'no');
  await assert.rejects(
    bad.finally(() => settled++),
    { message: 'no' },
  );
  assert.equal(settled, 2);
  assert.equal(await bad.then(undefined, () => 'caught'), 'caught');
  const [a, b] = await Promise.allSettled([good, bad]);
  assert.deepEqual([a.status, b.status], ['fulfilled', 'rejected']);
  assert.equal(await Promise.race([pool.submit(targets.add, 5, 5)]), 10);
});

test('each reading gives the same result and the same error', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const good = pool.submit(targets.identity<object>, { n: 1 });
  assert.equal(await good, good.result());
  const bad = pool.submit(targets.fail, 'no');
  const error = bad.exception();
  assert.throws(
    () => bad.result(),
    (thrown) => thrown === error,
  );
  await assert.rejects(
    async () => await bad,
    (thrown) => thrown === error,
  );
});

test('result and exception block until the task has ended', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  assert.equal(pool.submit(targets.addLater, 1, 2).result(), 3);
  assert.equal(pool.submit(targets.add, 1, 2).exception(), undefined);
  assert.throws(() => pool.submit(targets.fail, 'no').result(), { name: 'RangeError', message: 'no' });
  const error = pool.submit(targets.failLater, 'no').exception();
  assert.ok(error instanceof RangeError);
  assert.match(error.stack ?? '', /at failLater .*\n(?:.*\n)*.*submitted at/);
  const cancelled = pool.submit(targets.holdLater, new Latch(1), new Event());
  cancelled.cancel();
  assert.ok(cancelled.exception() instanceof CancelledError);
  assert.throws(() => cancelled.result(), CancelledError);
});

test('result and exception end by their timeout, and can be asked again', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const [gate] = gates(pool, 1) as [Gate];
  for (const timeout of [0, 2]) {
    assert.throws(() => gate.future.result(timeout), TimeoutError);
    assert.throws(() => gate.future.exception(timeout), TimeoutError);
  }
  for (const wrong of [-1, NaN]) assert.throws(() => gate.future.result(wrong), { name: 'RangeError' });
  assert.throws(() => gate.future.exception('1' as never), { name: 'TypeError' });
  assert.equal(gate.future.state, 'running');
  gate.go.set();
  assert.equal(gate.future.result(60_000), 0);
  assert.equal(gate.future.result(0), 0);
});

test('state and the printed form tell what has become of a task', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const [gate] = gates(pool, 1) as [Gate];
  const good = pool.submit(targets.add, 1, 2);
  const bad = pool.submit(targets.fail, 'no');
  const stopped = pool.submit((n: number) => n, 1);
  stopped.cancel();
  const states = (): string[] => [gate.future, good, bad, stopped].map(({ state }) => state);
  assert.deepEqual(states(), ['running', 'pending', 'pending', 'cancelled']);
  assert.equal(String(good), 'Future { task add, pending }');
  assert.equal(inspect(gate.future), 'Future { task passGate, running }');
  gate.go.set();
  await waitAll([good, bad]);
  assert.deepEqual(states(), ['done', 'done', 'failed', 'cancelled']);
  assert.equal(inspect(bad), 'Future { task fail, failed }');
  assert.ok(bad.exception() instanceof RangeError);
  assert.throws(() => new (Future as new (from?: unknown) => unknown)({}), {
    name: 'TypeError',
    message: 'futures come from submit() of a pool: there is nothing to make one from',
  });
});

// --- many ----------------------------------------------------------------------------------------------------------

test('waitAll waits for all, the first, or the first that gives no result', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 3 });
  const [a, b, c] = gates(pool, 3) as [Gate, Gate, Gate];
  const futures = [a.future, b.future, c.future];
  b.go.set();
  const first = await waitAll(futures, { until: 'first' });
  assert.deepEqual([[...first.done], [...first.pending]], [[b.future], [a.future, c.future]]);
  const firstError = waitAll(futures, { until: 'firstError' });
  const all = waitAll(futures);
  a.go.set();
  await a.future;
  c.future.cancel();
  const afterError = await firstError;
  assert.ok(afterError.done.has(c.future));
  assert.equal(afterError.pending.size, 0);
  const { done, pending } = await all;
  assert.deepEqual([done, pending], [new Set(futures), new Set()]);
  assert.ok(c.future.exception() instanceof CancelledError);

  const good = [1, 2].map((n) => pool.submit(targets.square, n));
  assert.equal((await waitAll(good, { until: 'firstError' })).done.size, 2);
  assert.deepEqual(await waitAll([]), { done: new Set(), pending: new Set() });
  assert.equal((await waitAll([...good, ...good])).done.size, 2, 'each counts once');
});

test('waitAll gives up after its timeout, which is no error', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const [gate] = gates(pool, 1) as [Gate];
  for (const timeout of [0, 2]) {
    const { done, pending } = await waitAll([gate.future], { timeout });
    assert.deepEqual([done.size, pending.size], [0, 1]);
  }
  gate.go.set();
  assert.equal((await waitAll([gate.future], { timeout: 60_000 })).done.size, 1);
});

test('asCompleted gives futures as they end, failed ones too', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 3 });
  const [a, b, c] = gates(pool, 3) as [Gate, Gate, Gate];
  const completed = asCompleted([a.future, b.future, c.future]);
  c.go.set();
  assert.equal((await completed.next()).value, c.future);
  a.future.cancel();
  assert.equal((await completed.next()).value, a.future);
  b.go.set();
  assert.equal((await completed.next()).value, b.future);
  assert.equal((await completed.next()).done, true);
  const seen: number[] = [];
  const more = asCompleted([1, 2, 3].map((n) => pool.submit(targets.square, n)));
  for (let next = await more.next(); next.done !== true; next = await more.next()) {
    seen.push(await next.value);
  }
  assert.deepEqual(
    seen.sort((x, y) => x - y),
    [1, 4, 9],
  );
  for await (const future of asCompleted([])) assert.fail(String(future));
});

test('asCompleted ends by its timeout, its signal and by leaving the loop', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const [gate] = gates(pool, 1) as [Gate];
  const done = pool.submit(targets.add, 1, 1);
  await assert.rejects(asCompleted([gate.future], { timeout: 2 }).next(), {
    name: 'TimeoutError',
    message: '1 of 1 futures had not ended after 2 ms',
  });
  const abort = new AbortController();
  const next = asCompleted([gate.future], { signal: abort.signal }).next();
  abort.abort();
  await assert.rejects(next, (reason) => reason === abort.signal.reason);
  gate.go.set();
  for await (const future of asCompleted([gate.future, done])) {
    assert.ok(future);
    break;
  }
  assert.equal(await done, 2);
});

test('waitAll and asCompleted refuse what is no future', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const future = pool.submit(targets.nothing);
  const notFutures = { name: 'TypeError', message: /^futures must be / };
  for (const wrong of [5, null, undefined, future, [Promise.resolve(1)], [future, 5]]) {
    await assert.rejects(waitAll(wrong as never), notFutures);
    assert.throws(() => asCompleted(wrong as never), notFutures);
  }
  await assert.rejects(waitAll([future], { until: 'any' as never }), {
    name: 'TypeError',
    message: "until must be 'all', 'first' or 'firstError', not \"any\"",
  });
  await assert.rejects(waitAll([future], { timeout: -1 }), { name: 'RangeError' });
  assert.throws(() => asCompleted([future], { timeout: NaN }), { name: 'RangeError' });
  assert.throws(() => asCompleted([future], { signal: 5 as never }), { name: 'TypeError' });
  await future;
});

// --- tasks that use their own pool -----------------------------------------------------------------------------------

for (const threads of [1, 2]) {
  test(`tasks wait for tasks of their own pool of ${String(threads)}, however deep`, watchdog, async () => {
    await using pool = new ThreadPool({ threads });
    const depth = rounds(100, 300);
    const sum = (depth * (depth + 1)) / 2;
    assert.equal(await pool.submit(targets.sumBlocking, pool, depth), sum);
    assert.equal(await pool.submit(targets.sumAwaited, pool, depth), sum);
    assert.equal(await pool.submit(targets.fibonacciBlocking, pool, 10), 55);
    assert.equal(await pool.submit(targets.fibonacciAwaited, pool, 10), 55);
    assert.equal(await pool.submit(targets.sumAsyncBlocking, pool, 6), 21);
    assert.equal(pool.submit(targets.sumAsyncBlocking, pool, 3).result(), 6);
    assert.deepEqual(await pool.submit(targets.mapWithin, pool, [1, 2, 3]), [1, 4, 9]);
    assert.equal(await pool.submit(targets.add, 1, 1), 2);
    await until(() => pool.stats().running === 0);
    const { submitted, finished, failed } = pool.stats();
    assert.deepEqual([finished, failed], [submitted, 0]);
  });
}

test('a failure within a task is that task’s failure, unless it is caught', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const error = pool.submit(targets.failWithin, pool, 'inside').exception();
  assert.ok(error instanceof RangeError);
  assert.equal(error.message, 'inside');
  assert.equal(error.stack?.split('submitted at').length, 3, 'both submissions');
});

test('what a task submits and does not await runs later', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const order = new SharedList<number>();
  await pool.submit(targets.submitOnly, pool, order, 5);
  await until(() => order.length === 1);
});

test('a task that waits for itself is told', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const futures = new Queue<Future<string>>();
  const future = pool.submit(targets.waitForSelf, futures);
  futures.put(future);
  const message = await future;
  assert.ok(message.startsWith(`${DeadlockError.name}: `), message);
  assert.match(message, /runs on this very thread, which would wait for itself for ever/);
  assert.match(message, /: it is the one that waits\. Leave the reading of its future to others$/);
});

test(
  'a blocking wait for a task that returns a promise without being async is told what to do',
  watchdog,
  async () => {
    await using pool = new ThreadPool({ threads: 1 });
    const [first, second] = await pool.submit(targets.waitForPromise, pool);
    assert.match(
      first ?? '',
      /^DeadlockError: task promiseThree has returned a promise, though its function is not async, .*\. Declare the function async, or await the future instead of calling result\(\)$/,
    );
    assert.equal(second, '3', 'another thread takes it from then on');
  },
);

// --- futures that travel -----------------------------------------------------------------------------------------------

test('a future travels as an argument, in a value, in a queue, and as a result', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 3 });
  const [gate] = gates(pool, 1) as [Gate];
  const readers: PromiseLike<unknown>[] = [
    pool.submit(targets.readBlocking, gate.future),
    pool.submit(targets.readAwaited, { future: gate.future }),
    spawn(targets.readBlocking, gate.future).joinAsync(),
    spawn(targets.readAwaited, { future: gate.future }).joinAsync(),
  ];
  const queue = new Queue<Future<number>>();
  queue.put(gate.future);
  assert.equal(queue.get(), gate.future, 'it is the same here');
  assert.equal(spawn(targets.readState, gate.future).join(), 'running');
  gate.go.set();
  assert.deepEqual(await Promise.all(readers), [0, 0, 0, 0]);
  // One that has settled before it travels, and each reader has a copy of its own.
  const object = pool.submit(targets.identity<object>, { n: 1 });
  const own = await object;
  const copies = await Promise.all([1, 2].map(() => pool.submit(targets.readBlocking, object)));
  assert.deepEqual(copies, [own, own]);
  assert.notEqual(copies[0], copies[1]);
  assert.equal(await object, own);
});

test('a future that a task returns can be read, awaited and cancelled here', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  const running = new Latch(1);
  const go = new Event();
  const { future } = await pool.submit(targets.submitThere, pool, running, go);
  running.wait();
  assert.equal(future.state, 'running');
  assert.equal(String(future), 'Future { running }');
  assert.throws(() => future.result(0), TimeoutError);
  const awaiting = future.then((text) => text);
  go.set();
  assert.equal(await awaiting, 'went on');
  assert.equal(future.result(), 'went on');

  const again = new Latch(1);
  const other = (await pool.submit(targets.submitThere, pool, again, new Event())).future;
  again.wait();
  assert.equal(other.cancel('from here'), true);
  const error = other.exception();
  assert.ok(error instanceof CancelledError);
  assert.equal(error.cause, 'from here');
  assert.equal(other.state, 'cancelled');
  assert.equal((await waitAll([future, other])).done.size, 2);

  const failed = (await pool.submit(targets.failThere, pool, 'over there')).future;
  assert.equal((failed.exception() as Error).message, 'over there');
});

test('a future is cancelled by another thread', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const [gate] = gates(pool, 1) as [Gate];
  const pending = pool.submit(targets.add, 1, 1);
  for (const future of [pending, gate.future]) {
    assert.equal(spawn(targets.cancelIt, future as Future, 'elsewhere').join(), true);
    await assert.rejects(
      async () => await future,
      (error: Error) => {
        assert.ok(error instanceof CancelledError);
        assert.equal(error.cause, 'elsewhere');
        return true;
      },
    );
    assert.equal(spawn(targets.cancelIt, future as Future, 'again').join(), false);
  }
});

test('a failure travels as often as it is read', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  const bad = pool.submit(targets.failToPay, 12);
  const errors = (await Promise.all([
    pool.submit(targets.readError, bad),
    spawn(targets.readError, bad as Future).joinAsync(),
  ])) as (TypeError & { amount: number })[];
  for (const error of [...errors, bad.exception() as TypeError & { amount: number }]) {
    assert.ok(error instanceof TypeError);
    assert.deepEqual([error.name, error.amount], ['PaymentError', 12]);
  }
});

test('a future outlives its pool', watchdog, async () => {
  const pool = new ThreadPool({ threads: 1 });
  const good = pool.submit(targets.add, 1, 2);
  const bad = pool.submit(targets.fail, 'no');
  await pool.shutdown();
  pool[Symbol.dispose]();
  assert.equal(spawn(targets.readBlocking, good).join(), 3);
  assert.equal(good.result(), 3);
  assert.ok(bad.exception() instanceof RangeError);
  assert.equal(bad.cancel(), false);
});

test(
  'a getter may settle the future that is cancelled, or dispose of the pool that is submitted to',
  watchdog,
  async () => {
    await using pool = new ThreadPool({ threads: 1 });
    const [gate] = gates(pool, 1) as [Gate];
    const reason = {
      get late(): number {
        gate.go.set();
        return gate.future.result();
      },
    };
    assert.equal(gate.future.cancel(reason), false);
    assert.equal(await gate.future, 0);

    const gone = new ThreadPool({ threads: 1 });
    const args = {
      get late(): number {
        gone[Symbol.dispose]();
        return 1;
      },
    };
    assert.throws(() => gone.submit(targets.identity<object>, args), { name: 'DisposedError' });
  },
);
