/** `map`: results as an array or a stream, how far it looks ahead, and every way in which it ends early. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { CloneError, Event, Latch, SharedList, ThreadPool, ThreadStateError } from 'heddle';
import * as targets from './fixtures/pool-targets.js';
import { rounds, until, watchdog } from './fixtures/waiting.js';

const numbers = (length: number): number[] => Array.from({ length }, (_, n) => n);
const squares = (length: number): number[] => numbers(length).map((n) => n * n);

/** An endless input that counts what is taken from it and notes whether it was closed. */
class Counting implements Iterable<number>, AsyncIterable<number> {
  taken = 0;
  closed = 0;

  *[Symbol.iterator](): Generator<number, void> {
    try {
      for (;;) yield this.taken++;
    } finally {
      this.closed++;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<number, void> {
    try {
      for (;;) {
        await targets.turn();
        yield this.taken++;
      }
    } finally {
      this.closed++;
    }
  }
}

/** The same, but iterable in one way only. */
function onlySync(input: Counting): Iterable<number> {
  return { [Symbol.iterator]: () => input[Symbol.iterator]() };
}

async function streamed<T>(results: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const result of results) all.push(result);
  return all;
}

/** Items each of which waits at a gate of its own. */
function gated(length: number): { n: number; running: Latch; go: Event; fails: boolean }[] {
  return numbers(length).map((n) => ({ n, running: new Latch(1), go: new Event(), fails: false }));
}

/** The results up to an error, and the error. */
async function upToError<T>(results: AsyncIterable<T>): Promise<{ given: T[]; error: unknown }> {
  const given: T[] = [];
  try {
    for await (const result of results) given.push(result);
  } catch (error) {
    return { given, error };
  }
  return assert.fail(`it did not fail; it gave ${JSON.stringify(given)}`);
}

// --- results -----------------------------------------------------------------------------------------------------

test('a map that is awaited gives all results in the order of the items', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  for (const length of [0, 1, 2, 7, 1000]) {
    for (const options of [
      {},
      { chunkSize: 'auto' as const },
      { chunkSize: 1 },
      { chunkSize: 64, buffer: 3 },
    ]) {
      assert.deepEqual(await pool.map(targets.square, numbers(length), options), squares(length));
      assert.deepEqual(await pool.map(targets.squareLater, numbers(length), options), squares(length));
    }
  }
  const mapping = pool.map(targets.square, [1, 2]);
  assert.deepEqual(await Promise.all([mapping, mapping]), [
    [1, 4],
    [1, 4],
  ]);
});

test('a map that is iterated gives them one after another', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  assert.deepEqual(await streamed(pool.map(targets.square, numbers(500))), squares(500));
  assert.deepEqual(await streamed(pool.map(targets.square, [])), []);
  assert.deepEqual(await streamed(pool.map(targets.identity<undefined>, [undefined])), [undefined]);
});

test('items come from anything that can be iterated', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  async function* slowly(): AsyncGenerator<number> {
    for (const n of numbers(40)) {
      if (n % 7 === 0) await targets.turn();
      yield n;
    }
  }
  const inputs: (Iterable<number> | AsyncIterable<number>)[] = [
    numbers(40),
    new Set(numbers(40)),
    numbers(40).values(),
    Uint8Array.from(numbers(40)),
    slowly(),
  ];
  for (const input of inputs) assert.deepEqual(await pool.map(targets.square, input), squares(40));
  assert.deepEqual(await pool.map(targets.identity<string>, 'text'), ['t', 'e', 'x', 't']);
});

test('unordered results come as they are ready', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  const items = gated(3);
  const results = pool.map(targets.passGate, items, { ordered: false, chunkSize: 1 })[Symbol.asyncIterator]();
  const [first, second, third] = items as [(typeof items)[0], (typeof items)[0], (typeof items)[0]];
  second.go.set();
  assert.equal((await results.next()).value, 1);
  third.go.set();
  assert.equal((await results.next()).value, 2);
  first.go.set();
  assert.equal((await results.next()).value, 0);
  assert.equal((await results.next()).done, true);
  const all = await streamed(pool.map(targets.square, numbers(300), { ordered: false }));
  assert.deepEqual(
    all.sort((a, b) => a - b),
    squares(300),
  );
});

