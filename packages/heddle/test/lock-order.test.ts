import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { configure, DeadlockError, Guarded, Lock, RLock, RWLock, spawn } from 'heddle';
import {
  awaitBoth,
  handOver,
  holdAcrossAwait,
  readBehind,
  readThenRead,
  readThenWrite,
  takeBoth,
  takeBothBehind,
  takeBothOften,
  takeGuarded,
  takeOneThenOther,
  takeSorted,
  takeThenTimed,
  takeThenTry,
  tryThenTake,
  withGuarded,
  writeBehind,
} from './fixtures/order-targets.js';

configure({ lockOrder: 'throw' });

/** Three locks with names of their own. */
function locks(of: string): [Lock, Lock, Lock] {
  return [new Lock({ name: `${of} a` }), new Lock({ name: `${of} b` }), new Lock({ name: `${of} c` })];
}

/** What a thread that is to be blamed fails with. */
function blamed(thread: { join(): unknown }): DeadlockError {
  let failure: unknown;
  try {
    thread.join();
  } catch (error) {
    failure = error;
  }
  assert.ok(failure instanceof DeadlockError, `a DeadlockError, not ${String(failure)}`);
  return failure;
}

test('an opposite order of two threads is found although nothing hangs, with both stacks', () => {
  const [a, b] = locks('pair');
  spawn(takeBoth, a, b).join();
  assert.throws(
    () => {
      takeBoth(b, a);
    },
    (error: DeadlockError) => {
      const report = error.report;
      assert.equal(report?.kind, 'lock-order');
      assert.equal(report.threads.length, 2);
      for (const { stack, waitsFor, holds } of report.threads) {
        assert.match(stack ?? '', /takeBoth .*order-targets/);
        assert.match(waitsFor?.site?.file ?? '', /order-targets/);
        assert.equal(waitsFor?.site?.function, 'takeBoth');
        assert.equal(holds.length, 1);
        assert.equal(holds[0]?.site?.line, waitsFor.site.line - 1);
      }
      assert.deepEqual(
        report.threads.map(({ waitsFor, holds }) => [holds[0]?.name, waitsFor?.name]),
        [
          ['pair b', 'pair a'],
          ['pair a', 'pair b'],
        ],
      );
      assert.match(error.message, /opposite orders/);
      assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
      return true;
    },
  );
  assert.equal(a.locked || b.locked, false);
  takeBoth(b, a); // told of once
});

test('what one thread does alone, and one order, are silent', () => {
  const [a, b] = locks('alone');
  takeBoth(a, b);
  takeBoth(b, a);
  const [c, d] = locks('same');
  for (const thread of [1, 2, 3].map(() => spawn(takeBothOften, c, d, 100))) thread.join();
  takeBoth(c, d);
});

test('a cycle of three is found; a chain of three is not one', () => {
  const [a, b, c] = locks('three');
  spawn(takeBoth, a, b).join();
  spawn(takeBoth, b, c).join();
  assert.equal(blamed(spawn(takeBoth, c, a)).report?.threads.length, 3);
  const [d, e, f] = locks('chain');
  spawn(takeBoth, d, e).join();
  spawn(takeBoth, e, f).join();
  spawn(takeBoth, d, f).join();
});

test('a common lock keeps opposite orders apart', () => {
  const [a, b, gate] = locks('gate');
  spawn(takeBothBehind, gate, a, b).join();
  spawn(takeBothBehind, gate, b, a).join();
  blamed(spawn(takeBoth, b, a)); // without it
});

test('reading a common lock keeps nothing apart, writing does', () => {
  const [a, b] = locks('read gate');
  const gate = new RWLock({ name: 'read gate' });
  spawn(readBehind, gate, a, b).join();
  spawn(writeBehind, gate, b, a).join();
  blamed(spawn(readBehind, gate, b, a));
});

test('a try and a wait with a timeout close no cycle, but what they took counts', () => {
  const [a, b] = locks('try');
  spawn(takeBoth, a, b).join();
  assert.equal(spawn(takeThenTry, b, a).join(), true);
  spawn(takeThenTimed, b, a).join();
  blamed(spawn(tryThenTake, b, a));
});

