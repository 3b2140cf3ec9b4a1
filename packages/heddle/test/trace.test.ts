import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  Condition,
  Event,
  Guarded,
  Lock,
  LifoQueue,
  PriorityQueue,
  Queue,
  RLock,
  RWLock,
  Semaphore,
  spawn,
  Thread,
  ThreadStateError,
} from 'heddle';
import { formatSummary, type LockSummary, startProfiling, type Summary, summary } from 'heddle/trace';
import { fail, releaseForeign, summaryHere, takeAll, takeOften, waitFor } from './fixtures/trace-targets.js';

/** The rows of one name. */
function named<R extends { readonly name: string }>(rows: readonly R[], name: string): R[] {
  return rows.filter((row) => row.name === name);
}

/** The only row of a name. */
function only<R extends { readonly name: string }>(rows: readonly R[], name: string): R {
  const found = named(rows, name);
  assert.equal(found.length, 1, name);
  return found[0]!;
}

/** Runs until another thread or task waits for `what`: the thread must not block, since it is to see that. */
function untilWaiting(what: { stats(): { readonly waiting: number } }): void {
  while (what.stats().waiting === 0);
}

const early = new Lock({ name: 'early' });

test('nothing is counted before profiling starts', () => {
  for (let i = 0; i < 10; i++) early.acquire().release();
  assert.equal(early.stats().acquisitions, 0);
  assert.equal(early.stats().holdTime, 0);
  assert.throws(() => summary(), {
    name: 'ThreadStateError',
    code: 'HEDDLE_THREAD_STATE',
    message:
      'nothing was measured: call startProfiling() before the first thread is started, or run the program with ' +
      '"heddle run"',
  });
});

test('profiling starts once, and includes what exists already', () => {
  const guard = early.acquire();
  startProfiling();
  startProfiling();
  guard.release(); // taken before: neither counted nor timed
  assert.deepEqual(only(summary().locks, 'early'), {
    kind: 'Lock',
    name: 'early',
    waits: 0,
    waitTime: 0,
    longestWait: 0,
    acquisitions: 0,
    holdTime: 0,
    longestHold: 0,
  });
  early.acquire().release();
  assert.equal(only(summary().locks, 'early').acquisitions, 1);
  assert.equal(only(summary().threads, 'main').state, 'running');
});

test('acquisitions of all threads are counted exactly', () => {
  const lock = new Lock({ name: 'counted' });
  const threads = [1, 2, 3, 4].map(() => spawn(takeOften, lock, 250));
  for (const thread of threads) thread.join();
  const row = only(summary().locks, 'counted');
  assert.equal(row.acquisitions, 1000);
  assert.equal(row.acquisitions, lock.stats().acquisitions);
  assert.equal(row.waits, lock.stats().waits);
  assert.ok(row.holdTime !== null && row.longestHold !== null);
  assert.ok(row.longestHold > 0 && row.longestHold <= row.holdTime);
  assert.ok(row.longestWait <= row.waitTime);
});

test('awaited and tried acquisitions count, failed ones do not', async () => {
  const lock = new Lock({ name: 'awaited' });
  (await lock.acquireAsync()).release();
  const guard = lock.tryAcquire();
  await assert.rejects(lock.acquireAsync({ timeout: 0 }));
  guard?.release();
  assert.equal(only(summary().locks, 'awaited').acquisitions, 2);
});

test('a Guarded is the lock that it has', () => {
  const guarded = new Guarded({ n: 1 }, { name: 'guarded' });
  guarded.with((it) => (it.n += 1));
  guarded.acquire().release();
  const row = only(summary().locks, 'guarded');
  assert.deepEqual([row.kind, row.acquisitions], ['Guarded', 2]);
  assert.ok(row.holdTime !== null && row.holdTime > 0);
  assert.equal(guarded.stats().acquisitions, 2);
});

test('an RLock counts from its outermost acquisition', () => {
  const lock = new RLock({ name: 'nested' });
  const outer = lock.acquire();
  lock.acquire().release();
  outer.release();
  assert.equal(only(summary().locks, 'nested').acquisitions, 1);
});

