/** Structs between threads. `HEDDLE_SOAK=1` makes a hundred million updates. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { AbandonedLockError, array, Barrier, Latch, Lock, Queue, spawn, struct } from 'heddle';
import * as targets from './fixtures/struct-targets.js';
import { heapUse, tidyHere } from './fixtures/leak-targets.js';
import { rounds, soak, watchdog } from './fixtures/waiting.js';

const { Account, Board } = targets;

test('updates under a lock add up exactly', { timeout: soak ? 1_800_000 : 60_000 }, () => {
  const account = new Account({ balance: 0.5 });
  const each = rounds(50_000, 25_000_000);
  for (const thread of [1, 2, 3, 4].map(() => spawn(targets.deposit, account, each))) thread.join();
  const times = 4 * each;
  assert.deepEqual([account.balance, account.hits, account.id], [times + 0.5, times, times]);
});

test('transfers between structs in an array lose nothing', watchdog, () => {
  const accounts = Account.array(50);
  for (const account of accounts) account.balance = 100;
  const threads = [11, 22, 33, 44].map((seed) =>
    spawn(targets.transfer, accounts, rounds(5000, 500_000), seed),
  );
  for (const thread of threads) thread.join();
  let total = 0;
  for (const { balance } of accounts) total += balance;
  assert.equal(total, 5000);
});

test('threads get the same memory, whole or in part, and a type of the same name', watchdog, () => {
  const board = new Board();
  const said = spawn(targets.writeParts, board.accounts.get(1), board.cells, board.accounts).join();
  assert.equal(said, 'Account true');
  assert.deepEqual(
    Array.from(board.accounts, ({ owner, balance }) => [owner, balance]),
    [
      ['Bo', 3],
      ['Ada', 0],
      ['', 7],
    ],
  );
  assert.equal(board.cells[1], 5);
  const made = spawn(targets.keepOne).join();
  assert.ok(made instanceof Account);
  assert.deepEqual([made.owner, made.balance], ['made in a thread', 1]);
  assert.equal(spawn((one: unknown) => one, board).join(), board);
});

test('a type that a thread does not know can be read all the same', watchdog, () => {
  const own = spawn(targets.unknownToMain).join();
  assert.equal(own.constructor.name, 'Own');
  assert.equal(own.secret, 42);
  own.lock.acquire().release();
  assert.equal(own.lock.name, 'Own.lock');
  const Own = struct({ secret: 'i32', lock: Lock }, { name: 'Own' });
  assert.ok(own instanceof Own, 'the schema comes later');
});

test('a lock that several threads use first is one lock', watchdog, () => {
  const accounts = Account.array(rounds(50, 2000));
  const all = new Barrier(4);
  const threads = [1, 2, 3, 4].map(() => spawn(targets.firstUse, accounts, all));
  const seen = threads.map((thread) => thread.join());
  for (let k = 0; k < accounts.length; k++) {
    const { lock, jobs } = accounts.get(k);
    for (const its of seen) assert.deepEqual([its[k]?.[0] === lock, its[k]?.[1] === jobs], [true, true]);
  }
});

test('what a field refers to can be replaced while others use it', watchdog, async () => {
  const account = new Account();
  const times = rounds(2000, 100_000);
  const replacers = [1, 2].map(() => spawn(targets.replaceLock, account, times));
  const users = [1, 2].map(() => spawn(targets.useLock, account, times));
  await Promise.all(replacers.map((thread) => thread.joinAsync()));
  const used = await Promise.all(users.map((thread) => thread.joinAsync()));
  assert.ok(used.every((count) => count > 0));
  assert.match(account.lock.name, /^lock \d+$/);
});

test('a struct whose owner died is abandoned with its lock', watchdog, async () => {
  const account = new Account();
  const ready = new Latch(1);
  const thread = spawn(targets.dieHalfWay, account, ready);
  ready.wait();
  await thread.terminate();
  assert.throws(() => account.lock.acquire(), AbandonedLockError);
  assert.equal(account.lock.recover(), true);
  assert.equal(account.balance, 1);
  account.lock.release();
});

test('typed arrays over a struct are seen by all', watchdog, () => {
  const boards = Board.array(4);
  const threads = Array.from(boards, (board, k) => spawn(targets.fillBoard, board, k + 1));
  for (const thread of threads) thread.join();
  for (const [k, board] of [...boards].entries()) {
    assert.deepEqual(new Set(board.cells), new Set([k + 1]));
    assert.ok(Array.from(board.accounts).every(({ balance }) => balance === k + 1));
  }
});

/** Bytes more that are in use after `action` ran for a second time. */
async function growth(action: () => Promise<void> | void): Promise<number> {
  await action();
  await tidyHere();
  const before = spawn(heapUse).join().used;
  await action();
  await tidyHere();
  return spawn(heapUse).join().used - before;
}

