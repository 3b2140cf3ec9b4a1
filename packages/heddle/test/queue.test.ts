import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inspect } from 'node:util';
import {
  CancelledError,
  Latch,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  QueueShutdownError,
  spawn,
  TimeoutError,
} from 'heddle';
import { tidyHere } from './fixtures/leak-targets.js';
import * as targets from './fixtures/queue-targets.js';

/** The kinds of queue, which do the same but for the order of their items. */
const kinds = { Queue, LifoQueue, PriorityQueue };
type KindName = keyof typeof kinds;
const kindNames = Object.keys(kinds) as KindName[];

/** The order in which a kind of queue gives items of one priority that were put in this order. */
function outOrder<T>(kind: KindName, items: readonly T[]): T[] {
  return kind === 'LifoQueue' ? [...items].reverse() : [...items];
}

/** Lets other threads run until so many wait at the queue. */
async function untilWaiting(queue: Queue<unknown>, count: number): Promise<void> {
  while (queue.stats().waiting !== count) await nextTurn();
}

for (const kind of kindNames) {
  test(`${kind}: passes values of every kind, in their order`, () => {
    const queue = new kinds[kind]<unknown>();
    const shared: { self?: unknown } = {};
    shared.self = shared;
    const items = [
      ...[0, -0, 1.5, -1, 2 ** 31, 2 ** 53, NaN, Infinity, true, false, null, undefined, '', 'text'],
      ...['ünïcödé', '日本', '\ud800', 'x'.repeat(100), 'y'.repeat(101), 'z'.repeat(5000), 12n, 2n ** 80n],
      ...[
        [],
        {},
        [1, [2]],
        { a: { b: 'c' } },
        new Map([[1, { two: 2 }]]),
        new Set(['a']),
        new Date(5),
        /x/gu,
      ],
      ...[new Uint8Array(10), new Float64Array(1000).fill(0.1), new Error('one'), shared],
    ];
    for (const item of items) queue.put(item);
    assert.equal(queue.size, items.length);
    for (const item of outOrder(kind, items)) assert.deepStrictEqual(queue.get(), structuredClone(item));
    queue.putMany(items);
    assert.deepStrictEqual(queue.drain(), structuredClone(outOrder(kind, items)));
  });
}

for (const kind of kindNames) {
  test(`${kind}: refuses bad arguments before anything happens`, async () => {
    for (const capacity of [0, -1, 1.5, NaN, -Infinity])
      assert.throws(() => new kinds[kind]({ capacity }), RangeError);
    assert.throws(() => new kinds[kind]({ capacity: '5' as unknown as number }), TypeError);
    assert.throws(() => new kinds[kind](5 as unknown as object), TypeError);
    const queue = new kinds[kind]<number>({ capacity: 3 });
    for (const timeout of [-1, NaN]) {
      assert.throws(() => queue.put(1, timeout), RangeError);
      assert.throws(() => queue.get(timeout), RangeError);
      assert.throws(() => queue.putMany([1], timeout), RangeError);
      assert.throws(() => queue.getMany(1, timeout), RangeError);
      assert.throws(() => queue.join(timeout), RangeError);
      await assert.rejects(queue.putAsync(1, { timeout }), RangeError);
      await assert.rejects(queue.getAsync({ timeout }), RangeError);
      await assert.rejects(queue.joinAsync({ timeout }), RangeError);
    }
    for (const n of [0, -1, 1.5, NaN]) {
      assert.throws(() => queue.getMany(n), RangeError);
      assert.throws(() => queue.drain(n), RangeError);
      assert.throws(() => queue.taskDone(n), RangeError);
    }
    assert.throws(() => queue.putMany(5 as unknown as number[]), TypeError);
    assert.throws(() => queue.putMany(null as unknown as number[]), TypeError);
    assert.throws(() => queue.shutdown(true as unknown as object), TypeError);
    assert.equal(queue.size, 0);
    assert.equal(queue.isShutdown, false);
  });
}