test('what several threads hold at one time is counted and not timed', () => {
  const sides = new RWLock({ name: 'sides' });
  const permits = new Semaphore(2, { name: 'permits' });
  sides.read().release();
  sides.read().release();
  sides.write().release();
  permits.acquire().release();
  const { locks } = summary();
  const told = ({ kind, acquisitions, holdTime, longestHold }: LockSummary): unknown[] => [
    kind,
    acquisitions,
    holdTime,
    longestHold,
  ];
  assert.deepEqual(told(only(locks, 'sides')), ['RWLock', 3, null, null]);
  assert.deepEqual(told(only(locks, 'permits')), ['Semaphore', 1, null, null]);
});

test('a lock that is held now has been held until now', () => {
  const lock = new Lock({ name: 'held now' });
  const guard = lock.acquire();
  const first = only(summary().locks, 'held now').holdTime ?? 0;
  let second = first;
  while (second === first) second = only(summary().locks, 'held now').holdTime ?? 0;
  assert.ok(second > first);
  guard.release();
  const last = only(summary().locks, 'held now');
  assert.ok((last.holdTime ?? 0) >= second);
  assert.equal(last.longestHold, last.holdTime);
  assert.equal(only(summary().locks, 'held now').holdTime, last.holdTime);
});

test('a thread that cannot release a lock does not end its hold', () => {
  const lock = new Lock({ name: 'not theirs' });
  const guard = lock.acquire();
  assert.equal(spawn(releaseForeign, lock).join(), true);
  assert.equal(lock.stats().holdTime, 0);
  guard.release();
  assert.ok(lock.stats().holdTime > 0);
  assert.equal(lock.stats().acquisitions, 1);
});

test('a condition takes its lock twice', () => {
  const condition = new Condition(new Lock({ name: 'of a condition' }), { name: 'never met' });
  const guard = condition.lock.acquire();
  assert.throws(() => condition.wait(1), { code: 'HEDDLE_TIMEOUT' });
  guard.release();
  assert.equal(only(summary().locks, 'of a condition').acquisitions, 2);
  const row = only(summary().others, 'never met');
  assert.equal(row.kind, 'Condition');
  assert.equal(row.waits, 1);
});

for (const Kind of [Queue, LifoQueue, PriorityQueue]) {
  test(`items that go through a ${Kind.name} are counted exactly`, () => {
    const queue = new Kind<number>({ name: `exact ${Kind.name}`, capacity: 8 });
    const thread = spawn(takeAll, queue);
    for (let i = 0; i < 100; i++) queue.put(i);
    queue.shutdown();
    assert.equal(thread.join(), 100);
    const row = only(summary().queues, `exact ${Kind.name}`);
    assert.deepEqual([row.kind, row.puts, row.gets, row.size, row.capacity], [Kind.name, 100, 100, 0, 8]);
    assert.ok(row.highWater >= 1 && row.highWater <= 8);

    const rest = new Kind<number>({ name: `rest of ${Kind.name}` });
    for (let i = 0; i < 10; i++) rest.put(i);
    for (let i = 0; i < 4; i++) rest.get();
    const { puts, gets, size, capacity, highWater } = only(summary().queues, `rest of ${Kind.name}`);
    assert.deepEqual([puts, gets, size, capacity, highWater], [10, 4, 6, null, 10]);
  });
}

test('threads stay in the summary with how they ended and how often they waited', async () => {
  const event = new Event({ name: 'bell' });
  const waits = new Thread(waitFor, [event], { name: 'waits' }).start();
  untilWaiting(event);
  event.set();
  waits.join();
  const fails = new Thread(fail, [], { name: 'fails', daemon: true }).start();
  assert.throws(() => fails.join(), { message: 'as expected' });
  const hangs = new Thread(waitFor, [new Event({ name: 'silent' })], { name: 'hangs' }).start();
  hangs.cancel();
  await assert.rejects(hangs.joinAsync(), { code: 'HEDDLE_CANCELLED' });
  const made = new Thread(waitFor, [event], { name: 'made' });
  assert.equal(made.state, 'new');

  const { threads, others } = summary();
  assert.equal(only(threads, 'waits').state, 'finished');
  assert.equal(only(threads, 'waits').waits, 1);
  assert.ok(only(threads, 'waits').waitTime <= only(threads, 'waits').runTime);
  assert.equal(only(threads, 'fails').state, 'failed');
  assert.equal(only(threads, 'fails').daemon, true);
  assert.equal(only(threads, 'hangs').state, 'cancelled');
  assert.deepEqual(only(threads, 'made'), {
    id: made.id,
    name: 'made',
    daemon: false,
    state: 'new',
    runTime: 0,
    waits: 0,
    waitTime: 0,
  });
  const bell = only(others, 'bell');
  assert.equal(bell.kind, 'Event');
  assert.equal(bell.waits, 1);
  assert.equal(bell.waitTime, bell.longestWait);
  const ids = threads.map(({ id }) => id);
  assert.deepEqual(
    ids,
    [...ids].sort((a, b) => a - b),
  );
});

