/** SharedMap, SharedList and SharedValue among threads: histories, totals, contention and deaths. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  AbandonedLockError,
  Event,
  Guarded,
  Latch,
  Lock,
  Queue,
  sharedArray,
  SharedList,
  SharedMap,
  SharedValue,
  spawn,
} from 'heddle';
import { isExplainedBy, type Operation, overlaps, told } from './fixtures/linearizability.js';
import { models, record, type Structure } from './fixtures/shared-history.js';
import * as targets from './fixtures/shared-targets.js';
import { random } from './fixtures/sync-stress.js';
import { rounds, soak, until } from './fixtures/waiting.js';

const limits = { timeout: soak ? 3_600_000 : 120_000 };
const seed = Number(process.env['HEDDLE_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

// --- histories ---------------------------------------------------------------------------------------------

const make: Readonly<Record<Structure, () => unknown>> = {
  map: () => new SharedMap(null, { name: 'map' }),
  list: () => new SharedList(null, { name: 'list' }),
  value: () => new SharedValue(0, { name: 'value' }),
};

describe(`every history is one of a single thread, seed ${seed}`, limits, () => {
  for (const structure of ['map', 'list', 'value'] as const) {
    for (const threads of [2, 3, 4]) {
      test(`${structure}, ${threads} threads`, async () => {
        let overlapping = 0;
        for (let batch = 0; batch < rounds(5, 1000); batch++) {
          const handles = Array.from({ length: 40 }, make[structure]);
          const words = sharedArray('i32', 2);
          const start = (place: number) =>
            spawn(record, structure, handles, words, threads, 8, seed + 31 * place + 1009 * batch);
          const recorded = await Promise.all(
            Array.from({ length: threads }, (_, place) => start(place).joinAsync()),
          );
          for (let round = 0; round < handles.length; round++) {
            const history: Operation[] = recorded.flatMap((its) => its[round] ?? []);
            assert.equal(history.length, threads * 8);
            overlapping += overlaps(history);
            assert.ok(isExplainedBy(history, models[structure]), `no order explains this:\n${told(history)}`);
          }
          for (const handle of handles) (handle as Disposable)[Symbol.dispose]();
        }
        assert.ok(overlapping > 0, 'no two operations were under way at one time');
      });
    }
  }

  test('the search finds what cannot be', () => {
    const operation = (name: string, args: unknown[], result: unknown, called: number, returned: number) => ({
      name,
      args,
      result,
      called,
      returned,
    });
    const lost = [operation('plusOne', [], 1, 0, 3), operation('plusOne', [], 1, 1, 2)];
    assert.equal(isExplainedBy(lost, models.value), false);
    const stale = [operation('set', [5], undefined, 0, 1), operation('get', [], 0, 2, 3)];
    assert.equal(isExplainedBy(stale, models.value), false);
    const fine = [operation('set', [5], undefined, 0, 3), operation('get', [], 0, 1, 2)];
    assert.equal(isExplainedBy(fine, models.value), true);
  });
});

// --- totals ------------------------------------------------------------------------------------------------

for (const threads of soak ? [2, 5, 16] : [2, 5]) {
  test(`no update is lost, ${threads} threads, seed ${seed}`, limits, async () => {
    const map = new SharedMap<string | number, { count: number }>();
    const list = new SharedList([0]);
    const value = new SharedValue({ count: 0, by: '' });
    const times = rounds(2000, 50_000);
    const running = Array.from({ length: threads }, (_, place) =>
      spawn(targets.addEverywhere, map, list, value, 7, times, seed + place),
    );
    await Promise.all(running.map((thread) => thread.joinAsync()));
    assert.equal(
      [...map.values()].reduce((sum, { count }) => sum + count, 0),
      threads * times,
    );
    assert.equal(list.get(0), threads * times);
    assert.equal(value.get().count, threads * times);
  });

  test(`a map that grows and shrinks under ${threads} threads loses nothing`, limits, async () => {
    const map = new SharedMap<string, number[]>();
    const count = rounds(3000, 100_000);
    const running = Array.from({ length: threads }, (_, place) =>
      spawn(targets.fillAndThin, map, `thread ${place}`, count),
    );
    await Promise.all(running.map((thread) => thread.joinAsync()));
    assert.equal(map.size, (threads * count) / 2);
    const all = map.snapshot();
    for (let place = 0; place < threads; place++) {
      for (let n = 1; n < count; n += 2) assert.deepEqual(all.get(`thread ${place} ${n}`), [n, n]);
    }
    map.clear();
    assert.equal(map.size, 0);
  });

  test(`items of a list come out once, ${threads} threads`, limits, async () => {
    const list = new SharedList<string>();
    const taken = new SharedValue(0);
    const count = rounds(2000, 50_000);
    const producers = Array.from({ length: threads }, (_, place) =>
      spawn(targets.produceItems, list, `thread ${place}`, count),
    );
    const takers = [1, 2].map(() => spawn(targets.takeItems, list, taken, threads * count));
    await Promise.all(producers.map((thread) => thread.joinAsync()));
    const items = (await Promise.all(takers.map((thread) => thread.joinAsync()))).flat();
    assert.equal(items.length, threads * count);
    assert.equal(new Set(items).size, threads * count);
    assert.equal(list.length, 0);
  });
}

test('snapshots are of one moment', limits, async () => {
  const map = new SharedMap<string, number>();
  const lock = new Lock();
  const done = new Event();
  const watchers = [1, 2].map(() => spawn(targets.watchTwins, map, done));
  await spawn(targets.keepTwins, map, lock, rounds(3000, 300_000)).joinAsync();
  done.set();
  const looks = await Promise.all(watchers.map((watcher) => watcher.joinAsync()));
  assert.ok(looks.every((count) => count > 0));
});

test('a loop meets once what stays, while tables grow and shrink', limits, async () => {
  const map = new SharedMap<number, number>();
  const stayers = 500;
  for (let key = 0; key < stayers; key++) map.set(key, key);
  const done = new Event();
  const loops = [1, 2].map(() => spawn(targets.goThrough, map, stayers, done));
  await spawn(targets.breathe, map, 10_000, 3000, rounds(10, 500)).joinAsync();
  done.set();
  const passes = await Promise.all(loops.map((loop) => loop.joinAsync()));
  assert.ok(passes.every((count) => count > 0));
  assert.equal(map.size, stayers);
});

// --- updates that meet -------------------------------------------------------------------------------------

test('updates of one key end, whatever the others do', limits, async () => {
  const map = new SharedMap<string, number>();
  for (const threads of [2, 4, 8]) {
    for (const turns of [0, 1000]) {
      map.clear();
      const ready = new Latch(threads);
      const times = rounds(turns === 0 ? 3000 : 300, turns === 0 ? 100_000 : 10_000);
      const running = Array.from({ length: threads }, () =>
        spawn(targets.addSlowly, map, times, turns, ready),
      );
      const calls = await Promise.all(running.map((thread) => thread.joinAsync()));
      assert.equal(map.get('hot'), threads * times);
      assert.ok(calls.every((count) => count >= times));
    }
  }
});

test('a long function wins against many short ones that never end', limits, async () => {
  const map = new SharedMap<string, number>();
  const stop = new Event();
  const short = [1, 2].map(() => spawn(targets.addUntil, map, stop));
  await until(() => (map.get('hot') ?? 0) > 100);
  const calls = await spawn(targets.addSlowly, map, 5, 2_000_000, new Latch(1)).joinAsync();
  assert.ok(calls >= 5);
  stop.set();
  await Promise.all(short.map((thread) => thread.joinAsync()));
});

test('a function may wait for another thread that updates the same key', limits, async () => {
  const map = new SharedMap<string, number>();
  const [inside, go] = [new Event(), new Event()];
  const waiting = spawn(targets.waitInside, map, inside, go);
  await inside.waitAsync();
  assert.equal(await spawn(targets.addSlowly, map, 100, 0, new Latch(1)).joinAsync(), 100);
  go.set();
  assert.equal(await waiting.joinAsync(), 101);
});

test('a thread that dies in its function takes nothing with it', limits, async () => {
  const map = new SharedMap<string, number>([['hot', 1]]);
  for (let round = 0; round < 3; round++) {
    const inside = new Event();
    const victim = spawn(targets.waitInside, map, inside, new Event());
    await inside.waitAsync();
    await victim.terminate();
    await assert.rejects(victim.joinAsync(), { code: 'HEDDLE_THREAD_DIED' });
    assert.equal(map.get('hot'), 1);
    assert.equal(
      map.update('hot', (old) => old ?? 0),
      1,
    );
  }
});

// --- passing them around -----------------------------------------------------------------------------------

test('they can be made anywhere and passed anywhere', limits, () => {
  const inner = new SharedMap<string, unknown>([['n', 1]]);
  const outer = new SharedMap<string, SharedMap<string, unknown>>([['inner', inner]]);
  assert.equal(outer.get('inner'), inner);
  const list = new SharedList<unknown>([inner, { inner, list: new SharedList([1]) }]);
  const value = new SharedValue({ list, outer });
  assert.equal(value.get().list, list);
  const queue = new Queue<unknown>();
  queue.put([value, list]);
  assert.deepEqual(queue.get(), [value, list]);
  assert.match(String(outer), /^SharedMap \(.*\) \{ 1 entry \}$/);
  assert.match(String(list), /\{ 2 items \}$/);
  assert.match(String(new SharedValue(5, { name: 'five' })), /^SharedValue "five" \{ 5 \}$/);
  const made = spawn(targets.makeAll).join();
  assert.equal(made.map.get('list'), made.list);
  assert.deepEqual(made.list.toArray(), [made.value]);
  assert.deepEqual(made.value.get(), [1]);
});

// --- deaths ------------------------------------------------------------------------------------------------

test(`threads that are killed at random leave everything whole, seed ${seed}`, limits, async () => {
  const next = random(seed);
  const steps = sharedArray('i32', 1);
  for (let round = 0; round < rounds(2, 40); round++) {
    const map = new SharedMap<number, unknown>();
    const list = new SharedList<unknown>();
    const value = new SharedValue<unknown>(0);
    const start = (place: number) =>
      spawn(targets.hammer, map, list, value, steps, seed + 31 * place + 1009 * round);
    const threads = Array.from({ length: 3 }, (_, place) => start(place));
    for (let kill = 0; kill < rounds(10, 60); kill++) {
      const before = Atomics.load(steps, 0);
      await until(() => Atomics.load(steps, 0) > before + next() * 300);
      const place = Math.floor(next() * threads.length);
      const victim = threads[place];
      assert.ok(victim);
      await victim.terminate();
      await assert.rejects(victim.joinAsync(), { code: 'HEDDLE_THREAD_DIED' });
      threads[place] = start(place + 100 * kill);
      // Others still use it, and so can main.
      map.set(1, 'main');
      list.push('main');
      assert.equal(typeof map.size, 'number');
    }
    for (const thread of threads) {
      await thread.terminate();
      await assert.rejects(thread.joinAsync());
    }
    const seen = map.snapshot();
    assert.equal(seen.size, map.size);
    assert.equal([...map.keys()].length, map.size);
    for (const [key, its] of seen) {
      assert.deepEqual(map.get(key), its);
      assert.equal(map.delete(key), true);
    }
    assert.equal(map.size, 0);
    assert.equal(list.toArray().length, list.length);
    while (list.length > 0) list.pop();
    value.get();
    value.set(1);
    assert.equal(
      value.update((old) => Number(old) + 1),
      2,
    );
  }
});

test(`a guarded value is never half stored, seed ${seed}`, limits, async () => {
  const next = random(seed);
  const steps = sharedArray('i32', 1);
  const twins = new Guarded({ a: 0, b: 0, list: [0, 0] });
  const start = () => spawn(targets.keepTogether, twins, steps);
  const threads = [1, 2].map(start);
  for (let kill = 0; kill < rounds(15, 2000); kill++) {
    const before = Atomics.load(steps, 0);
    await until(() => Atomics.load(steps, 0) > before + next() * 300);
    const place = Math.floor(next() * threads.length);
    const victim = threads[place];
    assert.ok(victim);
    await victim.terminate();
    await assert.rejects(victim.joinAsync(), { code: 'HEDDLE_THREAD_DIED' });
    threads[place] = start();
    try {
      twins.with(isWhole);
    } catch (error) {
      if (!(error instanceof AbandonedLockError)) throw error;
      const guard = twins.recover(); // or another thread was faster
      if (guard === null) continue;
      isWhole(guard.value);
      guard.release();
    }
  }
  for (const thread of threads) {
    await thread.terminate();
    await assert.rejects(thread.joinAsync());
  }
  twins.recover()?.release();
  twins.with(isWhole);
});

function isWhole({ a, b, list }: { a: number; b: number; list: number[] }): void {
  assert.equal(a, b);
  assert.deepEqual(list, [a, a]);
}