test('a thread that dies leaves no structs behind', watchdog, async () => {
  const kill = async (): Promise<void> => {
    const ready = new Latch(1);
    const thread = spawn(targets.churn, ready);
    ready.wait();
    await thread.terminate();
  };
  const grown = await growth(async () => {
    for (let round = 0; round < rounds(8, 200); round++) await kill();
  });
  // Death in the middle may leak a block each time, but not what the thread had made.
  assert.ok(grown < 64 * 1024, `${grown} bytes more are in use`);
});

test('a large array of structs whose only thread died is freed by the supervisor', watchdog, async () => {
  const grown = await growth(async () => {
    const ready = new Latch(1);
    const thread = spawn(targets.dieWithMany, ready);
    ready.wait();
    await thread.terminate();
  });
  assert.ok(grown < 64 * 1024, `${grown} bytes more are in use`);
});

test('the heap gives structs back when they are garbage', watchdog, async () => {
  const grown = await growth(() => {
    for (let k = 0; k < 1000; k++) {
      const account = new Account({ owner: 'x'.repeat(20) });
      account.lock.acquire().release();
      assert.equal(new Board().cells.length, 64);
    }
  });
  assert.ok(grown < 64 * 1024, `${grown} bytes more are in use`);
});

test('a struct is larger than a thread’s views of the heap were', watchdog, () => {
  const Page = struct({ numbers: array('f64', 100_000) });
  const queue = new Queue<InstanceType<typeof Page>>();
  const reader = spawn((pages: Queue<{ numbers: Float64Array }>) => {
    let total = 0;
    for (const page of pages) total += page.numbers[99_999] ?? NaN;
    return total;
  }, queue);
  const pages = Array.from({ length: 40 }, () => new Page());
  for (const page of pages) {
    page.numbers[99_999] = 1;
    queue.put(page);
  }
  queue.shutdown();
  assert.equal(reader.join(), 40);
});

test('structs work where code may not be made from texts', watchdog, () => {
  const program = `
    import { struct } from 'heddle';
    assert.throws(() => new Function(''), EvalError);
    const types = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'f32', 'f64'];
    const All = struct({ ...Object.fromEntries(types.map((type) => [type, type])), i64: 'i64', u64: 'u64', bool: 'bool' });
    const all = new All();
    for (const type of types) assert.equal((all[type] = 7), all[type]);
    all.i64 = -5n;
    all.u64 = 5n;
    all.bool = true;
    assert.deepEqual([all.i64, all.u64, all.bool], [-5n, 5n, true]);
    assert.throws(() => (all.u8 = -1), /Struct.u8 is of type u8/);
    assert.throws(() => (all.bool = 1), TypeError);
    console.log(Object.values(All.toObject(all)).join());
  `;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--disallow-code-generation-from-strings',
      '--input-type=module',
      '-e',
      `import assert from 'node:assert';${program}`,
    ],
    { encoding: 'utf8', cwd: import.meta.dirname },
  );
  assert.equal(stdout, '7,7,7,7,7,7,7,7,-5,5,true\n', stderr);
});