test('an awaited wait counts for what was waited for, and blocks no thread', async () => {
  const event = new Event({ name: 'awaited bell' });
  const before = only(summary().threads, 'main').waits;
  const waiting = event.waitAsync();
  untilWaiting(event);
  event.set();
  await waiting;
  assert.equal(only(summary().others, 'awaited bell').waits, 1);
  assert.equal(only(summary().threads, 'main').waits, before);
});

test('what nobody has a handle to any more stays in the summary', async () => {
  for (let i = 0; i < 200; i++) {
    using lock = new Lock({ name: 'gone' });
    lock.acquire().release();
  }
  const { locks } = summary();
  assert.equal(named(locks, 'gone').length, 200);
  assert.ok(named(locks, 'gone').every(({ acquisitions }) => acquisitions === 1));

  putAndForget();
  // Garbage: its items are freed, and what went through it stays known.
  while (only(summary().queues, 'garbage').size !== 0) await collectGarbage();
  const { puts, gets, highWater } = only(summary().queues, 'garbage');
  assert.deepEqual([puts, gets, highWater], [3, 1, 2]);
});

function putAndForget(): void {
  const queue = new Queue({ name: 'garbage' });
  queue.put('x'.repeat(10_000));
  queue.get();
  queue.put(new Event({ name: 'in a queue' }));
  queue.put(2);
}

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Collects garbage, and lets handles go whose objects nobody uses. */
async function collectGarbage(): Promise<void> {
  gc();
  await new Promise((resolve) => setImmediate(resolve));
}

test('any thread may take the summary', () => {
  const there = spawn(summaryHere).join();
  assert.equal(only(there.locks, 'counted').acquisitions, 1000);
  assert.equal(only(there.threads, 'main').state, 'running');
});

test('a summary is frozen and survives JSON', () => {
  const whole = summary();
  assert.deepEqual(JSON.parse(JSON.stringify(whole)), whole);
  for (const part of [whole, whole.threads, whole.locks, whole.queues, whole.others]) {
    assert.ok(Object.isFrozen(part));
  }
  assert.ok([...whole.threads, ...whole.locks, ...whole.queues, ...whole.others].every(Object.isFrozen));
});

test('profiling cannot start once a thread has been started', () => {
  const file = fileURLToPath(new URL('../../test/fixtures/raw/trace-late.mjs', import.meta.url));
  const { stdout, status } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  assert.equal(status, 0);
  assert.equal(
    stdout,
    'HEDDLE_THREAD_STATE: profiling has to begin before the first thread is started: call startProfiling() at the ' +
      'start of the program, or run it with "heddle run"\n',
  );
  assert.equal(new ThreadStateError('').code, 'HEDDLE_THREAD_STATE');
});

// --- the tables -----------------------------------------------------------------------------------------

const nothing: Summary = { duration: 0, threads: [], locks: [], queues: [], others: [] };

