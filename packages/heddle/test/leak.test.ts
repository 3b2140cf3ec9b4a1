/** Nothing piles up: neither in the shared heap nor in the process. `HEDDLE_SOAK=1` runs much longer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Event,
  Latch,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  selectAsync,
  Guarded,
  SharedList,
  SharedMap,
  SharedValue,
  spawn,
  Thread,
  ThreadGroup,
  threads,
  Timer,
} from 'heddle';
import * as targets from './fixtures/leak-targets.js';

const soak = process.env['HEDDLE_SOAK'] === '1';
const watchdog = { timeout: soak ? 1_800_000 : 110_000 };
const THREADS = soak ? 100_000 : 10_000;
const MB = 2 ** 20;
/** What tables and free lists may keep, whatever was in them. */
const SLACK = 64 * 1024;

/** Bytes in use once all workers and main have collected their garbage. */
async function usedAfterTidying(): Promise<number> {
  await targets.tidyHere();
  // As many as ever stay idle: each gets one.
  const together = new Latch(5);
  await Promise.all(Array.from({ length: 5 }, () => spawn(targets.tidy, together).joinAsync()));
  await targets.tidyHere();
  return (await spawn(targets.heapUse).joinAsync()).used;
}

/** Runs `action` once to fill what stays filled, then measures how much more is in use after it ran again. */
async function growth(action: () => void | Promise<void>): Promise<number> {
  await action();
  let least = await usedAfterTidying();
  const before = least;
  await action();
  // What is garbage is found sooner or later: the collector decides when.
  for (let i = 0; i < 10; i++) {
    least = await usedAfterTidying();
    if (least <= before + SLACK) break;
  }
  return least - before;
}

async function stays(action: () => void | Promise<void>): Promise<void> {
  const grown = await growth(action);
  assert.ok(grown <= SLACK, `${grown} bytes more are in use`);
}

test(`${THREADS} threads, one after another, leave nothing behind`, watchdog, async () => {
  const lock = new Lock();
  const run = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      const text = 'x'.repeat(i % 1000);
      assert.equal(spawn(targets.use, lock, text).join(), text.length);
      // Handles are given back in a turn of the loop; the tables stay as large as they ever were.
      if (i % 500 === 0) await targets.tidyHere();
    }
  };
  await run(1000);
  const used = await usedAfterTidying();
  const resident = process.memoryUsage.rss();
  await run(THREADS);
  let now = await usedAfterTidying();
  for (let i = 0; i < 10 && now > used + SLACK; i++) now = await usedAfterTidying();
  assert.ok(now <= used + SLACK, `${now - used} bytes more of the shared heap are in use`);
  const grown = process.memoryUsage.rss() - resident;
  assert.ok(grown < 256 * MB, `the process has grown by ${Math.round(grown / MB)} MB`);
});

test('threads at a time, joined awaited, in groups, failing, cancelled', watchdog, async () => {
  await stays(async () => {
    const group = new ThreadGroup();
    for (let i = 0; i < 50; i++) {
      group.spawn(targets.nothing);
      if (i % 10 === 0) group.spawn(targets.spawnInto, group);
      await assert.rejects(spawn(targets.fail, 'x'.repeat(1000)).joinAsync());
      const cancelled = new Thread(targets.nothing);
      cancelled.cancel('x'.repeat(1000));
      await assert.rejects(cancelled.start().joinAsync());
      new Thread(targets.fail, ['never started']);
    }
    await group.joinAsync();
  });
});

test('a group that is never joined keeps none of its members', watchdog, async () => {
  const group = new ThreadGroup();
  await stays(async () => {
    for (let i = 0; i < 100; i++) await group.spawn(targets.nothing).joinAsync();
  });
});

test('groups whose members fail', watchdog, async () => {
  await stays(async () => {
    for (let i = 0; i < 30; i++) {
      const group = new ThreadGroup();
      group.spawn(targets.fail, 'x'.repeat(1000));
      await assert.rejects(group.joinAsync());
    }
  });
});

test('timers that fire, and timers that are cancelled long before they would', watchdog, async () => {
  await stays(async () => {
    for (let i = 0; i < 100; i++) {
      const timer = new Timer(0x7fff_ffff, targets.fail, ['x'.repeat(1000)]).start();
      assert.equal(timer.cancel(), true);
      if (i % 10 > 0) continue;
      const done = new Event();
      new Timer(0, setIt, [done]).start();
      await done.waitAsync();
    }
  });
});

function setIt(event: Event): void {
  event.set();
}