test('ordered results wait for those before them', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  const items = gated(3);
  const given: number[] = [];
  const streaming = (async () => {
    for await (const n of pool.map(targets.passGate, items, { chunkSize: 1 })) given.push(n);
  })();
  items[1]?.go.set();
  items[2]?.go.set();
  await until(() => items[2]?.running.count === 0 && pool.stats().finished === 2);
  assert.deepEqual(given, []);
  items[0]?.go.set();
  await streaming;
  assert.deepEqual(given, [0, 1, 2]);
});

test('a target may give a promise or a future', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  assert.deepEqual(
    await pool.map(
      targets.submitSquare,
      numbers(5).map((n) => ({ pool, n })),
    ),
    squares(5),
  );
});

test('a map gives the results of Array.map, whatever its options', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  const options = fc.record(
    {
      chunkSize: fc.oneof(fc.constant('auto' as const), fc.integer({ min: 1, max: 50 })),
      buffer: fc.integer({ min: 1, max: 60 }),
      ordered: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer(), { maxLength: 200 }), options, async (items, chosen) => {
      const results = await streamed(pool.map(targets.square, items, chosen));
      const expected = items.map((n) => n * n);
      if (chosen.ordered === false) {
        results.sort((a, b) => a - b);
        expected.sort((a, b) => a - b);
      }
      assert.deepEqual(results, expected);
    }),
    { numRuns: rounds(60, 2000) },
  );
});

// --- looking ahead -------------------------------------------------------------------------------------------------

test('chunkSize is how many items a task takes', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const before = pool.stats().submitted;
  await pool.map(targets.square, numbers(100), { chunkSize: 30 });
  assert.equal(pool.stats().submitted - before, 4);
  await pool.map(targets.square, numbers(100), { chunkSize: 1 });
  assert.equal(pool.stats().submitted - before, 104);
});

test('with auto, tasks of quick items take more and more of them', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  await pool.map(targets.square, numbers(20_000));
  const { submitted } = pool.stats();
  assert.ok(submitted < 10_000, `${String(submitted)} tasks for 20000 items`);
});

for (const kind of ['generator', 'async generator']) {
  test(`an endless ${kind} is looked ahead of no further than buffer says`, watchdog, async () => {
    await using pool = new ThreadPool({ threads: 2 });
    for (const ordered of [true, false]) {
      const input = new Counting();
      const items = kind === 'generator' ? onlySync(input) : input;
      let given = 0;
      for await (const result of pool.map(targets.square, items, { buffer: 10, chunkSize: 3, ordered })) {
        given++;
        if (ordered) assert.equal(result, (given - 1) ** 2);
        assert.ok(input.taken <= given + 11, `${String(input.taken)} taken, ${String(given)} given`);
        if (given === 200) break;
      }
      // An async generator closes when it has given the item that it was asked for.
      await until(() => input.closed === 1);
    }
  });
}

test('without buffer, an endless input is not taken in whole either', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  const input = new Counting();
  const results = pool.map(targets.square, onlySync(input), { chunkSize: 5 })[Symbol.asyncIterator]();
  assert.equal((await results.next()).value, 0);
  await until(() => pool.stats().pending + pool.stats().running === 0);
  await targets.turn();
  assert.ok(input.taken <= 5 * 4 * 2 + 5, `${String(input.taken)} taken for one result`);
  await results.return();
  assert.equal(input.closed, 1);
});

test('a map takes nothing before somebody wants its results, and gives them once', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const input = new Counting();
  const idle = pool.map(targets.square, onlySync(input));
  await targets.turn();
  assert.equal(input.taken, 0);
  assert.equal(pool.stats().submitted, 0);
  assert.ok(idle);
  const mapping = pool.map(targets.square, [1]);
  assert.deepEqual(await streamed(mapping), [1]);
  await assert.rejects(streamed(mapping), {
    name: 'TypeError',
    message: 'a map gives its results once: await it, or iterate it, and keep them',
  });
});