for (const kind of kindNames) {
  test(`${kind}: tells what it is doing`, async () => {
    const queue = new kinds[kind]<number>({ capacity: 2, name: 'jobs' });
    assert.equal(inspect(queue), `${kind} "jobs" { 0 of 2 items }`);
    const get = queue.getAsync();
    assert.equal(inspect(queue), `${kind} "jobs" { 0 of 2 items, 1 waiting to get }`);
    queue.putMany([1, 2, 3]);
    const put = queue.putAsync(4);
    assert.equal(inspect(queue), `${kind} "jobs" { 2 of 2 items, 1 waiting to put }`);
    assert.equal(await get, kind === 'LifoQueue' ? 2 : 1);
    const { waitTime, longestWait, ...stats } = queue.stats();
    assert.ok(waitTime >= longestWait && longestWait >= 0);
    assert.deepEqual(stats, {
      ...{ name: 'jobs', waiting: 1, waits: 1, size: 2, capacity: 2, highWater: 2, puts: 3, gets: 1 },
      ...{ getters: 0, putters: 1, joiners: 0 },
    });
    assert.ok(Object.isFrozen(queue.stats()));
    queue.shutdown();
    await assert.rejects(put, QueueShutdownError);
    assert.equal(inspect(queue), `${kind} "jobs" { 2 of 2 items, shut down }`);
    assert.match(inspect(new kinds[kind]()), new RegExp(`^${kind} \\(.*queue\\.test.*\\) \\{ 0 items \\}$`));
    assert.equal(new kinds[kind]().capacity, Infinity);
  });
}

for (const kind of kindNames) {
  test(`${kind}: a wait that ends early leaves no trace`, async () => {
    const queue = new kinds[kind]<number>({ capacity: 1 });
    assert.throws(() => queue.get(0), { name: 'TimeoutError', message: /Queue .* is empty now$/ });
    assert.throws(() => queue.get(5), {
      name: 'TimeoutError',
      message: /Queue .* was still empty after 5 ms$/,
    });
    await assert.rejects(queue.getAsync({ timeout: 0 }), { name: 'TimeoutError', message: / is empty now$/ });
    await assert.rejects(queue.getAsync({ timeout: 5 }), { name: 'TimeoutError', message: / still empty / });
    const aborted = AbortSignal.abort(new EvalError());
    await assert.rejects(queue.getAsync({ signal: aborted }), EvalError);
    queue.put(1);
    assert.throws(() => queue.put(2, 0), TimeoutError);
    assert.throws(() => queue.put(2, 5), { name: 'TimeoutError', message: / was still full after 5 ms$/ });
    assert.throws(() => queue.putMany([2, 3], 5), TimeoutError);
    await assert.rejects(queue.putAsync(2, { timeout: 5 }), TimeoutError);
    await assert.rejects(queue.putAsync(2, { signal: aborted }), EvalError);
    assert.equal(queue.tryPut(2), false);
    assert.throws(() => queue.join(5), { name: 'TimeoutError', message: / was still not done after 5 ms$/ });
    await assert.rejects(queue.joinAsync({ timeout: 5 }), TimeoutError);
    assert.equal(queue.stats().waiting, 0);
    assert.deepEqual(queue.drain(), [1]);
    queue.taskDone();
    queue.join(0);
    await queue.joinAsync({ timeout: 0 });
  });
}

for (const kind of kindNames) {
  test(`${kind}: putMany that fails half way has put the first items`, () => {
    const queue = new kinds[kind]<number>({ capacity: 3 });
    assert.throws(() => queue.putMany([1, 2, 3, 4, 5], 5), TimeoutError);
    assert.deepEqual(queue.drain(), outOrder(kind, [1, 2, 3]));
  });
}

for (const kind of kindNames) {
  test(`${kind}: a shut-down queue gives what it has, and then throws`, async () => {
    const queue = new kinds[kind]<number>({ capacity: 2 });
    queue.putMany(outOrder(kind, [1, 2]));
    const put = queue.putAsync(3);
    queue.shutdown();
    queue.shutdown();
    assert.equal(queue.isShutdown, true);
    await assert.rejects(put, QueueShutdownError);
    assert.throws(() => queue.put(3), { code: 'HEDDLE_QUEUE_SHUTDOWN' });
    assert.throws(() => queue.tryPut(3), QueueShutdownError);
    assert.throws(() => queue.putMany([3]), QueueShutdownError);
    await assert.rejects(queue.putAsync(3), QueueShutdownError);
    assert.equal(queue.tryGet(), 1);
    assert.deepEqual(queue.getMany(5), [2]);
    assert.throws(() => queue.get(), QueueShutdownError);
    assert.throws(() => queue.get(0), QueueShutdownError);
    assert.throws(() => queue.tryGet(), QueueShutdownError);
    assert.throws(() => queue.tryGet(7), QueueShutdownError);
    assert.throws(() => queue.getMany(1), QueueShutdownError);
    await assert.rejects(queue.getAsync(), QueueShutdownError);
    assert.deepEqual(queue.drain(), []);
    assert.deepEqual([...queue], []);
  });
}

