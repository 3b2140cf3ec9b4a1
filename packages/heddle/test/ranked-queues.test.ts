/** What only LifoQueue and PriorityQueue have: their order. All else is in the suites that run over every kind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { LifoQueue, type PriorityPutOptions, PriorityQueue, Queue, spawn, TimeoutError } from 'heddle';
import * as targets from './fixtures/queue-targets.js';

test('both are queues, wherever one is asked for', () => {
  for (const queue of [new LifoQueue<number>(), new PriorityQueue<number>()]) {
    assert.ok(queue instanceof Queue);
    const box = new Queue<Queue<number>>();
    box.put(queue);
    assert.equal(box.get(), queue);
  }
});

test('a LifoQueue gives what was put last, in every way to take', async () => {
  const queue = new LifoQueue<number>();
  queue.putMany([1, 2, 3, 4, 5, 6, 7, 8]);
  queue.put(9);
  assert.equal(queue.get(), 9);
  assert.equal(await queue.getAsync(), 8);
  assert.equal(queue.tryGet(), 7);
  assert.deepEqual(queue.getMany(2), [6, 5]);
  assert.deepEqual(queue.drain(1), [4]);
  queue.put(10);
  queue.shutdown();
  const items: number[] = [];
  for (const item of queue) {
    items.push(item);
    if (items.length === 2) break;
  }
  for await (const item of queue) items.push(item);
  assert.deepEqual(items, [10, 3, 2, 1]);
});

test('a PriorityQueue gives the smallest priority first, and those of one in their order', async () => {
  const queue = new PriorityQueue<string>();
  queue.put('five', { priority: 5 });
  queue.put('zero');
  queue.putMany(['first', 'second'], { priority: -1 });
  assert.equal(queue.tryPut('third', { priority: -1 }), true);
  await queue.putAsync('last', { priority: Infinity });
  queue.put('one', { priority: 1, timeout: 5 });
  queue.put('zero again', 5);
  assert.equal(queue.tryPut('zero once more'), true);
  assert.deepEqual(queue.getMany(2), ['first', 'second']);
  assert.equal(queue.get(), 'third');
  assert.equal(await queue.getAsync(), 'zero');
  assert.equal(queue.tryGet(), 'zero again');
  queue.put('before all', { priority: -Infinity });
  assert.deepEqual(queue.drain(1), ['before all']);
  assert.deepEqual(queue.drain(), ['zero once more', 'one', 'five', 'last']);
});

test('priorities that are none are refused, and nothing has happened', async () => {
  const queue = new PriorityQueue<number>();
  const nan = { name: 'RangeError', message: /^priority must not be NaN.*pass any other number$/ };
  assert.throws(() => queue.put(1, { priority: NaN }), nan);
  assert.throws(() => queue.tryPut(1, { priority: NaN }), nan);
  assert.throws(() => queue.putMany([1], { priority: NaN }), nan);
  await assert.rejects(queue.putAsync(1, { priority: NaN }), nan);
  for (const priority of ['1', null, 1n, {}, true] as unknown as number[]) {
    const type = { name: 'TypeError', message: /^priority must be a number, not / };
    assert.throws(() => queue.put(1, { priority }), type);
    assert.throws(() => queue.tryPut(1, { priority }), type);
    assert.throws(() => queue.putMany([1], { priority }), type);
    await assert.rejects(queue.putAsync(1, { priority }), type);
  }
  for (const options of ['soon', null, true] as unknown as PriorityPutOptions[]) {
    assert.throws(() => queue.put(1, options), TypeError);
    assert.throws(() => queue.tryPut(1, options), TypeError);
    assert.throws(() => queue.putMany([1], options), TypeError);
    await assert.rejects(queue.putAsync(1, options), TypeError);
  }
  assert.throws(() => queue.put(1, { timeout: -1 }), RangeError);
  assert.throws(() => queue.putMany([1], { timeout: NaN }), RangeError);
  assert.equal(queue.size, 0);
});

test('a full PriorityQueue takes what waits by who came first, and then gives it by priority', async () => {
  const queue = new PriorityQueue<string>({ capacity: 2 });
  queue.putMany(['a', 'b'], { priority: 10 });
  const puts = [
    queue.putAsync('c', { priority: 5 }),
    queue.putAsync('d', { priority: 1 }),
    queue.putAsync('e', { priority: 20 }),
  ];
  assert.throws(() => queue.put('f', { priority: 0, timeout: 0 }), TimeoutError);
  assert.throws(() => queue.putMany(['f', 'g'], { priority: 0, timeout: 0 }), TimeoutError);
  assert.equal(queue.get(), 'a');
  assert.equal(queue.get(), 'c');
  assert.deepEqual(queue.drain(), ['d', 'b']);
  await Promise.all(puts);
  assert.deepEqual(queue.drain(), ['e']);
});

test('a large PriorityQueue is in order, however items come and go', () => {
  const runs = fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.nat(30)), {
    maxLength: 200,
    size: 'max',
  });
  fc.assert(
    fc.property(runs, (steps) => {
      const queue = new PriorityQueue<number>();
      const model: { priority: number; item: number }[] = [];
      let next = 0;
      for (const [priority, take] of steps) {
        for (let n = 0; n < 10; n++) {
          const entry = { priority: (priority * (n + 1)) % 53, item: next++ };
          queue.put(entry.item, entry);
          model.push(entry);
        }
        model.sort((a, b) => a.priority - b.priority || a.item - b.item);
        if (take === 0) continue;
        const taken = model.splice(0, take).map(({ item }) => item);
        assert.deepEqual(take % 2 === 0 ? queue.getMany(take, 0) : taken.map(() => queue.get(0)), taken);
      }
      assert.deepEqual(
        queue.drain(),
        model.map(({ item }) => item),
      );
      queue[Symbol.dispose]();
    }),
    { numRuns: 30 },
  );
});

for (const [name, make] of [
  ['LifoQueue', () => new LifoQueue<number>()],
  ['PriorityQueue', () => new PriorityQueue<number>()],
] as const) {
  test(`${name}: getMany that waits takes in one step, whoever else puts or takes`, async () => {
    for (let round = 0; round < 100; round++) {
      const queue = make();
      const thread = spawn(targets.getSome, queue, 10);
      while (queue.stats().waiting !== 1) await nextTurn();
      queue.putMany([1, 2, 3]);
      // This one goes before all others. It is taken alone, or with nothing that went before it.
      if (queue instanceof PriorityQueue) queue.put(0, { priority: -1 });
      else queue.put(0);
      const items = thread.join() as number[];
      const ordered = name === 'LifoQueue' ? [3, 2, 1] : [1, 2, 3];
      if (!items.includes(0)) assert.deepEqual(items, ordered.slice(0, items.length));
      else assert.fail(`${items.join()} was never there in one step`);
      assert.deepEqual(
        [...items, ...queue.drain()].sort((a, b) => a - b),
        [0, 1, 2, 3],
      );
    }
  });
}

test('an item that waits does not keep those that come later from going before it', () => {
  const queue = new PriorityQueue<number>({ capacity: 3 });
  const thread = spawn(targets.produceRanked, queue, 1000);
  const seen = Array.from({ length: 1000 }, () => queue.get());
  thread.join();
  assert.deepEqual(
    [...seen].sort((a, b) => a - b),
    Array.from({ length: 1000 }, (_, n) => n),
  );
  assert.equal(queue.size, 0);
});