test('progress is told as items are done', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  const told: [number, number | undefined][] = [];
  const onProgress = (done: number, total: number | undefined): number => told.push([done, total]);
  await pool.map(targets.square, numbers(100), { chunkSize: 10, onProgress });
  assert.deepEqual(
    told,
    numbers(10).map((n) => [10 * (n + 1), 100]),
  );
  told.length = 0;
  await pool.map(targets.square, new Set(numbers(20)), { chunkSize: 10, onProgress });
  assert.deepEqual(told, [
    [10, undefined],
    [20, undefined],
  ]);
  await assert.rejects(
    async () =>
      await pool.map(targets.square, numbers(20), {
        onProgress: () => {
          throw new EvalError('progress');
        },
      }),
    { name: 'EvalError', message: 'progress' },
  );
});

// --- ends ----------------------------------------------------------------------------------------------------------

test('results before an error are given, and what has not begun is cancelled', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  for (const chunkSize of [1, 3, 100, 'auto'] as const) {
    for (const ordered of [true, false]) {
      const { given, error } = await upToError(pool.map(targets.failAt, numbers(20), { chunkSize, ordered }));
      assert.deepEqual(given, [0, 1, 2, 3, 4]);
      assert.ok(error instanceof RangeError);
      assert.equal(error.message, 'five');
    }
  }
  await assert.rejects(async () => await pool.map(targets.failAt, numbers(20)), { message: 'five' });
});

test('an error waits for the results before it, whatever comes of those after it', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  const items = gated(10);
  for (const item of items.slice(1, 3)) item.fails = true;
  const outcome = upToError(pool.map(targets.failAtGate, items, { chunkSize: 1 }));
  await until(() => items.slice(0, 2).every(({ running }) => running.count === 0));
  items[1]?.go.set();
  // Item 2 takes its thread or is cancelled; what comes after it, of the four chunks for each thread, has not begun.
  await until(() => pool.stats().cancelled >= 5);
  items[2]?.go.set();
  await until(() => pool.stats().pending === 0 && pool.stats().running === 1);
  items[0]?.go.set();
  const { given, error } = await outcome;
  assert.deepEqual(given, [0]);
  assert.equal((error as Error).message, 'item 1');
  for (const { running } of items.slice(3)) assert.equal(running.count, 1, 'never begun');
  assert.equal(pool.stats().submitted, 8);
});

test('an error says where it was thrown, and where the map was called', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const both: ((n: number) => number | Promise<number>)[] = [targets.failIfOdd, targets.failIfOddLater];
  for (const target of both) {
    const { error } = await upToError(pool.map(target, [0, 2, 3]));
    const frames = (error as Error).stack?.split('\n') ?? [];
    assert.equal(frames[0], 'RangeError: 3 is odd');
    assert.match(frames[1] ?? '', /^\s+at failIfOdd .*pool-targets/);
    const site = frames.findIndex((line) => line.includes('--- submitted at: ---'));
    assert.match(frames[site + 1] ?? '', /pool-map\.test/);
    for (const frame of frames) assert.doesNotMatch(frame, /src\/executor|dist\//);
  }
});

test(
  'what cannot cross is told with its place among all items, and where the map was called',
  watchdog,
  async () => {
    await using pool = new ThreadPool({ threads: 1 });
    const { error } = await upToError(pool.map(targets.giveFunctionAt7, numbers(10), { chunkSize: 4 }));
    assert.ok(error instanceof CloneError);
    assert.match(error.path, /^results\[7\]/);
    assert.match(error.stack ?? '', /--- submitted at: ---\n.*pool-map\.test/);
  },
);

test('an error of the map is told also if its input then fails to close', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const closing = (): never => {
    throw new SyntaxError('while closing');
  };
  let n = 0;
  const iterator = { next: () => ({ done: false, value: n++ }), return: closing };
  const items: Iterable<number> = { [Symbol.iterator]: () => iterator };
  const { error } = await upToError(pool.map(targets.failAt, items));
  assert.equal((error as Error).message, 'five');
  n = 0;
  await assert.rejects(
    async () => {
      for await (const square of pool.map(targets.square, items)) if (square === 9) break;
    },
    { message: 'while closing' },
  );
});

