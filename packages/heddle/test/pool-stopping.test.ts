/** Tasks that are stopped: by cancel(), signals and timeouts; and pools that are shut down. */
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import {
  CancelledError,
  CloneError,
  DeadlockError,
  Event,
  type Future,
  Latch,
  Queue,
  SharedList,
  spawn,
  ThreadPool,
  ThreadStateError,
  TimeoutError,
} from 'heddle';
import * as targets from './fixtures/pool-targets.js';
import { failureOf, rounds, until, watchdog } from './fixtures/waiting.js';

/** A pool whose threads are all held until `go` is set. */
function occupied(threads = 1): { pool: ThreadPool; go: Event; held: Future<string>[] } {
  const pool = new ThreadPool({ threads });
  const running = new Latch(threads);
  const go = new Event();
  const held = Array.from({ length: threads }, () => pool.submit(targets.hold, running, go));
  running.wait();
  return { pool, go, held };
}

async function cancelledWith(future: Future, cause?: unknown): Promise<void> {
  const error = await failureOf(future);
  assert.ok(error instanceof CancelledError, String(error));
  assert.deepEqual(error.cause, cause);
  assert.equal(future.state, 'cancelled');
}

/** Blocks and awaits in turn. */
const holds: ((running: Latch, go: Event) => string | Promise<string>)[] = [targets.hold, targets.holdLater];

// --- cancel --------------------------------------------------------------------------------------------------------

test('a task that has not begun and is cancelled never runs', watchdog, async () => {
  const { pool, go, held } = occupied();
  const order = new SharedList<number>();
  const futures = [1, 2, 3].map((n) => pool.submit(targets.record, order, n));
  assert.equal(futures[1]?.cancel('not needed'), true);
  assert.equal(futures[1].state, 'cancelled');
  assert.equal(futures[1].cancel(), false);
  await cancelledWith(futures[1], 'not needed');
  go.set();
  await Promise.all([...held, futures[0], futures[2]]);
  assert.deepEqual(order.toArray(), [1, 3]);
  assert.equal(futures[0]?.cancel(), false);
  assert.equal(futures[0].state, 'done');
  await pool.shutdown();
  assert.equal(pool.stats().cancelled, 1);
});

test('the message of a cancelled task says which and has no other cause', watchdog, async () => {
  const { pool, go } = occupied();
  const future = pool.submit(targets.add, 1, 2);
  future.cancel();
  const error = await failureOf(future);
  assert.equal(error.message, 'task add was cancelled');
  assert.equal(Object.hasOwn(error, 'cause'), false);
  assert.match(error.stack ?? '', /--- submitted at: ---/);
  go.set();
  await pool.shutdown();
});

test('a task that waits ends at once when it is cancelled, in the same thread', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  for (const target of holds) {
    const running = new Latch(1);
    const never = new Event();
    const future = pool.submit(target, running, never);
    running.wait();
    await until(() => never.stats().waiting === 1);
    assert.equal(future.cancel({ why: 'enough' }), true);
    await cancelledWith(future, { why: 'enough' });
    assert.equal(future.cancel(), false);
    // The next task is not hit by it, and may wait.
    const go = new Event();
    const next = pool.submit(target, new Latch(1), go);
    go.set();
    assert.equal(await next, 'went on');
  }
});

test('a task that computes ends at its next checkCancelled', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const running = new Latch(1);
  const future = pool.submit(targets.compute, running);
  running.wait();
  future.cancel();
  await cancelledWith(future);
  assert.equal(await pool.submit(targets.add, 1, 1), 2);
});

test('a task that catches its cancellation is cancelled all the same', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const running = new Latch(1);
  const seen = new Queue<unknown>();
  const future = pool.submit(targets.catchCancel, running, new Event(), seen);
  running.wait();
  future.cancel('for a reason');
  await cancelledWith(future, 'for a reason');
  assert.equal(seen.get(), 'for a reason');
});

