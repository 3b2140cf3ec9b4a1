/** Taking from the first of several queues that has an item. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CancelledError,
  Event,
  LifoQueue,
  PriorityQueue,
  Queue,
  QueueShutdownError,
  select,
  selectAsync,
  sharedArray,
  spawn,
  TimeoutError,
} from 'heddle';
import * as targets from './fixtures/select-targets.js';
import { rounds, until, watchdog } from './fixtures/waiting.js';

const ways: readonly targets.Way[] = ['blocking', 'awaited'];

function threeKinds<T>(capacity = Infinity): [Queue<T>, LifoQueue<T>, PriorityQueue<T>] {
  return [new Queue({ capacity }), new LifoQueue({ capacity }), new PriorityQueue({ capacity })];
}

/** Lets other threads run until so many stand in line at each queue. */
async function untilAll(queues: readonly Queue<unknown>[], getters: number): Promise<void> {
  await until(() => queues.every((queue) => queue.stats().getters === getters));
}

test('takes one item from a queue that has one, and returns the very queue', async () => {
  const queues = threeKinds<number>();
  for (const [place, queue] of queues.entries()) {
    queue.putMany([place, place]);
    for (const taken of [select(queues), await selectAsync(queues)]) {
      assert.equal(taken.queue, queue);
      assert.equal(taken.item, place);
    }
    assert.equal(queue.size, 0);
  }
  const mixed = [new Queue<string>(), new Queue<{ n: number }>()] as const;
  mixed[1].put({ n: 1 });
  assert.deepEqual(select(mixed).item, { n: 1 });
});

test('takes in turn from those that have items', async () => {
  const queues = threeKinds<number>();
  for (const queue of queues) queue.putMany([1, 1, 1, 1]);
  const places: number[] = [];
  const choose = async (among: readonly Queue<number>[]): Promise<void> => {
    const { queue } = places.length % 2 === 0 ? select(among) : await selectAsync(among);
    places.push(queues.indexOf(queue));
  };
  for (let n = 0; n < 6; n++) await choose(queues);
  assert.deepEqual(places, [0, 1, 2, 0, 1, 2]);
  // Nor does one starve that is selected with others each time.
  await choose([queues[0], queues[1]]);
  await choose([queues[0], queues[2]]);
  await choose(queues);
  assert.deepEqual(places.slice(6), [0, 2, 1]);
});