for (const kind of kindNames) {
  test(`${kind}: an immediate shutdown drops the items, which count as done`, async () => {
    const queue = new kinds[kind]<number>();
    queue.putMany([1, 2, 3]);
    queue.get();
    const join = queue.joinAsync();
    queue.shutdown();
    queue.shutdown({ immediate: true });
    queue.shutdown({ immediate: true });
    assert.equal(queue.size, 0);
    assert.throws(() => queue.get(), QueueShutdownError);
    assert.equal(queue.stats().joiners, 1);
    queue.taskDone();
    await join;
    assert.throws(() => queue.taskDone(), RangeError);
    assert.equal(queue.stats().gets, 1);
  });
}

for (const kind of kindNames) {
  test(`${kind}: is shut down at the end of a using block`, () => {
    let kept: Queue<number>;
    {
      using queue = new kinds[kind]<number>();
      queue.put(1);
      kept = queue;
    }
    assert.equal(kept.isShutdown, true);
    assert.equal(kept.get(), 1);
  });
}

test('a loop marks each item done when it goes on or leaves', async () => {
  const queue = new Queue<number>();
  queue.putMany([1, 2, 3, 4, 5, 6]);
  const left: boolean[] = [];
  const isDone = (): boolean => {
    try {
      queue.join(0);
      return true;
    } catch {
      return false;
    }
  };
  for (const item of queue) if (item === 2) break;
  assert.throws(() => {
    for (const item of queue) if (item === 3) throw new EvalError();
  }, EvalError);
  for await (const item of queue) if (item === 4) break;
  assert.deepEqual(queue.drain(), [5, 6]);
  queue.taskDone(2);
  assert.ok(isDone());
  queue.putMany([7, 8]);
  queue.shutdown();
  for (const item of queue) left.push(item === 7, isDone());
  assert.deepEqual(left, [true, false, false, false]);
  assert.ok(isDone());
  const other = new Queue<number>();
  other.putMany([1, 2]);
  other.shutdown();
  const items: number[] = [];
  for await (const item of other) items.push(item);
  assert.deepEqual(items, [1, 2]);
  other.join(0);
});

for (const kind of kindNames) {
  test(`${kind}: those who wait are served in the order in which they came`, async () => {
    const queue = new kinds[kind]<number>({ capacity: 1 });
    const gets: Promise<unknown>[] = [];
    for (let n = 0; n < 6; n++) {
      if (n % 2 === 0) gets.push(queue.getAsync());
      else {
        gets.push(spawn(targets.getOne, queue).joinAsync());
      }
      await untilWaiting(queue, n + 1);
    }
    for (let n = 0; n < 6; n++) queue.put(n);
    assert.deepEqual(await Promise.all(gets), [0, 1, 2, 3, 4, 5]);

    queue.put(-1);
    const puts: Promise<unknown>[] = [];
    for (let n = 0; n < 6; n++) {
      puts.push(n % 2 === 0 ? queue.putAsync(n) : spawn(targets.putOne, queue, n).joinAsync());
      await untilWaiting(queue, n + 1);
    }
    assert.equal(queue.tryPut(7), false);
    assert.deepEqual(
      Array.from({ length: 7 }, () => queue.get()),
      [-1, 0, 1, 2, 3, 4, 5],
    );
    await Promise.all(puts);
  });
}

for (const kind of kindNames) {
  test(`${kind}: getMany takes what was put in one step in one step, also when it waits`, async () => {
    const queue = new kinds[kind]<number>();
    for (let round = 0; round < 50; round++) {
      const thread = spawn(targets.getSome, queue, 10);
      await untilWaiting(queue, 1);
      queue.putMany([1, 2, 3]);
      assert.deepEqual(thread.join(), outOrder(kind, [1, 2, 3]));
    }
  });
}

