/** Guarded: a value behind a lock. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  AbandonedLockError,
  CloneError,
  DeadlockError,
  DisposedError,
  Event,
  Guarded,
  OwnershipError,
  sharedArray,
  SharedMap,
  spawn,
  TimeoutError,
} from 'heddle';
import { type Account, countIn, dieWithin, pay, payLater, tryIt } from './fixtures/shared-targets.js';
import { errorOf, start, type Way, ways } from './fixtures/sync-deaths.js';
import { rounds, watchdog } from './fixtures/waiting.js';

const newAccount = (): Guarded<Account> => new Guarded<Account>({ balance: 0, log: [] });

test('with hands out a copy and stores what has become of it', () => {
  const first: Account = { balance: 1, log: [] };
  const account = new Guarded(first);
  let seen: Account | undefined;
  const result = account.with((it) => {
    seen = it;
    it.balance += 1;
    it.log.push('a');
    return 'done';
  });
  assert.equal(result, 'done');
  assert.notEqual(seen, first);
  assert.deepEqual(first, { balance: 1, log: [] });
  if (seen !== undefined) seen.balance = 100; // too late
  assert.deepEqual(
    account.with((it) => it),
    { balance: 2, log: ['a'] },
  );
  assert.equal(account.locked, false);
});

test('a guard stores what was assigned, and what was changed in place', () => {
  const count = new Guarded(1);
  {
    using guard = count.acquire();
    guard.value += 1;
    assert.equal(guard.value, 2);
    assert.equal(count.locked, true);
    assert.equal(count.owner?.name, 'main');
  }
  assert.equal(count.locked, false);
  assert.equal(count.owner, null);
  assert.equal(
    count.with((n) => n),
    2,
  );
  const list = new Guarded<number[]>([]);
  const guard = list.acquire();
  guard.value.push(1);
  guard.value = [...guard.value, 2];
  guard.release();
  guard.release();
  guard[Symbol.dispose]();
  assert.deepEqual(
    list.with((it) => it),
    [1, 2],
  );
  assert.throws(() => guard.value, OwnershipError);
  assert.throws(() => (guard.value = []), {
    name: 'OwnershipError',
    message: /was released: use its value only until then/,
  });
});

test('what throws in with leaves the value as it was; a guard stores what it has', () => {
  const account = newAccount();
  const broken = new EvalError('broken');
  const spoil = (it: Account): never => {
    it.balance = 99;
    throw broken;
  };
  assert.throws(() => account.with(spoil), broken);
  assert.equal(
    account.with((it) => it.balance),
    0,
  );
  assert.throws(() => {
    using guard = account.acquire();
    spoil(guard.value);
  }, broken);
  assert.equal(
    account.with((it) => it.balance),
    99,
  );
});

test('with refuses a promise, withAsync awaits it', async () => {
  const account = newAccount();
  assert.throws(
    () =>
      account.with(async (it) => {
        it.balance = 5;
        await Promise.resolve();
        throw new Error('nobody hears of this one');
      }),
    { name: 'TypeError', message: /use withAsync\(\)/ },
  );
  assert.equal(account.locked, false);
  assert.equal(
    account.with((it) => it.balance),
    0,
  );
  const result = await account.withAsync(async (it) => {
    it.balance = 6;
    await Promise.resolve();
    assert.equal(account.locked, true);
    it.balance += 1;
    return it.balance;
  });
  assert.equal(result, 7);
  assert.equal(account.locked, false);
  await assert.rejects(
    account.withAsync(async (it) => {
      it.balance = 8;
      await Promise.reject(new EvalError('later'));
    }),
    EvalError,
  );
  assert.equal(await account.withAsync((it) => it.balance), 7);
  const guard = await account.acquireAsync({ timeout: 1000 });
  guard.value.balance = 9;
  guard.release();
  assert.equal(
    account.with((it) => it.balance),
    9,
  );
  await assert.rejects(
    account.withAsync(() => 1, { signal: AbortSignal.abort(new EvalError()) }),
    EvalError,
  );
});

test('a value that cannot cross any more: the old one stays, and the lock is free', async () => {
  const value = new Guarded<{ n: number; f?: () => void }>({ n: 1 });
  const named = (error: unknown): boolean => error instanceof CloneError && error.path === 'value.f';
  const spoil = (it: { n: number; f?: () => void }): void => {
    it.n = 2;
    it.f = (): void => undefined;
  };
  assert.throws(() => value.with(spoil), named);
  await assert.rejects(value.withAsync(spoil), named);
  const guard = value.acquire();
  spoil(guard.value);
  assert.throws(() => guard.release(), named);
  guard.release();
  assert.equal(value.locked, false);
  assert.deepEqual(
    value.with((it) => it),
    { n: 1 },
  );
  assert.throws(() => new Guarded(() => 1), CloneError);
});

test('a value whose getter releases the guard, or uses the Guarded', () => {
  const value = new Guarded<unknown>(1);
  const guard = value.acquire();
  guard.value = {
    get sly(): number {
      guard.release();
      assert.throws(() => guard.value, OwnershipError);
      assert.throws(() => value.acquire(), DeadlockError);
      return 1;
    },
  };
  guard.release();
  assert.equal(value.locked, false);
  assert.deepEqual(
    value.with((it) => it),
    { sly: 1 },
  );
});

test('what is shared anyway is the same for all', () => {
  const words = sharedArray('i32', 2);
  const guarded = new Guarded(words);
  guarded.with((it) => (it[1] = 7));
  assert.equal(words[1], 7);
  assert.throws(() =>
    guarded.with((it) => {
      it[1] = 8;
      throw new EvalError();
    }),
  );
  assert.equal(words[1], 8);
  const inside = new Guarded({ words, n: 1 });
  inside.with((it) => {
    it.words[0] = 3;
    it.n = 2;
  });
  assert.equal(words[0], 3);
  const map = new SharedMap<string, number>([['a', 1]]);
  const handle = new Guarded(map);
  handle.with((it) => assert.equal(it, map));
  using guard = handle.acquire();
  assert.equal(guard.value, map);
  guard.value = new SharedMap<string, number>([['b', 2]]);
});

test('one at a time, on all threads', watchdog, async () => {
  const account = newAccount();
  const words = new Guarded(sharedArray('i32', 1));
  const times = rounds(500, 20_000);
  const threads = [
    spawn(pay, account, times),
    spawn(pay, account, times),
    spawn(payLater, account, times),
    spawn(countIn, words, times),
    spawn(countIn, words, times),
  ];
  await payLater(account, times);
  for (const thread of threads) await thread.joinAsync();
  assert.equal(
    account.with((it) => it.balance),
    times * 4,
  );
  assert.equal(
    words.with((it) => it[0]),
    times * 2,
  );
  assert.equal(account.stats().waiting, 0);
  assert.ok(Object.isFrozen(account.stats()));
});

test('waits end early, and a free one is taken at once', watchdog, async () => {
  const value = new Guarded('x', { name: 'the value' });
  {
    using _guard = value.acquire();
    assert.equal(spawn(tryIt, value).join(), 'held');
    assert.throws(() => value.with(() => 1), DeadlockError);
    assert.throws(() => value.acquire(0), DeadlockError);
    await assert.rejects(value.acquireAsync({ timeout: 0 }), TimeoutError);
    await assert.rejects(
      value.withAsync(() => 1, { timeout: 1 }),
      TimeoutError,
    );
    assert.match(String(value), /^Guarded "the value" \{ held by the main thread \}$/);
  }
  assert.equal(spawn(tryIt, value).join(), 'free: "x"');
  assert.throws(() => value.acquire(-1), RangeError);
  assert.throws(() => value.with(1 as never), TypeError);
  await assert.rejects(value.withAsync(1 as never), TypeError);
  assert.equal(value.recover(), null);
  assert.match(String(value), /\{ free \}$/);
  value[Symbol.dispose]();
  assert.throws(() => value.acquire(), DisposedError);
  assert.throws(() => value.with(() => 1), DisposedError);
});

describe('dying with a guard', watchdog, () => {
  for (const way of ways.filter((one) => !/later|awaited/.test(one))) {
    test(way, async () => {
      const account = newAccount();
      const [ready, go] = [new Event(), new Event()];
      const victim = start<[Guarded<Account>, Way, Event, Event]>(way, dieWithin, account, way, ready, go);
      await ready.waitAsync();
      const awaiting = account.withAsync((it) => it.balance);
      void awaiting.catch(() => undefined);
      go.set();
      if (way.startsWith('is terminated')) await victim.terminate();
      const expected = errorOf(way);
      if (expected === undefined) await victim.joinAsync();
      else await assert.rejects(victim.joinAsync(), expected);
      await assert.rejects(awaiting, AbandonedLockError);
      assert.throws(() => account.acquire(), AbandonedLockError);
      assert.throws(() => account.tryAcquire(), AbandonedLockError);
      assert.throws(() => account.with(() => 1), AbandonedLockError);
      // The value is as it was last released.
      const guard = account.recover();
      assert.equal(guard?.value.balance, 0);
      assert.equal(account.recover(), null);
      guard.value.balance = 3;
      guard.release();
      assert.equal(
        account.with((it) => it.balance),
        3,
      );
    });
  }
});