for (const way of ways) {
  test(`${way}: waits for an item in any of the queues, and takes no other`, watchdog, async () => {
    const queues = threeKinds<unknown>();
    for (const item of [1, 'text', { a: [1] }, new Uint8Array(5000), undefined]) {
      for (const [place, queue] of queues.entries()) {
        const thread = spawn(targets.selectOne, queues, way);
        await untilAll(queues, 1);
        queue.put(item);
        assert.deepEqual(await thread.joinAsync(), [place, item]);
        assert.deepEqual(
          queues.map((one) => [one.size, one.stats().waiting]),
          [
            [0, 0],
            [0, 0],
            [0, 0],
          ],
        );
      }
    }
  });

  test(`${way}: of items put at one time into several queues it takes one`, watchdog, async () => {
    for (let round = 0; round < rounds(100, 3000); round++) {
      const queues = threeKinds<unknown>();
      const go = new Event();
      const putters = queues.slice(1).map((queue, n) => spawn(targets.putWhen, go, queue, n + 1));
      const thread = spawn(targets.selectOne, queues, way);
      if (round % 2 === 0) await untilAll(queues, 1);
      go.set();
      queues[0].put(0);
      const [place, item] = await thread.joinAsync();
      for (const putter of putters) await putter.joinAsync();
      assert.equal(item, place);
      assert.deepEqual(
        queues.map((queue) => queue.size),
        [0, 1, 2].map((n) => (n === place ? 0 : 1)),
      );
    }
  });

  test(`${way}: stands in line with those that get`, watchdog, async () => {
    const [one, two] = [new Queue<number>(), new PriorityQueue<number>()];
    const waits = [];
    for (let n = 0; n < 6; n++) {
      const thread =
        n % 2 === 0 ? spawn(targets.selectOne, [one, two], way) : spawn(targets.selectOne, [two], way);
      waits.push(thread);
      await until(() => two.stats().getters === n + 1);
    }
    for (let n = 0; n < 6; n++) two.put(n);
    for (const [n, thread] of waits.entries()) assert.equal((await thread.joinAsync())[1], n);
    assert.equal(one.stats().waiting, 0);
  });

  test(`${way}: a select that ends early leaves no trace in any queue`, watchdog, async () => {
    const queues = threeKinds<unknown>();
    const untouched = (): void => {
      for (const queue of queues) assert.deepEqual([queue.size, queue.stats().waiting], [0, 0]);
    };
    for (const timeout of [0, 0.01, 5]) {
      await assert.rejects(spawn(targets.selectOne, queues, way, timeout).joinAsync(), TimeoutError);
      untouched();
    }
    const cancelled = spawn(targets.selectOne, queues, way);
    await untilAll(queues, 1);
    cancelled.cancel('enough');
    await assert.rejects(cancelled.joinAsync(), CancelledError);
    untouched();
    const killed = spawn(targets.selectOne, queues, way);
    await untilAll(queues, 1);
    await killed.terminate();
    await untilAll(queues, 0);
    untouched();
    for (const queue of queues) {
      queue.put('still there');
      assert.equal(queue.get(0), 'still there');
    }
  });

  for (const immediate of [false, true]) {
    const how = immediate ? 'immediately' : 'gently';
    test(`${way}: ends when all queues are shut down ${how}, and not before`, watchdog, async () => {
      const queues = threeKinds<unknown>();
      const thread = spawn(targets.selectOne, queues, way);
      await untilAll(queues, 1);
      queues[1].shutdown({ immediate });
      queues[0].shutdown({ immediate });
      const other = spawn(targets.selectOne, queues, way);
      await until(() => queues[2].stats().getters === 2);
      queues[2].put('one');
      assert.deepEqual(await thread.joinAsync(), [2, 'one']);
      queues[2].shutdown({ immediate });
      await assert.rejects(other.joinAsync(), QueueShutdownError);
      await assert.rejects(spawn(targets.selectOne, queues, way).joinAsync(), QueueShutdownError);
      await assert.rejects(spawn(targets.selectOne, queues, way, 0).joinAsync(), QueueShutdownError);
      for (const queue of queues) assert.equal(queue.stats().waiting, 0);
    });
  }

  test(`${way}: takes what a queue still has that is shut down`, watchdog, async () => {
    const queues = threeKinds<number>(2);
    queues[1].putMany([1, 2]);
    const put = queues[1].putAsync(3);
    for (const queue of queues) queue.shutdown();
    await assert.rejects(put, QueueShutdownError);
    assert.deepEqual(await spawn(targets.selectOne, queues, way).joinAsync(), [1, 2]);
    assert.deepEqual(await spawn(targets.selectOne, queues, way).joinAsync(), [1, 1]);
    await assert.rejects(spawn(targets.selectOne, queues, way).joinAsync(), {
      code: 'HEDDLE_QUEUE_SHUTDOWN',
    });
  });
}

test('makes room for those that wait to put', async () => {
  const queues = threeKinds<number>(1);
  for (const queue of queues) queue.put(1);
  const puts = queues.map((queue) => queue.putAsync(2));
  for (let n = 0; n < 3; n++) assert.equal(select(queues).item, 1);
  await Promise.all(puts);
  for (let n = 0; n < 3; n++) assert.equal((await selectAsync(queues)).item, 2);
});

test('ends by its signal, and not after it has taken', async () => {
  const queues = threeKinds<number>();
  const abort = new AbortController();
  const early = selectAsync(queues, { signal: abort.signal });
  abort.abort(new EvalError('enough'));
  await assert.rejects(early, EvalError);
  await assert.rejects(selectAsync(queues, { signal: abort.signal }), EvalError);
  const later = new AbortController();
  const taken = selectAsync(queues, { signal: later.signal });
  queues[2].put(7);
  later.abort();
  assert.deepEqual(await taken, { queue: queues[2], item: 7 });
  for (const queue of queues) assert.equal(queue.stats().waiting, 0);
});

test('many selects of one thread wait at one time', async () => {
  const queues = threeKinds<number>();
  const all = Array.from({ length: 50 }, (_, n) =>
    selectAsync(n % 2 === 0 ? queues : [queues[2], queues[0]]),
  );
  for (let n = 0; n < 50; n++) queues[n % 2 === 0 ? 0 : 2].put(n);
  const items = (await Promise.all(all)).map(({ item }) => item);
  assert.deepEqual(
    [...items].sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, n) => n),
  );
});