test('getMany takes items that had followed one another, whoever else takes some', async () => {
  const queue = new Queue<number>();
  for (let round = 0; round < 100; round++) {
    const thread = spawn(targets.getSome, queue, 10);
    await untilWaiting(queue, 1);
    queue.putMany([1, 2, 3, 4]);
    const taken = [queue.tryGet(0), queue.tryGet(0)].filter((item) => item > 0);
    queue.put(5);
    const items = thread.join();
    assert.equal(items[0], 1);
    const step = items.filter((item, index) => item !== index + 1);
    assert.deepEqual(step, [], `${items.join()} do not follow one another`);
    const all = [...items, ...taken, ...queue.drain()] as number[];
    assert.deepEqual(
      all.sort((a, b) => a - b),
      [1, 2, 3, 4, 5],
    );
  }
});

for (const kind of kindNames) {
  test(`${kind}: blocked threads go on with each other`, async () => {
    const queue = new kinds[kind]<unknown>({ capacity: 1 });
    const answers = new kinds[kind]<unknown>({ capacity: 1 });
    const thread = spawn(targets.echo, queue, answers);
    for (let n = 0; n < 500; n++) {
      queue.put(n);
      if (n % 3 === 0) assert.equal(answers.get(), n);
      else if (n % 3 === 1) assert.equal(await answers.getAsync(), n);
      else {
        await queue.putAsync([n]);
        assert.equal(await answers.getAsync(), n);
        assert.deepEqual(answers.get(), [n]);
      }
    }
    queue.shutdown();
    thread.join();
  });
}

for (const kind of kindNames) {
  test(`${kind}: a shutdown frees everyone who waits`, async () => {
    const queue = new kinds[kind]<unknown>({ capacity: 1 });
    const getters = [
      spawn(targets.getOne, queue),
      spawn(targets.getOneAsync, queue),
      spawn(targets.getSome, queue, 3),
    ];
    await untilWaiting(queue, 3);
    queue.shutdown();
    for (const thread of getters) assert.throws(() => void thread.join(), QueueShutdownError);

    const full = new kinds[kind]<unknown>({ capacity: 1 });
    full.put(0);
    const putters = [
      spawn(targets.putOne, full, 1),
      spawn(targets.putOneAsync, full, [2]),
      spawn(targets.putSome, full, [3, new Uint8Array(5000)]),
    ];
    const joiner = spawn(targets.waitForAll, full);
    await untilWaiting(full, 4);
    full.shutdown({ immediate: true });
    for (const thread of putters) assert.throws(() => thread.join(), QueueShutdownError);
    joiner.join();
  });
}

for (const kind of kindNames) {
  test(`${kind}: a cancelled or terminated thread leaves no trace`, async () => {
    const queue = new kinds[kind]<unknown>({ capacity: 1 });
    for (const target of [targets.getOne, targets.getOneAsync]) {
      const thread = spawn(target, queue);
      await untilWaiting(queue, 1);
      thread.cancel();
      await assert.rejects(thread.joinAsync(), CancelledError);
      const killed = spawn(target, queue);
      await untilWaiting(queue, 1);
      await killed.terminate();
      await untilWaiting(queue, 0);
    }
    queue.put('first');
    for (const target of [targets.putOne, targets.putOneAsync]) {
      const thread = spawn(target, queue, ['lost']);
      await untilWaiting(queue, 1);
      thread.cancel();
      await assert.rejects(thread.joinAsync(), CancelledError);
      const killed = spawn(target, queue, ['lost']);
      await untilWaiting(queue, 1);
      await killed.terminate();
      await untilWaiting(queue, 0);
    }
    assert.deepEqual(queue.drain(), ['first']);
  });
}

/** Sum of what the producers 0 … n - 1 put. */
function sumOf(producers: number, count: number): number {
  let sum = 0;
  for (let p = 0; p < producers; p++) sum += p * 1e7 * count + (count * (count - 1)) / 2;
  return sum;
}

function check(kind: KindName, seen: targets.Seen[], producers: number, count: number): void {
  assert.equal(
    seen.reduce((all, { count: one }) => all + one, 0),
    producers * count,
  );
  assert.equal(
    seen.reduce((all, { sum }) => all + sum, 0),
    sumOf(producers, count),
  );
  if (kind === 'LifoQueue') return; // each may overtake those before it
  assert.deepEqual(
    seen.map(({ disordered }) => disordered),
    seen.map(() => 0),
  );
}

