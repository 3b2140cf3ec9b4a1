/** What is special about each primitive. What all waits have in common is in waits.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import {
  Atomic,
  type AtomicKind,
  Barrier,
  BoundedSemaphore,
  BrokenBarrierError,
  Condition,
  DeadlockError,
  DisposedError,
  Event,
  Latch,
  Lock,
  mainThread,
  Once,
  OwnershipError,
  Queue,
  RLock,
  RWLock,
  Semaphore,
  type ScalarType,
  sharedArray,
  spawn,
  TimeoutError,
} from 'heddle';
import {
  areSame,
  changeSilently,
  countRound,
  echo,
  everything,
  failureOf,
  holdReadUntil,
  holdUntil,
  initialise,
  lingerInAction,
  me,
  meet,
  meetAndLinger,
  meetAsync,
  throwInAction,
} from '../fixtures/sync-targets.js';
import { modes, waitOnce } from '../fixtures/sync-waits.js';
import { untilWaiting, watchdog } from '../fixtures/waiting.js';

const own = (message: string): object => ({ name: 'OwnershipError', code: 'HEDDLE_OWNERSHIP', message });

// --- Lock and RLock -----------------------------------------------------------------------------------------

for (const Class of [Lock, RLock]) {
  test(`${Class.name}: only its owner releases it`, watchdog, async () => {
    const lock = new Class({ name: 'door' });
    const title = `${Class.name} "door"`;
    assert.throws(() => lock.release(), own(`${title} is not held, so it cannot be released`));
    const guard = lock.acquire();
    assert.equal(lock.locked, true);
    assert.deepEqual(lock.owner, mainThread());
    const error = await spawn(failureOf, lock, 'release').joinAsync();
    assert.ok(error instanceof OwnershipError);
    assert.equal(error.message, `${title} is held by the main thread: only its owner releases it`);
    assert.equal(lock.locked, true);
    guard.release();
    guard.release();
    guard[Symbol.dispose]();
    assert.equal(lock.locked, false);
    assert.equal(lock.owner, null);
    assert.throws(() => lock.release(), OwnershipError);
  });

  test(`${Class.name}: a guard that is released late does not release what was acquired since`, () => {
    const lock = new Class();
    const first = lock.acquire();
    first.release();
    const second = lock.acquire();
    first.release();
    assert.equal(lock.locked, true);
    second.release();
    // Released through the lock, the guard has nothing left to give back, and says so.
    const third = lock.acquire();
    lock.release();
    assert.throws(() => third.release(), OwnershipError);
  });

  test(`${Class.name}: tells who holds it`, watchdog, async () => {
    const lock = new Class();
    const [held, release] = [new Event(), new Event()];
    const thread = spawn(holdUntil, lock, held, release);
    await held.waitAsync();
    assert.equal(lock.owner?.id, thread.id);
    assert.equal(lock.tryAcquire(), null);
    assert.throws(() => lock.acquire(0), TimeoutError);
    assert.throws(() => lock.acquire(1), TimeoutError);
    assert.match(inspect(lock), new RegExp(`\\{ held by thread "${thread.name}" \\}$`));
    release.set();
    lock.acquire().release(); // blocks main until the thread lets go
    await thread.joinAsync();
    assert.match(inspect(lock), /\{ free \}$/);
  });
}

test('Lock: taking it again', watchdog, async () => {
  const lock = new Lock();
  const guard = lock.acquire();
  assert.throws(() => lock.acquire(), { name: 'DeadlockError', code: 'HEDDLE_DEADLOCK' });
  assert.throws(() => lock.acquire(5), DeadlockError);
  assert.equal(lock.tryAcquire(), null);
  const order: string[] = [];
  const task = lock.acquireAsync().then((its) => {
    order.push('task');
    its.release();
  });
  await new Promise((resolve) => setImmediate(resolve));
  order.push('main');
  guard.release();
  await task;
  assert.deepEqual(order, ['main', 'task']);
  assert.equal(lock.locked, false);
  await assert.rejects(async () => {
    using _guard = lock.acquire();
    await lock.acquireAsync({ timeout: 1 });
  }, TimeoutError);
  assert.equal(lock.locked, false);
});

test('RLock: as often as one likes, for every task of the thread', watchdog, async () => {
  const lock = new RLock();
  const guards = [lock.acquire(), lock.acquire(0), lock.tryAcquire(), await lock.acquireAsync()];
  assert.equal(lock.depth, 4);
  assert.ok((await spawn(failureOf, lock, 'release').joinAsync()) instanceof OwnershipError);
  for (const [left, guard] of [...guards.entries()].reverse()) {
    guard?.release();
    assert.equal(lock.depth, left);
    assert.equal(lock.locked, left > 0);
  }
  assert.throws(() => lock.release(), OwnershipError);
});

// --- RWLock ----------------------------------------------------------------------------------------------------

test('RWLock: readers share, writers do not, and nobody upgrades', watchdog, async () => {
  const lock = new RWLock();
  const readers = [lock.read(), lock.read(0), await lock.readAsync(), lock.tryRead()];
  assert.deepEqual([lock.readers, lock.writing], [4, false]);
  assert.equal(lock.tryWrite(), null);
  assert.throws(() => lock.write(), { name: 'DeadlockError', code: 'HEDDLE_DEADLOCK' });
  for (const guard of readers) guard?.release();
  for (const guard of readers) guard?.release();
  assert.deepEqual([lock.readers, lock.writing], [0, false]);
  const writer = lock.write();
  assert.deepEqual([lock.readers, lock.writing], [0, true]);
  assert.throws(() => lock.write(), DeadlockError);
  assert.throws(() => lock.read(), DeadlockError);
  assert.equal(lock.tryRead(), null);
  assert.equal(lock.tryWrite(), null);
  writer.release();
  writer.release();
  lock.write(0).release();
});

test('RWLock: a reader that comes after a waiting writer waits behind it', watchdog, async () => {
  const lock = new RWLock();
  const [held, release] = [new Event(), new Event()];
  const reader = spawn(holdReadUntil, lock, held, release);
  await held.waitAsync();
  const writer = spawn(waitOnce, 'RWLock.write', 'blocking', lock);
  await untilWaiting(lock, 1);
  assert.equal(lock.tryRead(), null);
  assert.throws(() => lock.read(0), TimeoutError);
  await assert.rejects(lock.readAsync({ timeout: 1 }), TimeoutError);
  release.set();
  for (const thread of [reader, writer]) await thread.joinAsync();
  lock.read(0).release();
});

test('RWLock: reading again while a writer waits would never end', watchdog, async () => {
  const lock = new RWLock();
  const guard = lock.read();
  const writer = spawn(waitOnce, 'RWLock.write', 'blocking', lock);
  await untilWaiting(lock, 1);
  assert.throws(() => lock.read(), DeadlockError);
  guard.release();
  await writer.joinAsync();
});

test('RWLock: a writer that gives up lets the readers behind it go', watchdog, async () => {
  const lock = new RWLock();
  const [held, release] = [new Event(), new Event()];
  const reader = spawn(holdReadUntil, lock, held, release);
  await held.waitAsync();
  const controller = new AbortController();
  const writing = lock.writeAsync({ signal: controller.signal });
  await untilWaiting(lock, 1);
  const second = spawn(waitOnce, 'RWLock.read', 'blocking', lock);
  await untilWaiting(lock, 2);
  controller.abort();
  await assert.rejects(writing, { name: 'AbortError' });
  assert.equal(await second.joinAsync(), 'guard');
  release.set();
  await reader.joinAsync();
});

// --- Semaphore -------------------------------------------------------------------------------------------------

for (const Class of [Semaphore, BoundedSemaphore]) {
  test(`${Class.name}: counts permits`, () => {
    assert.equal(new Class().value, 1);
    const semaphore = new Class(3);
    const guards = [semaphore.acquire(), semaphore.acquire(0), semaphore.tryAcquire()];
    assert.equal(semaphore.value, 0);
    assert.equal(semaphore.tryAcquire(), null);
    for (const guard of [...guards, ...guards]) guard?.release();
    assert.equal(semaphore.value, 3);
    for (const wrong of [-1, 1.5, NaN, Infinity, 2 ** 40]) {
      assert.throws(() => new Class(wrong), RangeError);
      assert.throws(() => semaphore.release(wrong), RangeError);
    }
    assert.throws(() => semaphore.release(0), RangeError);
    assert.throws(() => new Class('3' as never), TypeError);
    assert.throws(() => semaphore.release('1' as never), TypeError);
    assert.equal(semaphore.value, 3);
    assert.equal(new Class(0).value, 0);
    assert.ok(semaphore instanceof Semaphore);
  });

  test(`${Class.name}: release(n) lets in exactly n`, watchdog, async () => {
    const semaphore = new Class(4);
    const taken = [1, 2, 3, 4].map(() => semaphore.acquire());
    assert.equal(taken.length, 4);
    const granted = new Atomic('i32');
    const tasks = [1, 2, 3, 4].map(() => semaphore.acquireAsync().then(() => granted.add(1)));
    assert.equal(semaphore.stats().waiting, 4);
    semaphore.release(3);
    assert.equal(semaphore.stats().waiting, 1);
    assert.equal(semaphore.tryAcquire(), null, 'nobody takes a permit past an awaited waiter');
    semaphore.release();
    await Promise.all(tasks);
    assert.deepEqual([granted.load(), semaphore.value], [4, 0]);
  });

  test(
    `${Class.name}: who takes permits all the time does not keep a blocked thread out`,
    watchdog,
    async () => {
      const semaphore = new Class(1);
      const held = semaphore.acquire();
      const threads = [1, 2, 3].map(() => spawn(waitOnce, 'Semaphore.acquire', 'blocking', semaphore));
      await untilWaiting(semaphore, 3);
      held.release();
      while (semaphore.stats().waiting > 0) semaphore.tryAcquire()?.release();
      for (const thread of threads) assert.equal(await thread.joinAsync(), 'guard');
      assert.deepEqual([semaphore.value, semaphore.stats().waiting], [1, 0]);
    },
  );

  test(`${Class.name}: a release wakes blocked and awaiting waiters of one line`, watchdog, async () => {
    const semaphore = new Class(4);
    const taken = [1, 2, 3, 4].map(() => semaphore.acquire());
    const blocked = [];
    const awaited = [];
    for (let pairs = 1; pairs <= 2; pairs++) {
      blocked.push(spawn(waitOnce, 'Semaphore.acquire', 'blocking', semaphore));
      await untilWaiting(semaphore, 2 * pairs - 1);
      awaited.push(semaphore.acquireAsync());
    }
    semaphore.release(taken.length);
    await Promise.all([...blocked.map((thread) => thread.joinAsync()), ...awaited]);
    // The threads have given theirs back.
    assert.deepEqual([semaphore.value, semaphore.stats().waiting], [2, 0]);
  });
}

test('BoundedSemaphore: refuses more permits than it started with, also for waiters', watchdog, async () => {
  const semaphore = new BoundedSemaphore(2, { name: 'pool' });
  assert.throws(() => semaphore.release(), {
    name: 'RangeError',
    message:
      'this BoundedSemaphore started with 2 permits and would have 3: it was released more often than acquired',
  });
  semaphore.acquire();
  assert.throws(() => semaphore.release(2), RangeError);
  assert.equal(semaphore.value, 1);
  semaphore.release();
  assert.equal(semaphore.value, 2);
  // The bound travels with the handle.
  const error = await spawn(failureOf, semaphore, 'release').joinAsync();
  assert.ok(error instanceof RangeError);
  // An unbounded one has its limit too.
  const most = new Semaphore(2 ** 29 - 1);
  assert.throws(() => most.release(), RangeError);
  assert.equal(most.value, 2 ** 29 - 1);
});

// --- Condition -------------------------------------------------------------------------------------------------

test('Condition: needs a lock of heddle, held', watchdog, async () => {
  for (const wrong of [
    {},
    null,
    5,
    new Semaphore(),
    new RWLock(),
    new Event(),
    { acquire() {}, release() {} },
  ]) {
    assert.throws(() => new Condition(wrong as never), {
      name: 'TypeError',
      message: 'a Condition needs a Lock or an RLock of heddle',
    });
  }
  const condition = new Condition(undefined, { name: 'filled' });
  assert.ok(condition.lock instanceof RLock);
  assert.equal(condition.lock.name, 'lock of filled');
  const refused = (what: string): object =>
    own(
      `Condition "filled": ${what} needs the condition's lock, which this thread does not hold. ` +
        'Acquire condition.lock first',
    );
  assert.throws(() => condition.wait(), refused('wait'));
  assert.throws(() => condition.waitFor(() => true), refused('wait'));
  await assert.rejects(condition.waitAsync(), refused('wait'));
  await assert.rejects(
    condition.waitForAsync(() => true),
    refused('wait'),
  );
  assert.throws(() => condition.notify(), refused('notify'));
  assert.throws(() => condition.notifyAll(), refused('notify'));
  using _guard = condition.lock.acquire();
  condition.notify(); // nobody waits: nothing happens
  for (const wrong of [0, -1, 1.5, NaN]) assert.throws(() => condition.notify(wrong), RangeError);
  assert.throws(() => condition.notify('1' as never), TypeError);
  const error = await spawn(failureOf, condition, 'notify').joinAsync();
  assert.ok(error instanceof OwnershipError, 'held by another thread is not held');
});

test('Condition: notify(n) wakes exactly the n that have waited longest', watchdog, async () => {
  const condition = new Condition();
  const woken: number[] = [];
  const tasks = [];
  for (let place = 0; place < 6; place++) {
    tasks.push(
      (async () => {
        using _guard = await condition.lock.acquireAsync();
        await condition.waitAsync();
        woken.push(place);
      })(),
    );
    await untilWaiting(condition, place + 1);
  }
  for (const [n, expected] of [
    [1, [0]],
    [3, [0, 1, 2, 3]],
    [99, [0, 1, 2, 3, 4, 5]],
  ] as const) {
    using guard = condition.lock.acquire();
    condition.notify(n);
    guard.release();
    await untilWaiting(condition, 6 - expected.length);
    await untilWaiting(condition.lock, 0);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(woken, expected);
  }
  await Promise.all(tasks);
});

test('Condition: a wait gives back all of an RLock and takes all of it again', watchdog, async () => {
  const condition = new Condition(new RLock());
  const lock = condition.lock as RLock;
  const guards = [lock.acquire(), lock.acquire(), lock.acquire()];
  assert.throws(() => condition.wait(1), TimeoutError);
  assert.equal(lock.depth, 3);
  const waiting = condition.waitAsync();
  assert.deepEqual([lock.depth, lock.locked], [0, false]);
  assert.ok((await spawn(failureOf, condition, 'notify').joinAsync()) instanceof OwnershipError);
  const level = sharedArray('i32', 1);
  await spawn(changeSilently, condition, level).joinAsync();
  {
    using _guard = lock.acquire();
    condition.notifyAll();
  }
  await waiting;
  assert.equal(lock.depth, 3);
  for (const guard of guards) guard.release();
  assert.equal(lock.locked, false);
});

test('Condition: waitFor looks a last time when the time is over', watchdog, async () => {
  const condition = new Condition();
  using _guard = condition.lock.acquire();
  let calls = 0;
  condition.waitFor(() => ++calls === 2, 1); // nobody notifies
  assert.equal(calls, 2);
  await condition.waitForAsync(() => ++calls === 4, { timeout: 1 });
  assert.equal(calls, 4);
  assert.throws(() => condition.waitFor(() => false, 0), TimeoutError);
  await assert.rejects(
    condition.waitForAsync(() => false, { timeout: 5 }),
    TimeoutError,
  );
  condition.waitFor(() => true, 0);
  assert.throws(() => condition.waitFor(() => assert.fail('predicate')), { message: 'predicate' });
  assert.throws(() => condition.waitFor('x' as never), TypeError);
  assert.equal(condition.lock.locked, true);
});

// --- Event -------------------------------------------------------------------------------------------------------

test('Event: set and clear at once free everyone who waited', watchdog, async () => {
  const event = new Event();
  const threads = [1, 2, 3].map(() => spawn(waitOnce, 'Event.wait', 'blocking', event));
  const tasks = [event.waitAsync(), event.waitAsync()];
  await untilWaiting(event, 5);
  event.set();
  event.clear();
  assert.equal(event.isSet, false);
  await Promise.all([...threads.map((thread) => thread.joinAsync()), ...tasks]);
  assert.throws(() => event.wait(0), TimeoutError);
  event.set();
  event.set();
  event.wait();
  assert.equal(event.isSet, true);
});

// --- Barrier -----------------------------------------------------------------------------------------------------

test('Barrier: one party, and what it refuses', watchdog, async () => {
  const barrier = new Barrier(1);
  assert.deepEqual(
    [barrier.wait(), await barrier.waitAsync(), barrier.parties, barrier.waiting],
    [0, 0, 1, 0],
  );
  for (const wrong of [0, -1, 1.5, NaN, Infinity]) assert.throws(() => new Barrier(wrong), RangeError);
  assert.throws(() => new Barrier('2' as never), TypeError);
  assert.throws(() => new Barrier(2, { timeout: -1 }), RangeError);
  assert.throws(() => new Barrier(2, { timeout: '1' as never }), TypeError);
  const captured = new Event();
  assert.throws(
    () =>
      new Barrier(2, {
        action: () => {
          captured.set();
        },
      }),
    { name: 'TargetError' },
  );
});

for (const form of modes) {
  test(`Barrier: rounds and rounds, ${form}, each with its action`, watchdog, async () => {
    const [parties, times] = [4, 50];
    const barrier = new Barrier(parties, { action: countRound });
    const counter = new Atomic('i32');
    const indices = sharedArray('i32', parties);
    const threads = Array.from({ length: parties }, () =>
      form === 'blocking'
        ? spawn(meet, barrier, times, counter, indices)
        : spawn(meetAsync, barrier, times, counter, indices),
    );
    for (const thread of threads) await thread.joinAsync();
    assert.equal(counter.load(), times);
    assert.deepEqual([...indices], [times, times, times, times]);
  });
}

test(
  'Barrier: its action throws in the thread that runs it, and breaks it for the others',
  watchdog,
  async () => {
    const barrier = new Barrier(3, { action: throwInAction, name: 'gate' });
    const threads = [1, 2].map(() => spawn(waitOnce, 'Barrier.wait', 'blocking', barrier));
    await untilWaiting(barrier, 2);
    assert.throws(() => barrier.wait(), { name: 'RangeError', message: 'no more rounds' });
    for (const thread of threads) await assert.rejects(thread.joinAsync(), BrokenBarrierError);
    await assert.rejects(barrier.waitAsync(), { name: 'BrokenBarrierError', code: 'HEDDLE_BROKEN_BARRIER' });
    assert.equal(barrier.broken, true);
    barrier.reset();
    assert.equal(barrier.broken, false);
  },
);

test('Barrier: its own timeout, abort and reset', watchdog, async () => {
  const barrier = new Barrier(2, { timeout: 5 });
  assert.throws(() => barrier.wait(), TimeoutError);
  assert.equal(barrier.broken, true);
  assert.throws(() => barrier.wait(), BrokenBarrierError);
  barrier.reset();
  await assert.rejects(barrier.waitAsync(), TimeoutError);
  barrier.reset();
  assert.throws(() => barrier.wait(0), TimeoutError);
  barrier.reset();

  for (const end of ['abort', 'reset'] as const) {
    const other = new Barrier(3);
    const thread = spawn(waitOnce, 'Barrier.wait', 'blocking', other);
    const task = assert.rejects(other.waitAsync(), BrokenBarrierError);
    assert.ok(other.waiting >= 1, 'an awaited arrival has arrived when waitAsync returns');
    await untilWaiting(other, 2);
    other[end]();
    await assert.rejects(thread.joinAsync(), BrokenBarrierError);
    await task;
    assert.equal(other.broken, end === 'abort');
  }
});

test('Barrier: who comes during the action and gives up does not break the round', watchdog, async () => {
  const barrier = new Barrier(2, { action: lingerInAction });
  const [entered, leave] = [new Event(), new Event()];
  const first = spawn(waitOnce, 'Barrier.wait', 'blocking', barrier);
  await untilWaiting(barrier, 1);
  const last = spawn(meetAndLinger, barrier, entered, leave);
  await entered.waitAsync();
  assert.throws(() => barrier.wait(0), TimeoutError);
  assert.throws(() => barrier.wait(2), TimeoutError);
  await assert.rejects(barrier.waitAsync({ timeout: 0 }), TimeoutError);
  await assert.rejects(barrier.waitAsync({ timeout: 2 }), TimeoutError);
  const controller = new AbortController();
  const gone = barrier.waitAsync({ signal: controller.signal });
  controller.abort(new Error('gone'));
  await assert.rejects(gone, { message: 'gone' });
  const next = barrier.waitAsync(); // belongs to the next round
  leave.set();
  assert.deepEqual([await first.joinAsync(), await last.joinAsync()], [0, 1]);
  assert.equal(barrier.broken, false);
  await untilWaiting(barrier, 1);
  assert.equal(await spawn(meetAndLinger, barrier, entered, leave).joinAsync(), 1);
  assert.equal(await next, 0);
});

// --- Latch ---------------------------------------------------------------------------------------------------------

test('Latch: counts down to zero and stays there', () => {
  const latch = new Latch(3);
  latch.countDown();
  latch.countDown(1);
  assert.equal(latch.count, 1);
  assert.throws(() => latch.wait(0), TimeoutError);
  for (const wrong of [0, -1, 0.5, NaN]) assert.throws(() => latch.countDown(wrong), RangeError);
  assert.throws(() => latch.countDown('1' as never), TypeError);
  latch.countDown(100);
  assert.equal(latch.count, 0);
  latch.countDown();
  latch.wait();
  new Latch(0).wait();
  for (const wrong of [-1, 0.5, NaN, Infinity]) assert.throws(() => new Latch(wrong), RangeError);
  assert.throws(() => new Latch('1' as never), TypeError);
});

// --- Once ----------------------------------------------------------------------------------------------------------

test('Once: exactly one thread runs init, and all get the same object', watchdog, async () => {
  const once = new Once<Event>();
  const runs = new Atomic('i32');
  const threads = Array.from({ length: 8 }, () => spawn(initialise, once, runs, 3));
  const outcomes = await Promise.allSettled(threads.map((thread) => thread.joinAsync()));
  const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
  assert.equal(failed.length, 3);
  for (const { reason } of failed) assert.ok(reason instanceof RangeError);
  assert.equal(runs.load(), 4);
  const value = once.run(() => assert.fail('it was run'));
  assert.equal(value.name, 'made once');
  for (const outcome of outcomes) if (outcome.status === 'fulfilled') assert.equal(outcome.value, value);
});

test('Once: an init that runs itself, fails, or gives what cannot cross', watchdog, async () => {
  const once = new Once<unknown>();
  assert.throws(() => once.run(() => once.run(() => 1)), DeadlockError);
  assert.throws(() => once.run(() => assert.fail('first')), { message: 'first' });
  await assert.rejects(
    once.runAsync(() => Promise.reject(new EvalError('second'))),
    EvalError,
  );
  assert.throws(() => once.run(() => () => 1), { name: 'CloneError', path: 'result' });
  assert.throws(() => once.run('x' as never), TypeError);
  await assert.rejects(once.runAsync(undefined as never), TypeError);
  assert.equal(once.done, false);
  assert.equal(await once.runAsync(async () => undefined), undefined);
  assert.equal(once.done, true);
  assert.equal(
    once.run(() => 5),
    undefined,
  );
});

// --- Atomic and sharedArray ------------------------------------------------------------------------------------

test('Atomic: values of each kind, and values of none', async () => {
  const cases: [AtomicKind, unknown[], unknown[]][] = [
    ['i32', [0, -(2 ** 31), 2 ** 31 - 1], [2 ** 31, 0.5, NaN, 1n, '1', true]],
    ['u32', [0, 2 ** 32 - 1], [-1, 2 ** 32, 0.5, NaN, 1n]],
    ['i64', [0n, -(2n ** 63n), 2n ** 63n - 1n], [2n ** 63n, 1, '1']],
    ['f64', [0, -0, 0.1, NaN, -Infinity, Number.MIN_VALUE], [1n, '1', true]],
    ['bool', [true, false], [1, 0, 'true']],
  ];
  for (const [kind, good, bad] of cases) {
    const atomic = new Atomic(kind);
    assert.equal(atomic.kind, kind);
    assert.equal(atomic.load(), kind === 'bool' ? false : kind === 'i64' ? 0n : 0);
    for (const value of good as never[]) {
      const old = atomic.exchange(value);
      assert.ok(Object.is(atomic.load(), value));
      assert.ok(Object.is(new Atomic(kind, value).load(), value));
      assert.ok(Object.is(atomic.compareExchange(value, old), value));
      assert.ok(Object.is(atomic.load(), old));
      assert.ok(Object.is(await spawn(echo, value).joinAsync(), value));
      atomic.store(value);
    }
    for (const value of bad as never[]) {
      const refused = { name: 'RangeError', message: / is no value of an Atomic of kind / };
      assert.throws(() => new Atomic(kind, value), refused);
      assert.throws(() => atomic.store(value), refused);
      assert.throws(() => atomic.exchange(value), refused);
      assert.throws(() => atomic.compareExchange(value, value), refused);
      assert.throws(() => atomic.update(() => value), refused);
      if (kind !== 'bool') assert.throws(() => atomic.add(value), refused);
    }
    assert.ok(Object.is(atomic.load(), good.at(-1)));
    assert.throws(() => atomic.update(5 as never), TypeError);
    assert.throws(() => atomic.update(() => assert.fail('in fn')), { message: 'in fn' });
  }
  assert.throws(() => new Atomic('i8' as never), TypeError);
  assert.throws(() => new Atomic('bool').add(true), RangeError);
  assert.throws(() => new Atomic('bool').sub(true), RangeError);
});

test('Atomic: arithmetic wraps as the kind does and returns the old value', () => {
  const i32 = new Atomic('i32', 2 ** 31 - 1);
  assert.deepEqual([i32.add(1), i32.load()], [2 ** 31 - 1, -(2 ** 31)]);
  assert.deepEqual([i32.sub(1), i32.load()], [-(2 ** 31), 2 ** 31 - 1]);
  assert.deepEqual([i32.sub(-(2 ** 31)), i32.load()], [2 ** 31 - 1, -1]);
  const u32 = new Atomic('u32');
  assert.deepEqual([u32.sub(1), u32.load(), u32.add(2), u32.load()], [0, 2 ** 32 - 1, 2 ** 32 - 1, 1]);
  const i64 = new Atomic('i64', 2n ** 63n - 1n);
  assert.deepEqual([i64.add(1n), i64.load()], [2n ** 63n - 1n, -(2n ** 63n)]);
  assert.deepEqual([i64.sub(-(2n ** 63n)), i64.load()], [-(2n ** 63n), 0n]);
  const f64 = new Atomic('f64', 0.1);
  assert.deepEqual([f64.add(0.2), f64.load()], [0.1, 0.1 + 0.2]);
  assert.equal(
    f64.update((value) => value * 2),
    (0.1 + 0.2) * 2,
  );
  f64.store(NaN);
  assert.deepEqual([f64.compareExchange(NaN, 1), f64.load()], [NaN, 1]);
});

test('sharedArray: zeros, in memory of its own that crosses as it is', watchdog, async () => {
  const types: ScalarType[] = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64', 'f32', 'f64'];
  for (const type of types) {
    const array = sharedArray(type, 5);
    assert.equal(array.length, 5);
    assert.ok(array.buffer instanceof SharedArrayBuffer);
    assert.equal(array.buffer.byteLength, array.byteLength);
    assert.ok([...array].every((value) => Number(value) === 0));
    const back = (await spawn(echo, array.subarray(1, 3)).joinAsync()) as typeof array;
    assert.equal(back.buffer, array.buffer);
    assert.deepEqual([back.byteOffset, back.length], [array.BYTES_PER_ELEMENT, 2]);
  }
  assert.equal(sharedArray('u8', 0).length, 0);
  for (const wrong of [-1, 1.5, NaN, Infinity]) assert.throws(() => sharedArray('u8', wrong), RangeError);
  assert.throws(() => sharedArray('u8', '1' as never), TypeError);
  for (const wrong of ['i128', 'toString', undefined]) {
    assert.throws(() => sharedArray(wrong as never, 1), TypeError);
  }
});

// --- all of them ---------------------------------------------------------------------------------------------------

function oneOfEach() {
  return {
    Lock: new Lock({ name: 'x' }),
    RLock: new RLock({ name: 'x' }),
    RWLock: new RWLock({ name: 'x' }),
    Semaphore: new Semaphore(2, { name: 'x' }),
    BoundedSemaphore: new BoundedSemaphore(2, { name: 'x' }),
    Condition: new Condition(undefined, { name: 'x' }),
    Event: new Event({ name: 'x' }),
    Barrier: new Barrier(2, { name: 'x' }),
    Latch: new Latch(3, { name: 'x' }),
    Once: new Once({ name: 'x' }),
    Queue: new Queue({ name: 'x' }),
  };
}

test('every primitive prints as what it is and does, and has frozen statistics', () => {
  const printed = Object.values(oneOfEach()).map((handle) =>
    inspect({ a: { b: { handle } } }, { breakLength: Infinity }),
  );
  assert.deepEqual(
    printed.map((line) => /handle: (.*?) \} \} \}$/.exec(line)?.[1]),
    [
      'Lock "x" { free }',
      'RLock "x" { free }',
      'RWLock "x" { 0 reading }',
      'Semaphore "x" { 2 free }',
      'BoundedSemaphore "x" { 2 free }',
      'Condition "x" { 0 waiting }',
      'Event "x" { not set }',
      'Barrier "x" { 0 of 2 waiting }',
      'Latch "x" { count 3 }',
      'Once "x" { not run }',
      'Queue "x" { 0 items }',
    ],
  );
  assert.equal(inspect(new Atomic('i64', 5n, { name: 'x' })), 'Atomic "x" { i64 5 }');
  for (const handle of Object.values(oneOfEach())) {
    const stats = handle.stats();
    assert.ok(Object.isFrozen(stats));
    assert.deepEqual(
      {
        name: stats.name,
        waiting: stats.waiting,
        waits: stats.waits,
        time: stats.waitTime,
        most: stats.longestWait,
      },
      { name: 'x', waiting: 0, waits: 0, time: 0, most: 0 },
    );
  }
});

test('statistics count the waits that had to wait', watchdog, async () => {
  const lock = new Lock();
  const guard = lock.acquire();
  const thread = spawn(waitOnce, 'Lock.acquire', 'blocking', lock);
  await untilWaiting(lock, 1);
  const before = lock.stats();
  assert.deepEqual([before.waiting, before.waits], [1, 0]);
  guard.release();
  await thread.joinAsync();
  const after = lock.stats();
  assert.deepEqual([after.waiting, after.waits, before.waits], [0, 1, 0]);
  assert.ok(after.waitTime > 0 && after.longestWait === after.waitTime);
  lock.acquire().release();
  assert.equal(lock.stats().waits, 1);
});

test('the default name is the class and the line that made it', () => {
  for (const handle of [
    new Lock(),
    new Event(),
    new Latch(1),
    new Barrier(2),
    new Once(),
    new Atomic('i32'),
  ]) {
    assert.match(
      handle.name,
      new RegExp(`^${handle.constructor.name} \\(sync/primitives\\.test\\.[jt]s:\\d+:\\d+\\)$`),
    );
  }
  for (const wrong of [5, null, {}]) assert.throws(() => new Lock({ name: wrong as never }), TypeError);
  for (const wrong of [null, 5, 'x']) assert.throws(() => new Lock(wrong as never), TypeError);
  assert.equal(new Lock({ name: '' }).name, '');
});

test('a handle that was disposed of is of no use, and others stay good', watchdog, async () => {
  const kept = everything();
  const copies = (await spawn(echo, kept).joinAsync()) as typeof kept;
  assert.equal(copies.lock, kept.lock);
  for (const handle of Object.values(oneOfEach())) {
    if (handle instanceof Queue) continue; // disposing of a queue shuts it down
    handle[Symbol.dispose]();
    handle[Symbol.dispose]();
    assert.equal(inspect(handle), `${handle.constructor.name} { disposed }`);
    assert.throws(() => handle.stats(), { name: 'DisposedError', code: 'HEDDLE_DISPOSED' });
    assert.throws(() => handle.name, DisposedError);
    assert.throws(() => spawn(echo, handle), DisposedError);
    const calls = handle as unknown as Record<string, (arg?: unknown) => unknown>;
    for (const method of Object.getOwnPropertyNames(Object.getPrototypeOf(handle))) {
      if (/^(constructor|describeState|lock)$/.test(method)) continue;
      const call = async (): Promise<unknown> => calls[method]?.(() => 1);
      await assert.rejects(
        call,
        (error) => error instanceof DisposedError || error instanceof TypeError,
        method,
      );
    }
  }
  assert.throws(() => new Condition(disposedLock()), DisposedError);
});

function disposedLock(): Lock {
  const lock = new Lock();
  lock[Symbol.dispose]();
  return lock;
}

test('a method that was passed on without its object says so', () => {
  const victims: [object, string][] = Object.values(oneOfEach()).flatMap((handle) =>
    ['acquire', 'release', 'set', 'wait', 'read', 'write', 'countDown', 'notify', 'stats', 'get', 'abort']
      .filter((method) => method in handle)
      .map((method) => [handle, method] as [object, string]),
  );
  assert.ok(victims.length > 20);
  for (const [handle, method] of victims) {
    const torn = (handle as Record<string, (this: unknown) => unknown>)[method];
    assert.throws(() => torn?.call({}), TypeError, `${handle.constructor.name}.${method}`);
  }
  assert.throws(() => Event.prototype.set.call(new Map() as never), {
    name: 'TypeError',
    message:
      'a method of heddle was called on a Map: pass a function that calls it, such as () => event.set()',
  });
});

test(
  'handles travel, alone and nested, and are the same object wherever they meet again',
  watchdog,
  async () => {
    const lock = new Lock();
    const nested = {
      list: [lock, lock],
      map: new Map([
        ['lock', lock],
        ['other', new Lock()],
      ]),
      condition: new Condition(lock),
    };
    assert.deepEqual(await spawn(areSame, lock, nested).joinAsync(), [true, true, true, true, true]);
    const back = (await spawn(echo, nested).joinAsync()) as typeof nested;
    assert.notEqual(back, nested);
    assert.equal(back.list[0], lock);
    assert.equal(back.map.get('lock'), lock);
    assert.equal(back.condition, nested.condition);
    assert.equal(back.condition.lock, lock);
    for (const handle of Object.values(oneOfEach()))
      assert.equal(await spawn(echo, handle).joinAsync(), handle);
    const made = await spawn(everything).joinAsync();
    assert.equal(made.condition.lock, made.lock);
    assert.equal(made.lock.name, 'a lock');
    assert.equal(made.atomic.add(1n), 5n);
    made.latch.countDown(2);
    made.latch.wait(0);
    assert.equal(
      made.once.run(() => 7),
      7,
    );
    assert.notEqual(await spawn(me).joinAsync(), mainThread().id);
  },
);
