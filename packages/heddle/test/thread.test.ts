import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';
import {
  CancelledError,
  currentThread,
  Event,
  isMainThread,
  Latch,
  mainThread,
  onThreadFailure,
  Queue,
  spawn,
  Thread,
  ThreadDiedError,
  ThreadLocal,
  threads,
  ThreadStateError,
  TimeoutError,
} from 'heddle';
import * as targets from './fixtures/thread-targets.js';

const watchdog = { timeout: 60_000 };

/** Threads that run besides main. */
function others(): string[] {
  return threads()
    .filter(({ id }) => id !== mainThread().id)
    .map(({ name }) => name);
}

test('a thread gives its result to join and joinAsync, any number of times', watchdog, async () => {
  const thread = new Thread(targets.add, [1, 2]);
  assert.equal(thread.state, 'new');
  assert.equal(thread.alive, false);
  assert.equal(thread.start(), thread);
  assert.equal(thread.join(), 3);
  assert.equal(thread.join(0), 3);
  assert.equal(await thread.joinAsync(), 3);
  assert.equal(await thread.joinAsync({ timeout: 0 }), 3);
  assert.equal(thread.state, 'finished');
  assert.equal(thread.alive, false);
  assert.equal(await spawn(targets.addLater, 20, 22).joinAsync(), 42);
  assert.equal(spawn(targets.addLater, 20, 22).join(), 42);
});

test('each join gets a copy of its own', watchdog, () => {
  const thread = spawn(targets.identity<{ list: number[] }>, { list: [1] });
  const first = thread.join();
  first.list.push(2);
  assert.deepEqual(thread.join(), { list: [1] });
});

test('arguments are taken when the thread starts', watchdog, () => {
  const list = [1];
  const thread = new Thread(targets.identity<number[]>, [list]);
  list.push(2);
  thread.start();
  list.push(3);
  assert.deepEqual(thread.join(), [1, 2]);
});

test('states, ids, names and daemons, from outside and from inside', watchdog, () => {
  const running = new Latch(2);
  const go = new Event();
  const named = new Thread(targets.waitFor, [running, go], { name: 'Ärger \u{1f9f5}', daemon: true }).start();
  const unnamed = spawn(targets.waitFor, running, go);
  running.wait();
  assert.equal(named.name, 'Ärger \u{1f9f5}');
  assert.equal(unnamed.name, `waitFor-${String(unnamed.id)}`);
  assert.equal(named.daemon, true);
  assert.equal(unnamed.daemon, false);
  assert.ok(named.alive && unnamed.alive);
  assert.equal(named.state, 'running');
  assert.ok(unnamed.id > named.id);
  assert.equal(inspect(unnamed), `Thread "${unnamed.name}" { running, id ${String(unnamed.id)} }`);
  assert.deepEqual(
    threads().map(({ id }) => id),
    [mainThread().id, named.id, unnamed.id],
  );
  go.set();
  assert.equal(named.join(), 'went on');
  assert.equal(unnamed.join(), 'went on');
  assert.match(inspect(unnamed), /^Thread "waitFor-\d+" \{ finished, id \d+, ran [\d.]+ ms \}$/);
  assert.deepEqual(others(), []);
});

test('a thread knows itself, main and all others', watchdog, () => {
  assert.equal(isMainThread, true);
  assert.deepEqual(currentThread(), mainThread());
  assert.deepEqual(mainThread(), { id: 1, name: 'main', daemon: false, state: 'running', alive: true });
  const thread = new Thread(targets.introduce, [], { name: 'inside' }).start();
  const told = thread.join();
  assert.equal(told.isMainThread, false);
  const self = { id: thread.id, name: 'inside', daemon: false, state: 'running', alive: true };
  assert.deepEqual(told.self, self);
  assert.deepEqual(told.main, mainThread());
  assert.deepEqual(told.all, [mainThread(), self]);
});