test('handles that are garbage, and handles that are disposed of', watchdog, async () => {
  await stays(async () => {
    for (let i = 0; i < 1000; i++) {
      const queue = new Queue<string>();
      queue.put('x'.repeat(1000));
      new Lock();
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  });
  await stays(() => {
    for (let i = 0; i < 1000; i++) {
      const lock = new Lock();
      lock[Symbol.dispose]();
    }
  });
});

test('stacks, priorities and selects', watchdog, async () => {
  const queues = [new Queue<string>(), new LifoQueue<string>(), new PriorityQueue<string>()] as const;
  await stays(async () => {
    for (let i = 0; i < 300; i++) {
      for (let k = 0; k < 9; k++) {
        queues[2].put('x'.repeat((k * i) % 1000), { priority: (k * 5) % 7 });
        queues[1].put('x'.repeat((k * i) % 1000));
      }
      for (let k = 0; k < 18; k++) await selectAsync(queues);
      await assert.rejects(selectAsync(queues, { timeout: 0.01 }));
      const selected = selectAsync(queues);
      queues[i % 3]?.put('x'.repeat(1000));
      await selected;
      const left = i % 2 === 0 ? new LifoQueue<string>() : new PriorityQueue<string>();
      left.putMany(['x'.repeat(1000), 'y', 'z']);
    }
  });
});

test('shared maps, lists and values, used by threads, replaced, refused and dropped', watchdog, async () => {
  await stays(async () => {
    for (let i = 0; i < 50; i++) {
      const map = new SharedMap<string | number, unknown>([['text', 'x'.repeat(1000)]]);
      const list = new SharedList<unknown>(
        Array.from({ length: 100 }, (_, n) => ({ n, text: 'x'.repeat(n) })),
      );
      const value = new SharedValue<unknown>([map, list]);
      const guarded = new Guarded<unknown[]>([value, 'x'.repeat(1000)]);
      for (let n = 0; n < 100; n++) map.set(n % 2 === 0 ? n : `key ${n}`, [n, value]);
      await spawn(targets.useShared, map, list, value, guarded).joinAsync();
      assert.throws(() => map.set('bad', ['x'.repeat(1000), () => 1]));
      assert.throws(() => list.push('x'.repeat(1000), () => 1));
      assert.throws(() => guarded.with((all) => all.push(() => 1)));
      for (const [key] of map) if (key === 0) break;
      // Those that refer to each other in a circle must be parted.
      value.set(null);
    }
  });
});

test('a thread that is terminated, or ends its worker, gives back what it had', watchdog, async () => {
  await stays(async () => {
    for (let i = 0; i < 5; i++) {
      const items = new Queue<unknown>();
      for (let k = 0; k < 100; k++) items.put('x'.repeat(1000));
      const running = new Event();
      const thread = spawn(targets.keepAndWait, items, running, new Event());
      await running.waitAsync();
      await thread.terminate();
      await assert.rejects(thread.joinAsync());
      await assert.rejects(spawn(targets.exit, items).joinAsync());
    }
  });
});

test('arguments and results that are refused', watchdog, async () => {
  await stays(() => {
    for (let i = 0; i < 200; i++) {
      const thread = new Thread(targets.use as (...all: unknown[]) => unknown, [new Lock(), () => 'x']);
      assert.throws(() => thread.start(), { path: 'args[1]' });
    }
  });
});

test(
  'the heap grows for large items, is seen by threads of before, and is free again',
  watchdog,
  async () => {
    const count = soak ? 200 : 25;
    const size = 10 * MB;
    const before = await usedAfterTidying();
    const items = new Queue<Uint8Array>();
    const running = new Latch(2);
    const go = new Event();
    const early = [1, 2].map((n) => spawn(targets.consumeLater, running, go, items, n === 1 ? 5 : count - 5));
    running.wait();
    const late = spawn(targets.produce, items, count, size);
    late.join();
    const full = spawn(targets.heapUse).join();
    assert.ok(full.used >= count * size, `${full.used} bytes are in use`);
    go.set();
    assert.equal(early[0]?.join(), 5 * size);
    assert.equal(early[1]?.join(), (count - 5) * size);
    let after = await usedAfterTidying();
    for (let i = 0; i < 10 && after > before + SLACK; i++) after = await usedAfterTidying();
    assert.ok(after <= before + SLACK, `${after - before} bytes more are in use`);
    // A second time, the same memory serves again.
    spawn(targets.produce, items, 5, size).join();
    assert.equal(items.drain().length, 5);
    assert.equal(spawn(targets.heapUse).join().taken, full.taken, 'the heap has grown again');
  },
);

test('no thread is left', watchdog, () => {
  assert.deepEqual(
    threads().map(({ name }) => name),
    ['main'],
  );
});