test('an input that fails ends the map after the results of what came before', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  function* failing(): Generator<number> {
    yield* numbers(5);
    throw new EvalError('no more');
  }
  async function* failingLater(): AsyncGenerator<number> {
    for (const n of numbers(5)) yield n;
    await targets.turn();
    throw new EvalError('no more');
  }
  for (const input of [failing, failingLater]) {
    const { given, error } = await upToError(pool.map(targets.square, input(), { chunkSize: 3 }));
    assert.deepEqual(given, squares(5));
    assert.ok(error instanceof EvalError);
    assert.equal(error.message, 'no more');
  }
});

test('an item that cannot cross ends the map after the results of what came before', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const items = [1, 2, { f: () => 1 }, 4];
  const { given, error } = await upToError(pool.map(targets.identity<unknown>, items, { chunkSize: 1 }));
  assert.deepEqual(given, [1, 2]);
  assert.ok(error instanceof CloneError);
  assert.match(error.path, /^items\[\d\]\.f$/);
});

test('leaving the loop early closes the input and cancels what has not begun', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const order = new SharedList<number>();
  const input = new Counting();
  function* items(): Generator<{ order: SharedList<number>; n: number }> {
    for (const n of input) yield { order, n };
  }
  for await (const n of pool.map(targets.recordItem, items(), { chunkSize: 1, buffer: 8 })) {
    if (n === 2) break;
  }
  assert.equal(input.closed, 1);
  const { taken } = input;
  await pool.submit(targets.nothing);
  assert.equal(input.taken, taken);
  const { pending, running, submitted, finished, cancelled } = pool.stats();
  assert.deepEqual([pending, running], [0, 0]);
  assert.equal(finished + cancelled, submitted, 'a task has ended or was cancelled');
  assert.ok(order.length >= 3);
});

test('an input that never gives its next item does not keep the map from ending', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  async function* stuck(): AsyncGenerator<number> {
    yield 1;
    await new Promise(() => undefined);
  }
  for await (const n of pool.map(targets.square, stuck())) {
    assert.equal(n, 1);
    break;
  }
  const abort = new AbortController();
  const results = pool.map(targets.square, stuck(), { signal: abort.signal })[Symbol.asyncIterator]();
  assert.equal((await results.next()).value, 1);
  const next = results.next();
  abort.abort(new EvalError('enough'));
  await assert.rejects(next, { name: 'EvalError', message: 'enough' });
});

test('a signal ends a map, also what it runs', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  const abort = new AbortController();
  const items = gated(6);
  const told: number[] = [];
  const mapped = assert.rejects(
    async () =>
      await pool.map(targets.passGate, items, {
        chunkSize: 1,
        signal: abort.signal,
        onProgress: (done) => told.push(done),
      }),
    (reason) => reason === abort.signal.reason,
  );
  await until(() => items[0]?.running.count === 0 && items[1]?.running.count === 0);
  abort.abort();
  await mapped;
  // No gate was opened: the running ones were cancelled too.
  await until(() => pool.stats().running === 0);
  assert.equal(pool.stats().pending, 0);
  await targets.turn();
  assert.deepEqual(told, [], 'nothing is told after the end');
  // A signal that has aborted before.
  await assert.rejects(
    async () => await pool.map(targets.square, [1], { signal: abort.signal }),
    (reason) => reason === abort.signal.reason,
  );
  assert.equal(await pool.submit(targets.add, 1, 1), 2);
});

test('a map over a pool that is shut down meanwhile fails', watchdog, async () => {
  const pool = new ThreadPool({ threads: 1 });
  const mapping = pool.map(targets.square, onlySync(new Counting()), { chunkSize: 1, buffer: 2 });
  const results = mapping[Symbol.asyncIterator]();
  assert.equal((await results.next()).value, 0);
  await pool.shutdown();
  await assert.rejects(async () => {
    for (;;) if ((await results.next()).done === true) break;
  }, ThreadStateError);
  await assert.rejects(async () => await pool.map(targets.square, [1]), ThreadStateError);
});