test('a join that times out, or is aborted, leaves the thread as it was', watchdog, async () => {
  const running = new Latch(1);
  const go = new Event();
  const thread = new Thread(targets.waitFor, [running, go], { name: 'slow' }).start();
  running.wait();
  assert.throws(() => thread.join(0), TimeoutError);
  assert.throws(() => thread.join(1), TimeoutError);
  await assert.rejects(thread.joinAsync({ timeout: 0 }), TimeoutError);
  await assert.rejects(thread.joinAsync({ timeout: 1 }), TimeoutError);
  const reason = new Error('enough');
  await assert.rejects(thread.joinAsync({ signal: AbortSignal.abort(reason) }), (error) => error === reason);
  const controller = new AbortController();
  const joining = thread.joinAsync({ signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(joining, (error) => error === reason);
  go.set();
  assert.equal(await thread.joinAsync(), 'went on');
});

test('several threads join one, blocked and awaiting, and all get the result', watchdog, async () => {
  const running = new Latch(1);
  const go = new Event();
  const thread = spawn(targets.waitFor, running, go);
  const joiners = Array.from({ length: 4 }, () => spawn(targets.joinIt, thread as never));
  const awaited = [thread.joinAsync(), thread.joinAsync()];
  running.wait();
  go.set();
  for (const joiner of joiners) assert.equal(joiner.join(), 'went on');
  assert.deepEqual(await Promise.all(awaited), ['went on', 'went on']);
});

test('several threads join a failure, and all get it', watchdog, () => {
  const thread = spawn(targets.fail, 'for all');
  const joiners = Array.from({ length: 3 }, () => spawn(targets.joinError, thread as never));
  for (const joiner of joiners) assert.equal(joiner.join(), 'RangeError: for all');
  assert.throws(() => thread.join(), /for all/);
  assert.throws(() => thread.join(), /for all/);
  assert.equal(thread.state, 'failed');
});

test('threads start threads that start threads', watchdog, () => {
  assert.equal(spawn(targets.descend, 5).join(), '5 4 3 2 1 bottom');
  assert.equal(spawn(targets.fan, 3, 2).join(), 15);
});

test('a thread goes on when the one that started it has ended, and its handle travels', watchdog, () => {
  const running = new Latch(1);
  const go = new Event();
  const parent = spawn(targets.leaveChild, running, go);
  const child = parent.join();
  assert.ok(child instanceof Thread);
  running.wait();
  assert.ok(child.alive);
  go.set();
  assert.equal(child.join(), 'went on');
  assert.equal(parent.join(), child, 'one thread has one handle here');
});

test('a handle that travels is the same thread: join, cancel, terminate elsewhere', watchdog, () => {
  const running = new Event();
  const never = new Event();
  const cancelled = spawn(targets.setThenWait, running, never);
  running.wait();
  spawn(targets.cancelIt, cancelled as never).join();
  assert.throws(() => cancelled.join(), { name: 'CancelledError' });
  assert.equal(cancelled.state, 'cancelled');

  running.clear();
  const spinning = spawn(targets.spin, running);
  running.wait();
  assert.equal(spawn(targets.terminateIt, spinning as never).join(), 'terminated');
  assert.throws(() => spinning.join(), ThreadDiedError);
});

test('cancel ends a wait, now and later, with its reason as the cause', watchdog, () => {
  const running = new Event();
  const thread = spawn(targets.catchCancel, running, new Event());
  running.wait();
  thread.cancel(new Error('first'));
  thread.cancel(new Error('second'));
  assert.deepEqual(thread.join(), ['HEDDLE_CANCELLED first', 'HEDDLE_CANCELLED first']);
  assert.equal(thread.state, 'finished', 'a target that catches it still gives its result');
});

test('cancel ends an awaited wait and a computation that checks', watchdog, async () => {
  for (const target of [targets.cancelAwaited, targets.compute] as ((...args: Event[]) => unknown)[]) {
    const running = new Event();
    const thread = spawn(target, running, new Event());
    running.wait();
    thread.cancel('enough');
    await assert.rejects(
      thread.joinAsync(),
      (error) => error instanceof CancelledError && error.cause === 'enough',
    );
    assert.equal(thread.state, 'cancelled');
  }
});

test(
  'a thread that was cancelled before its start does not run; one that has ended does not care',
  watchdog,
  () => {
    const ran = new Event();
    const thread = new Thread(targets.setEvent, [ran]);
    thread.cancel();
    thread.start();
    assert.throws(() => thread.join(), CancelledError);
    assert.equal(ran.isSet, false);

    const finished = spawn(targets.add, 1, 2);
    finished.join();
    finished.cancel();
    assert.equal(finished.join(), 3);
    assert.equal(finished.state, 'finished');
  },
);

test(
  'terminate ends a loop, a wait, a thread not started, and leaves one that ended alone',
  watchdog,
  async () => {
    const running = new Event();
    const spinning = spawn(targets.spin, running);
    running.wait();
    await spinning.terminate();
    assert.equal(spinning.state, 'terminated');
    assert.throws(() => spinning.join(), { name: 'ThreadDiedError', code: 'HEDDLE_THREAD_DIED' });

    running.clear();
    const waiting = spawn(targets.setThenWait, running, new Event());
    running.wait();
    await Promise.all([waiting.terminate(), waiting.terminate()]);
    assert.equal(waiting.state, 'terminated');

    const fresh = new Thread(targets.nothing);
    await fresh.terminate();
    assert.equal(fresh.state, 'terminated');
    assert.throws(() => fresh.start(), ThreadStateError);
    assert.throws(() => fresh.join(), ThreadDiedError);

    const finished = spawn(targets.add, 1, 2);
    finished.join();
    await finished.terminate();
    assert.equal(finished.join(), 3);
    assert.deepEqual(others(), []);
  },
);

test('terminate right after start, again and again, always ends in one of two ways', watchdog, async () => {
  for (let i = 0; i < 30; i++) {
    const thread = spawn(targets.add, 1, i);
    await thread.terminate();
    if (thread.state === 'finished') assert.equal(thread.join(), 1 + i);
    else assert.throws(() => thread.join(), ThreadDiedError);
    assert.ok(['finished', 'terminated'].includes(thread.state), thread.state);
  }
});

test('workers are used again, with what modules keep; isolate has a world of its own', watchdog, () => {
  const first = spawn(targets.countVisits).join();
  const second = spawn(targets.countVisits).join();
  assert.equal(second, first + 1);
  for (let i = 0; i < 2; i++) {
    assert.equal(new Thread(targets.countVisits, [], { isolate: true }).start().join(), 1);
    assert.equal(
      new Thread(targets.countVisits, [], { resourceLimits: { maxOldGenerationSizeMb: 64 } }).start().join(),
      1,
    );
  }
});

test('a ThreadLocal starts afresh in each thread, also on a worker that is used again', watchdog, () => {
  assert.equal(spawn(targets.countLocally, 3).join(), 3);
  assert.equal(spawn(targets.countLocally, 4).join(), 4);
  const here = new ThreadLocal<string>();
  assert.equal(here.value, undefined);
  here.value = 'main';
  assert.equal(here.value, 'main');
  let made = 0;
  const lazy = new ThreadLocal(() => ++made);
  assert.equal(made, 0);
  assert.deepEqual([lazy.value, lazy.value, made], [1, 1, 1]);
  lazy.value = 7;
  assert.equal(lazy.value, 7);
});

test('timers that are pending at the end do not run, there or in the next thread', watchdog, () => {
  const items = new Queue<string>();
  // More than one at a time, on fresh workers and on used ones.
  for (let round = 0; round < 3; round++) {
    const leaving = Array.from({ length: 3 }, () => spawn(targets.leaveTimers, items));
    for (const thread of leaving) thread.join();
    const turning = Array.from({ length: 3 }, () => spawn(targets.turnLoop, 5));
    for (const thread of turning) thread.join();
  }
  assert.deepEqual(items.drain(), []);
});

test(
  'onThreadFailure tells of every failure, in the thread that asked, until it is disposed of',
  watchdog,
  async () => {
    const told: string[] = [];
    const listening = onThreadFailure(({ thread, error }) => {
      told.push(`${thread.name} ${thread.state} ${String(error)}`);
    });
    const thread = new Thread(targets.fail, ['heard'], { name: 'failing' }).start();
    await assert.rejects(thread.joinAsync());
    while (told.length === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(told, ['failing failed RangeError: heard']);
    listening[Symbol.dispose]();
    await assert.rejects(spawn(targets.fail, 'not heard').joinAsync());
    assert.equal(spawn(targets.add, 1, 1).join(), 2);
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(told.length, 1);
  },
);

test('a thread’s failure handlers end with it', watchdog, () => {
  const items = new Queue<string>();
  spawn(targets.listenToFailures, items).join();
  assert.throws(() => spawn(targets.fail, 'not heard').join());
  for (let i = 0; i < 3; i++) spawn(targets.turnLoop, 3).join();
  assert.deepEqual(items.drain(), []);
});

// Workers cost some 50 ms of a core each: all 200 only in soak mode.
const MANY = process.env['HEDDLE_SOAK'] === '1' ? 200 : 60;

test(`${MANY} threads at once`, watchdog, () => {
  const running = new Latch(MANY);
  const go = new Event();
  const all = Array.from({ length: MANY }, () => spawn(targets.waitFor, running, go));
  running.wait();
  assert.equal(threads().length, MANY + 1);
  go.set();
  for (const thread of all) assert.equal(thread.join(), 'went on');
  assert.deepEqual(others(), []);
});