test('what a task throws while it is cancelled is told as the cause', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const running = new Latch(1);
  const future = pool.submit(targets.failWhenCancelled, running, new Event());
  running.wait();
  future.cancel();
  const error = await failureOf(future);
  assert.ok(error instanceof CancelledError);
  assert.ok(error.cause instanceof SyntaxError);
  assert.equal(error.cause.message, 'while tidying up');
});

test(
  'a task that ignores its cancellation has its thread ended, and its neighbours go on',
  watchdog,
  async () => {
    await using pool = new ThreadPool({ threads: 2 });
    const running = new Latch(2);
    const go = new Event();
    const neighbour = pool.submit(targets.hold, running, go);
    const stubborn = pool.submit(targets.spin, running);
    running.wait();
    assert.equal(stubborn.cancel(), true);
    assert.equal(stubborn.state, 'running');
    await cancelledWith(stubborn);
    assert.equal(neighbour.state, 'running');
    assert.equal(await pool.submit(targets.add, 1, 1), 2, 'a thread in its place');
    assert.equal(pool.stats().started, 3);
    go.set();
    assert.equal(await neighbour, 'went on');
  },
);

test('a reason that cannot cross is refused, and the task goes on', watchdog, async () => {
  const { pool, go, held } = occupied();
  assert.throws(() => held[0]?.cancel(() => 1), CloneError);
  go.set();
  assert.deepEqual(await Promise.all(held), ['went on']);
  await pool.shutdown();
});

test('cancel and the end of a task race without harm', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  let cancelled = 0;
  for (let n = 0; n < rounds(200, 5000); n++) {
    const future = pool.submit(targets.square, n);
    const next = pool.submit(targets.holdLater, new Latch(1), setEvent);
    if (n % 3 === 0) await targets.turn();
    const stopped = future.cancel();
    if (stopped) cancelled++;
    if (stopped) assert.ok((await failureOf(future)) instanceof CancelledError);
    else assert.equal(await future, n * n);
    assert.equal(await next, 'went on');
  }
  assert.equal(pool.stats().cancelled, cancelled);
});
const setEvent = new Event();
setEvent.set();

// --- signals and timeouts --------------------------------------------------------------------------------------------

test('a signal cancels its task with its own reason', watchdog, async () => {
  const { pool, go, held } = occupied();
  const abort = new AbortController();
  const { signal } = abort;
  const pending = pool.submitWith({ signal }, targets.add, 1, 2);
  abort.abort(new EvalError('changed my mind'));
  assert.equal(await failureOf(pending), signal.reason);
  assert.equal(pending.state, 'cancelled');
  go.set();
  await Promise.all(held);

  const again = new AbortController();
  const running = new Latch(1);
  const stopped = pool.submitWith({ signal: again.signal }, targets.hold, running, new Event());
  running.wait();
  again.abort();
  assert.equal(await failureOf(stopped), again.signal.reason);

  assert.throws(
    () => pool.submitWith({ signal }, targets.nothing),
    (reason) => reason === signal.reason,
  );
  const late = new AbortController();
  const done = pool.submitWith({ signal: late.signal }, targets.add, 1, 2);
  assert.equal(await done, 3);
  late.abort();
  assert.equal(await done, 3);
  await pool.shutdown();
});

test('one signal stops many tasks, and the others go on', watchdog, async () => {
  const { pool, go, held } = occupied();
  const { signal } = new AbortController();
  const abort = new AbortController();
  const stopped = [1, 2, 3].map((n) => pool.submitWith({ signal: abort.signal }, targets.square, n));
  const kept = [1, 2, 3].map((n) => pool.submitWith({ signal }, targets.square, n));
  abort.abort();
  for (const future of stopped) assert.equal(await failureOf(future), abort.signal.reason);
  go.set();
  assert.deepEqual(await Promise.all(kept), [1, 4, 9]);
  await Promise.all(held);
  await pool.shutdown();
});