test('refuses what it cannot select from', async () => {
  const queue = new Queue<number>();
  queue.put(1);
  const refused = async (queues: unknown, error: object): Promise<void> => {
    assert.throws(() => select(queues as Queue<number>[]), error);
    await assert.rejects(selectAsync(queues as Queue<number>[]), error);
  };
  await refused([], {
    name: 'RangeError',
    message: 'queues must have at least one queue: a select from none would wait for ever',
  });
  await refused(queue, { name: 'TypeError', message: /^queues must be an array of queues, not a Queue/ });
  await refused(undefined, { name: 'TypeError' });
  await refused([queue, 5], {
    name: 'TypeError',
    message: 'queues[1] must be a Queue, LifoQueue or PriorityQueue, not 5',
  });
  await refused([new Event()], { name: 'TypeError' });
  for (const timeout of [-1, NaN]) {
    assert.throws(() => select([queue], timeout), RangeError);
    await assert.rejects(selectAsync([queue], { timeout }), RangeError);
  }
  assert.equal(queue.size, 1);
  // One that is listed twice is one.
  assert.equal(select([queue, queue]).item, 1);
  assert.throws(() => select([queue, queue], 0), {
    name: 'TimeoutError',
    message: /^Queue \(.*select\.test.*\) has no item now$/,
  });
  const wait = selectAsync([queue, queue]);
  assert.equal(queue.stats().waiting, 1);
  queue.put(2);
  assert.equal((await wait).item, 2);
  queue.shutdown();
  assert.throws(() => select([queue, queue]), { message: /was shut down and is empty\. Catch this error/ });
});

test('errors name the queues', () => {
  const [jobs, news] = [new Queue({ name: 'jobs' }), new LifoQueue({ name: 'news' })];
  assert.throws(() => select([jobs, news], 0), {
    message: 'none of Queue "jobs" and LifoQueue "news" has an item now',
  });
  assert.throws(() => select([jobs, news], 1), {
    message: 'none of Queue "jobs" and LifoQueue "news" had an item within 1 ms',
  });
  const many = Array.from({ length: 20 }, () => new Queue());
  assert.throws(() => select(many, 0), { message: 'none of 20 queues has an item now' });
  for (const queue of [jobs, news]) queue.shutdown();
  assert.throws(() => select([jobs, news]), {
    message:
      'Queue "jobs" and LifoQueue "news" were shut down and are empty. Catch this error to stop at their end',
  });
});

test('every number goes to exactly one of many selects and gets, with odd timeouts', watchdog, async () => {
  const count = rounds(4000, 100_000);
  for (const capacity of [1, 5, Infinity]) {
    const queues = threeKinds<number>(capacity);
    const seen = sharedArray('i32', 3 * count);
    const takers = [
      spawn(targets.selectUntilEnd, queues, seen, 'blocking', 0),
      spawn(targets.selectUntilEnd, [queues[2], queues[0]], seen, 'blocking', 1),
      spawn(targets.selectUntilEnd, queues, seen, 'awaited', 2),
      spawn(targets.selectUntilEnd, [queues[1], queues[2]], seen, 'awaited', 3),
      spawn(targets.getUntilEnd, queues[1], seen),
    ];
    const putters = [0, 1, 2].map((n) => spawn(targets.putInTurn, queues, n * count, count));
    for (const putter of putters) await putter.joinAsync();
    for (const queue of queues) await queue.joinAsync();
    for (const queue of queues) queue.shutdown();
    let taken = 0;
    for (const taker of takers) taken += await taker.joinAsync();
    assert.equal(taken, 3 * count);
    assert.deepEqual(
      seen.filter((times) => times !== 1),
      new Int32Array(0),
    );
  }
});

test(
  'selects that are terminated lose at most what they had taken, and double nothing',
  watchdog,
  async () => {
    const queues = threeKinds<number>(20);
    const count = rounds(20_000, 500_000);
    const seen = sharedArray('i32', 2 * count);
    const putters = [0, 1].map((n) => spawn(targets.putInTurn, queues, n * count, count));
    const stayer = spawn(targets.selectUntilEnd, queues, seen, 'blocking', 1);
    let deaths = 0;
    for (; deaths < rounds(12, 100) && putters.some(({ alive }) => alive); deaths++) {
      const victims = [
        spawn(targets.selectUntilEnd, queues, seen, 'blocking', deaths),
        spawn(targets.selectUntilEnd, queues, seen, 'awaited', deaths),
      ];
      const gets = queues[0].stats().gets;
      await until(() => queues[0].stats().gets > gets + 50 || !putters.some(({ alive }) => alive));
      for (const victim of victims) await victim.terminate();
    }
    for (const putter of putters) await putter.joinAsync();
    for (const queue of queues) queue.shutdown();
    await stayer.joinAsync();
    assert.ok(deaths > 0);
    assert.deepEqual(
      seen.filter((times) => times > 1),
      new Int32Array(0),
    );
    const lost = seen.filter((times) => times === 0).length;
    assert.ok(lost <= 2 * deaths, `${lost} items are lost, of ${2 * deaths} threads`);
    for (const queue of queues) assert.deepEqual([queue.size, queue.stats().waiting], [0, 0]);
  },
);