test('tables align their columns and say their units', () => {
  const text = formatSummary({
    duration: 1234.567,
    threads: [
      { id: 1, name: 'main', daemon: false, state: 'running', runTime: 1234.567, waits: 3, waitTime: 1000 },
      { id: 2, name: 'parse-2', daemon: false, state: 'finished', runTime: 80.125, waits: 0, waitTime: 0 },
    ],
    locks: [
      {
        kind: 'Lock',
        name: 'Lock (src/bank.ts:3:14)',
        waits: 0,
        waitTime: 0,
        longestWait: 0,
        acquisitions: 1,
        holdTime: 0.004,
        longestHold: 0.004,
      },
      {
        kind: 'RWLock',
        name: 'table',
        waits: 1200,
        waitTime: 98.76,
        longestWait: 9.5,
        acquisitions: 1_234_567,
        holdTime: null,
        longestHold: null,
      },
    ],
    queues: [
      {
        kind: 'Queue',
        name: 'jobs',
        waits: 2,
        waitTime: 1,
        longestWait: 0.75,
        puts: 10,
        gets: 4,
        size: 6,
        capacity: null,
        highWater: 7,
      },
    ],
    others: [{ kind: 'Event', name: 'bell', waits: 1, waitTime: 12, longestWait: 12 }],
  });
  assert.equal(
    text,
    `Ran 1,234.57 ms: 2 threads, 2 locks, 1 queue.

THREAD   STATE       RUN ms  WAITS  WAITED ms
main     running   1,234.57      3   1,000.00
parse-2  finished     80.13      0       0.00

LOCK              KIND     ACQUIRED  WAITS  WAITED ms  LONGEST ms  HELD ms  LONGEST ms
table             RWLock  1,234,567  1,200      98.76        9.50        -           -
src/bank.ts:3:14  Lock            1      0       0.00        0.00     0.00        0.00

QUEUE  PUTS  GETS  LEFT  MOST  CAPACITY  WAITS  WAITED ms  LONGEST ms
jobs     10     4     6     7       any      2       1.00        0.75

ALSO WAITED FOR  KIND   WAITS  WAITED ms  LONGEST ms
bell             Event      1      12.00       12.00
`,
  );
});

test('a summary of nothing is one line', () => {
  assert.equal(formatSummary(nothing), 'Ran 0.00 ms: 0 threads, 0 locks, 0 queues.\n');
});

test('names are cut in the middle and never break the layout', () => {
  const row = (name: string): LockSummary => ({
    kind: 'BoundedSemaphore',
    name,
    waits: 1,
    waitTime: 1_000_000,
    longestWait: 1_000_000,
    acquisitions: 1_000_000,
    holdTime: null,
    longestHold: null,
  });
  const names = ['x'.repeat(60), 'line\nbreak\u001b[31m', '锁'.repeat(30), 'e\u0301 accent'];
  const lines = formatSummary({ ...nothing, locks: names.map(row) })
    .split('\n')
    .slice(2, -1);
  assert.deepEqual(
    lines.map((line) => line.slice(0, line.indexOf('  '))),
    ['LOCK', 'xxxxxxx…xxxxxxx', 'line break [31m', '锁锁锁…锁锁锁锁', 'e\u0301 accent'],
  );
  assert.equal(lines[1]?.length, 100);
});

test('many rows of one name are folded, and the least waited for are left out', () => {
  const thread = (id: number, name: string, waitTime: number): Summary['threads'][number] => ({
    id,
    name,
    daemon: false,
    state: id % 50 === 0 ? 'failed' : 'finished',
    runTime: 10,
    waits: 1,
    waitTime,
  });
  const threads = [
    ...Array.from({ length: 1200 }, (_, n) => thread(n + 2, `work-${n + 2}`, 0.5)),
    ...Array.from({ length: 25 }, (_, n) => thread(9001 + n, `name ${n}`, n + 1)),
  ];
  const lines = formatSummary({ ...nothing, threads })
    .split('\n')
    .slice(2);
  assert.deepEqual(lines.slice(0, 3), [
    'THREAD       STATE        RUN ms  WAITS  WAITED ms',
    'work ×1,200  mixed     12,000.00  1,200     600.00',
    'name 24      finished      10.00      1      25.00',
  ]);
  assert.equal(lines[20], 'name 6       finished      10.00      1       7.00');
  assert.deepEqual(lines.slice(21), ['… and 6 more', '']);
});

test('what is folded keeps the longest and the sum', () => {
  const queues = Array.from({ length: 21 }, (_, n) => ({
    kind: 'Queue',
    name: 'Queue (src/pipe.ts:7:3)',
    waits: 1,
    waitTime: 2,
    longestWait: n,
    puts: 3,
    gets: 2,
    size: 1,
    capacity: n === 0 ? 5 : 4,
    highWater: n,
  }));
  assert.equal(
    formatSummary({ ...nothing, queues }).split('\n')[3],
    'src/pipe.ts:7:3 ×21    63    42    21    20     mixed     21      42.00       20.00',
  );
});