test('a task that runs for longer than its timeout is stopped', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  for (const target of holds) {
    const future = pool.submitWith({ timeout: 5 }, target, new Latch(1), new Event());
    const error = await failureOf(future);
    assert.ok(error instanceof TimeoutError);
    assert.equal(error.message, `task ${target.name} ran longer than its timeout of 5 ms, and was stopped`);
    assert.match(error.stack ?? '', /submitted at/);
    assert.equal(future.state, 'failed');
  }
  // One that ignores it too.
  const stubborn = pool.submitWith({ timeout: 5 }, targets.spin, new Latch(1));
  assert.ok((await failureOf(stubborn)) instanceof TimeoutError);
  assert.equal(await pool.submitWith({ timeout: 60_000, queueTimeout: 60_000 }, targets.add, 1, 1), 2);
});

test('timeout counts from the first step, not from the submission', watchdog, async () => {
  const { pool, go, held } = occupied();
  const late = new Event();
  const queued = pool.submitWith({ timeout: 400 }, targets.add, 1, 2);
  const expired = pool.submitWith({ queueTimeout: 500 }, targets.add, 1, 2);
  await failureOf(expired); // 500 ms have passed
  assert.equal(queued.state, 'pending');
  go.set();
  assert.equal(await queued, 3);
  late.set();
  await Promise.all(held);
  await pool.shutdown();
});

test('a task that waits longer than its queueTimeout never runs', watchdog, async () => {
  const { pool, go, held } = occupied();
  const order = new SharedList<number>();
  const future = pool.submitWith({ queueTimeout: 5 }, targets.record, order, 1);
  const error = await failureOf(future);
  assert.ok(error instanceof TimeoutError);
  assert.match(error.message, /^task record had not begun within its queueTimeout of 5 ms: /);
  assert.equal(future.state, 'failed');
  go.set();
  await Promise.all(held);
  await pool.submit(targets.nothing);
  assert.deepEqual(order.toArray(), []);
  await pool.shutdown();
});

test('queueTimeout does not count once a task runs', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  const running = new Latch(2);
  const go = new Event();
  const futures = [1, 2].map(() => pool.submitWith({ queueTimeout: 1000 }, targets.hold, running, go));
  running.wait();
  const other = pool.submitWith({ queueTimeout: 1000 }, targets.nothing);
  assert.ok((await failureOf(other)) instanceof TimeoutError); // 1000 ms have passed
  assert.deepEqual(
    futures.map(({ state }) => state),
    ['running', 'running'],
  );
  go.set();
  assert.deepEqual(await Promise.all(futures), ['went on', 'went on']);
});

test('a task has its grace also when its queueTimeout passes meanwhile', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  // A busy machine may use the grace up: then it is tried again.
  let tidied = false;
  for (let attempt = 0; attempt < 5 && !tidied; attempt++) {
    const running = new Latch(1);
    const go = new Event();
    const seen = new Queue<string>();
    // It is asked to stop a little before its queueTimeout passes, and goes on until that has passed.
    const future = pool.submitWith({ queueTimeout: 210, timeout: 200 }, targets.tidyUntil, running, go, seen);
    running.wait();
    const blocked = pool.submit(targets.hold, new Latch(1), go);
    const clock = pool.submitWith({ queueTimeout: 215 }, targets.nothing);
    assert.ok((await failureOf(clock)) instanceof TimeoutError);
    go.set();
    assert.ok((await failureOf(future)) instanceof TimeoutError);
    await blocked;
    tidied = seen.tryGet() === 'tidied';
  }
  assert.ok(tidied);
});

// --- waiting tasks ---------------------------------------------------------------------------------------------------

test('a task that waits for another is cancelled alone', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  const waits: ((...args: Parameters<typeof targets.waitForTask>) => string | Promise<string>)[] = [
    targets.waitForTask,
    targets.awaitTask,
  ];
  let stopped = 0;
  for (const wait of waits) {
    const running = new Latch(1);
    const go = new Event();
    const waiting = new Latch(1);
    const outer = pool.submit(wait, pool, running, go, waiting);
    waiting.wait();
    outer.cancel('only this');
    await cancelledWith(outer, 'only this');
    assert.equal(pool.stats().running, 1);
    go.set();
    await until(() => pool.stats().running === 0);
    assert.equal(pool.stats().cancelled, ++stopped);
  }
});