test('what was released before is not held', () => {
  const [a, b, c] = locks('released');
  spawn(takeBoth, a, b).join();
  spawn(takeOneThenOther, b, a).join();
  const [d, e, f] = locks('handed over');
  spawn(handOver, d, e, f).join(); // f while only e is held
  spawn(takeBoth, f, d).join();
  blamed(spawn(takeBoth, f, e));
  blamed(spawn(takeBoth, b, a));
  assert.equal(c.locked, false);
});

test('locks without a name are told apart, also those of one line', () => {
  const [a, b, c, d] = [1, 2, 3, 4].map(() => new Lock()) as [Lock, Lock, Lock, Lock];
  spawn(takeBoth, a, b).join();
  spawn(takeBoth, b, c).join();
  spawn(takeBoth, a, d).join();
  spawn(takeBoth, d, c).join();
  blamed(spawn(takeBoth, b, a));
});

test('locks with one name are a class for others, and instances among themselves', () => {
  const [a, b] = [1, 2].map(() => new Lock({ name: 'account' })) as [Lock, Lock];
  const log = new Lock({ name: 'log' });
  spawn(takeBoth, a, b).join();
  spawn(takeBoth, a, log).join();
  blamed(spawn(takeBoth, log, b));
  blamed(spawn(takeBoth, b, a));
});

test('order() states the order within a class', () => {
  const [a, b] = [1, 2].map((n) => new Lock({ name: 'level' }).order(n)) as [Lock, Lock];
  spawn(takeBoth, a, b).join();
  const { message } = blamed(spawn(takeBoth, b, a));
  assert.match(message, /of order 1, while it holds Lock "level", of order 2/);
  assert.throws(() => new RLock().order(0), RangeError);
  const c = new Lock({ name: 'other level' }).order(1);
  spawn(takeBoth, b, c).join(); // another class
});

test('reads on both sides are silent, a write on one is not', () => {
  const [a, b] = ['x', 'y'].map((name) => new RWLock({ name })) as [RWLock, RWLock];
  spawn(readThenRead, a, b).join();
  spawn(readThenRead, b, a).join();
  spawn(readThenWrite, a, b).join();
  blamed(spawn(readThenWrite, b, a));
});

test('a lock held across an await counts when the thread blocks; awaited acquisitions do not', () => {
  const [a, b] = locks('await');
  spawn(takeBoth, a, b).join();
  spawn(awaitBoth, b, a).join();
  blamed(spawn(holdAcrossAwait, b, a));
});

test('Guarded and RLock are locks too, and an RLock taken again is no order', () => {
  const lock = new Lock({ name: 'beside guarded' });
  const value = new Guarded({ n: 0 }, { name: 'guarded' });
  spawn(takeGuarded, lock, value).join();
  blamed(spawn(withGuarded, lock, value));
  const inner = new RLock();
  using _outer = inner.acquire();
  using _again = inner.acquire();
});

test('64 threads and 10,000 locks in a random sorted order are silent', () => {
  const all = Array.from({ length: 10_000 }, () => new Lock());
  let taken = 0;
  for (let round = 0; round < 8; round++) {
    const threads = Array.from({ length: 8 }, (_, i) => spawn(takeSorted, all, round * 8 + i + 1, 50));
    for (const thread of threads) taken += thread.join();
  }
  assert.equal(taken, 64 * 50);
});

test('with "report", threads go on, and each cycle is told of once', () => {
  const program = fileURLToPath(new URL('./fixtures/order-targets.js', import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
  assert.equal(stdout, 'done\n');
  assert.equal(status, 0);
  assert.equal(stderr.match(/opposite orders/g)?.length, 1, stderr);
  assert.equal(stderr.match(/taken at fixtures\/order-targets/g)?.length, 2, stderr);
});

test('bad modes, and beginning too late, are refused', () => {
  assert.throws(() => {
    configure({ lockOrder: 'loud' as 'off' });
  }, RangeError);
  configure({ lockOrder: 'off' });
  const [a, b] = locks('off');
  spawn(takeBoth, a, b).join();
  spawn(takeBoth, b, a).join();
  assert.throws(
    () => {
      configure({ lockOrder: 'throw' });
    },
    { code: 'HEDDLE_THREAD_STATE' },
  );
});