for (const [kind, capacity] of kindNames.flatMap((name) =>
  [1, 16, Infinity].map((n) => [name, n] as const),
)) {
  test(`${kind}: passes every number once and in order, capacity ${capacity}`, async () => {
    const count = capacity === 1 ? 3_000 : capacity === 16 ? 50_000 : 250_000;
    const queue = new kinds[kind]<number>({ capacity });
    const consumers = [1, 2, 3, 4].map(() => spawn(targets.consume, queue));
    const producers = [0, 1, 2, 3].map((p) => spawn(targets.produce, queue, p, count));
    for (const thread of producers) thread.join();
    queue.join();
    queue.shutdown();
    check(
      kind,
      consumers.map((thread) => thread.join()),
      4,
      count,
    );
    const { puts, gets, size } = queue.stats();
    assert.deepEqual({ puts, gets, size }, { puts: 4 * count, gets: 4 * count, size: 0 });
  });

  test(`${kind}: the same in every way to put and get, capacity ${capacity}`, async () => {
    const count = capacity === 1 ? 2_000 : 20_000;
    const queue = new kinds[kind]<number>({ capacity });
    const consumers = [1, 2, 3].map(() => spawn(targets.consumeVariously, queue));
    const producers = [0, 1, 2].map((p) => spawn(targets.produceVariously, queue, p, count));
    for (const thread of producers) thread.join();
    queue.join();
    queue.shutdown();
    check(
      kind,
      consumers.map((thread) => thread.join()),
      3,
      count,
    );
  });
}

test('items of 30 MB', () => {
  const queue = new Queue<unknown>();
  const answers = new Queue<unknown>();
  const thread = spawn(targets.echo, queue, answers);
  const bytes = new Uint8Array(30_000_000).map((_, k) => k * 7);
  queue.put(bytes);
  queue.put({ text: 'é'.repeat(15_000_000) });
  queue.shutdown();
  const back = answers.get() as Uint8Array;
  assert.equal(Buffer.compare(back, bytes), 0);
  assert.equal((answers.get() as { text: string }).text, 'é'.repeat(15_000_000));
  thread.join();
});

for (const kind of kindNames) {
  test(`${kind}: handles in items stay what they are`, () => {
    const queue = new kinds[kind]<{ lock: Lock; done: Latch; reply: Queue<string> }>();
    const reply = new kinds[kind]<string>();
    const lock = new Lock({ name: 'the lock' });
    const done = new Latch(20);
    const thread = spawn(targets.useHandles, queue);
    for (let n = 0; n < 20; n++) queue.put({ lock, done, reply });
    done.wait();
    assert.deepEqual(reply.drain(), Array<string>(20).fill('the lock is taken'));
    queue.shutdown();
    thread.join();
    const nested = new kinds[kind]<Queue<unknown>>();
    nested.put(nested);
    assert.equal(nested.get(), nested);
  });
}

test('takes part in structural types', () => {
  const queue = new Queue<number>();
  const iterable: Iterable<number> = queue;
  const asyncIterable: AsyncIterable<number> = queue;
  assert.ok(iterable === (queue as unknown) && asyncIterable === (queue as unknown));
  queue.put(1);
  const item: number | undefined = queue.tryGet();
  const or: number | null = queue.tryGet(null);
  assert.deepEqual([item, or], [1, null]);
  // @ts-expect-error -- a queue of numbers takes no text
  queue.put('text');
});

test('a loop over a queue keeps it, though nobody else does', async () => {
  const filled = (): Queue<string> => {
    const queue = new Queue<string>();
    queue.putMany(['a', 'b', 'c']);
    queue.shutdown();
    return queue;
  };
  const blocking = filled()[Symbol.iterator]();
  assert.equal(blocking.next().value, 'a');
  await tidyHere();
  const others = Array.from({ length: 50 }, () => new Queue<string>());
  for (const other of others) other.put('of another queue');
  assert.deepEqual([...blocking], ['b', 'c']);
  const seen: string[] = [];
  for await (const item of filled()) {
    seen.push(item);
    await tidyHere();
    others.push(new Queue<string>());
    others.at(-1)?.put('of another queue');
  }
  assert.deepEqual(seen, ['a', 'b', 'c']);
  for (const other of others) assert.equal(other.get(), 'of another queue');
});