test('a task within which another runs is stopped when that has ended', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const running = new Latch(1);
  const go = new Event();
  const outer = pool.submit(targets.runWithin, pool, running, go);
  running.wait();
  outer.cancel();
  assert.equal(outer.state, 'running');
  go.set();
  await cancelledWith(outer);
  assert.deepEqual([pool.stats().finished, pool.stats().cancelled], [2, 1]);
});

test('a task that blocks while another runs within it is not hit by its cancellation', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const results: string[] = [];
  const count = rounds(100, 5000);
  for (let n = 0; n < count; n++) {
    const inner = new Queue<Future<string>>();
    const running = new Latch(1);
    const go = new Event();
    const last = new Event();
    const outer = pool.submit(targets.goOnAfterCancel, pool, inner, running, go, last);
    const future = inner.get();
    running.wait();
    // It ends about when it is cancelled, or only by that.
    if (n % 3 === 0) go.set();
    for (let turns = n % 10; n % 3 === 0 && turns > 0; turns--) await targets.turn();
    future.cancel();
    if (n % 3 === 1) go.set();
    last.set();
    results.push(await outer);
  }
  assert.deepEqual(
    results,
    results.map(() => 'went on'),
  );
  assert.equal(pool.stats().started, 1);
});

test('a cancelled task does not run another in its place', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const running = new Latch(1);
  const go = new Event();
  const order = new SharedList<number>();
  const outer = pool.submit(targets.waitWhenCancelled, pool, running, go, order);
  running.wait();
  outer.cancel();
  await cancelledWith(outer);
  await until(() => order.length === 1);
  assert.deepEqual(order.toArray(), [7], 'what it submitted ran by itself, and was not cancelled');
});

test('a thread that awaits a task is cancelled without the task', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const waits: ((pool: ThreadPool, running: Latch, go: Event) => string | Promise<string>)[] = [
    targets.blockUntilCancelled,
    targets.awaitUntilCancelled,
  ];
  for (const wait of waits) {
    const running = new Latch(1);
    const go = new Event();
    const thread = spawn(wait, pool, running, go);
    running.wait();
    thread.cancel('enough');
    assert.equal(await thread.joinAsync(), 'cancelled: enough');
    go.set();
    await until(() => pool.stats().running === 0);
    assert.equal(pool.stats().cancelled, 0);
  }
});

test(
  'a thread that awaits many tasks, which take all cores, is cancelled while they run',
  watchdog,
  async () => {
    await using pool = new ThreadPool({ threads: availableParallelism() + 1 });
    for (let round = 0; round < rounds(3, 50); round++) {
      const goOn = new Event();
      const running = new Latch(100);
      const thread = spawn(targets.awaitManyUntilCancelled, pool, running, goOn);
      await running.waitAsync();
      thread.cancel('enough');
      assert.equal(await thread.joinAsync(), 'cancelled: enough');
      goOn.set();
      await until(() => pool.stats().running + pool.stats().pending === 0);
    }
  },
);

// --- shutdown --------------------------------------------------------------------------------------------------------

test('shutdown waits for all tasks, and takes no more', watchdog, async () => {
  const { pool, go, held } = occupied();
  const futures = Array.from({ length: 50 }, (_, n) => pool.submit(targets.square, n));
  const ending = pool.shutdown();
  for (const submit of [() => pool.submit(targets.add, 1, 1), () => pool.submitWith({}, targets.add, 1, 1)]) {
    assert.throws(submit, (error: Error) => {
      assert.ok(error instanceof ThreadStateError);
      assert.match(error.message, /^pool ".*" was shut down, and takes no more tasks$/);
      return true;
    });
  }
  let ended = false;
  const noted = ending.then(() => (ended = true));
  await targets.turn();
  assert.equal(ended, false);
  go.set();
  await noted;
  assert.deepEqual(
    futures.map(({ state }) => state),
    futures.map(() => 'done'),
  );
  assert.deepEqual(await Promise.all(held), ['went on']);
  assert.equal(pool.stats().threads, 0);
});

test('shutdown twice waits twice; of a pool without threads it is at once', watchdog, async () => {
  await new ThreadPool().shutdown();
  const { pool, go, held } = occupied();
  const endings = [pool.shutdown(), pool.shutdown(), pool[Symbol.asyncDispose]()];
  const other = spawn(targets.endPool, pool).joinAsync();
  go.set();
  await Promise.all([...endings, other]);
  await pool.shutdown();
  assert.equal(held[0]?.state, 'done');
});

test('await using ends the pool with the block, also if it throws', watchdog, async () => {
  let outer: ThreadPool | undefined;
  let future: Future<number> | undefined;
  await assert.rejects(
    async () => {
      await using pool = new ThreadPool({ threads: 1 });
      outer = pool;
      future = pool.submit(targets.add, 1, 2);
      throw new EvalError('out');
    },
    { name: 'EvalError' },
  );
  assert.equal(future?.state, 'done');
  assert.throws(() => outer?.submit(targets.nothing), ThreadStateError);
});

test('cancelPending cancels what has not begun and waits for the rest', watchdog, async () => {
  const { pool, go, held } = occupied(2);
  const order = new SharedList<number>();
  const futures = Array.from({ length: 20 }, (_, n) => pool.submit(targets.record, order, n));
  const ending = pool.shutdown({ cancelPending: true });
  for (const future of futures) await cancelledWith(future);
  assert.equal(held[0]?.state, 'running');
  go.set();
  await ending;
  assert.deepEqual(await Promise.all(held), ['went on', 'went on']);
  assert.deepEqual(order.toArray(), []);
  assert.equal(pool.stats().cancelled, 20);
});

test('with a timeout, shutdown cancels what has not ended by then', watchdog, async () => {
  const { pool, held } = occupied(2);
  const pending = pool.submit(targets.add, 1, 1);
  await pool.shutdown({ timeout: 5 });
  for (const future of [...held, pending]) await cancelledWith(future);
  assert.equal(pool.stats().threads, 0);

  const stubborn = new ThreadPool({ threads: 1 });
  const running = new Latch(1);
  const spinning = stubborn.submit(targets.spin, running);
  running.wait();
  await stubborn.shutdown({ timeout: 0 });
  await cancelledWith(spinning);

  const quick = new ThreadPool({ threads: 1 });
  const done = quick.submit(targets.add, 1, 1);
  await quick.shutdown({ timeout: 60_000 });
  assert.equal(await done, 2);
});

test('a task that awaits the end of its own pool is told', watchdog, async () => {
  const pool = new ThreadPool({ threads: 1 });
  const error = new DeadlockError('');
  assert.match(
    await pool.submit(targets.shutDownFromTask, pool),
    new RegExp(`^${error.name}: a task waits for the end of the pool it runs on, which waits for the task`),
  );
  assert.throws(() => pool.submit(targets.nothing), ThreadStateError);
  await pool.shutdown();
});

test('tasks that tasks have submitted before a shutdown still run', watchdog, async () => {
  const pool = new ThreadPool({ threads: 1 });
  const order = new SharedList<number>();
  const { go, running } = { go: new Event(), running: new Latch(1) };
  const outer = pool.submit(targets.submitThenHold, pool, order, running, go);
  running.wait();
  const ending = pool.shutdown();
  go.set();
  await Promise.all([outer, ending]);
  assert.deepEqual(order.toArray(), [1]);
});

test('shutdown ends a thread that a task has left busy for ever', watchdog, async () => {
  const pool = new ThreadPool({ threads: 2 });
  const running = new Latch(1);
  const other = pool.submit(targets.hold, running, new Event());
  running.wait();
  const loops = new Event();
  await pool.submit(targets.leaveLoop, loops);
  await loops.waitAsync();
  const ending = pool.shutdown({ timeout: 1 });
  await cancelledWith(other);
  await ending;
  assert.equal(pool.stats().threads, 0);
});
