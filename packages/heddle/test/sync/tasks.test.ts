/** Awaited waits: tasks of one thread, and what keeps a program alive. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Condition, Event, Lock, RWLock, Semaphore, spawn } from 'heddle';
import { holdUntil } from '../fixtures/sync-targets.js';
import { waitOnce } from '../fixtures/sync-waits.js';
import { rounds, untilWaiting, watchdog } from '../fixtures/waiting.js';

/** Runs a program in a process of its own; it must end by itself. */
function run(program: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    encoding: 'utf8',
    timeout: watchdog.timeout,
  });
  return { status, output: stdout + stderr };
}

test('a pending wait keeps the program alive until it ends', watchdog, () => {
  const program = `
    import { Event, Lock, Semaphore, spawn } from 'heddle';
    const event = new Event();
    event.waitAsync().then(() => console.log('event'));
    const lock = new Lock();
    const guard = lock.acquire();
    lock.acquireAsync({ timeout: 20 }).catch((error) => console.log(error.code));
    spawn((event) => { event.set(); }, event);
    await new Semaphore(0).acquireAsync({ timeout: 300 }).catch((error) => console.log('last', error.code));
    guard.release();
  `;
  const { status, output } = run(program);
  assert.equal(status, 0, output);
  assert.deepEqual(output.trim().split('\n').sort(), ['HEDDLE_TIMEOUT', 'event', 'last HEDDLE_TIMEOUT']);
});

test('a program whose waits have ended ends too', watchdog, () => {
  const program = `
    import { Event } from 'heddle';
    const event = new Event();
    const controller = new AbortController();
    const waits = [event.waitAsync({ timeout: 1e9 }), event.waitAsync({ signal: controller.signal }), event.waitAsync()];
    controller.abort(new Error('stop'));
    event.set();
    console.log((await Promise.allSettled(waits)).map((outcome) => outcome.status).join());
  `;
  assert.deepEqual(run(program), { status: 0, output: 'fulfilled,rejected,fulfilled\n' });
});

test('tasks of one thread take turns at a lock', watchdog, async () => {
  const lock = new Lock();
  let [inside, most, done] = [0, 0, 0];
  const tasks = Array.from({ length: rounds(50, 2000) }, async () => {
    using _guard = await lock.acquireAsync();
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside--;
    done++;
  });
  await Promise.all(tasks);
  assert.deepEqual([most, done, lock.locked], [1, tasks.length, false]);
});

test('tasks of one thread exclude each other as readers and writer', watchdog, async () => {
  const lock = new RWLock();
  let [readers, writers, mistakes] = [0, 0, 0];
  const tasks = Array.from({ length: rounds(60, 2000) }, async (_, place) => {
    const writes = place % 4 === 0;
    using _guard = await (writes ? lock.writeAsync() : lock.readAsync());
    if (writes) writers++;
    else readers++;
    if (writers > 1 || (writers === 1 && readers > 0)) mistakes++;
    await new Promise((resolve) => setImmediate(resolve));
    if (writes) writers--;
    else readers--;
  });
  await Promise.all(tasks);
  assert.deepEqual([mistakes, lock.readers, lock.writing], [0, 0, false]);
});

test(
  'a thread that blocks is passed over by no task, and a task by no blocked thread for long',
  watchdog,
  async () => {
    const lock = new Lock();
    const [held, release] = [new Event(), new Event()];
    const holder = spawn(holdUntil, lock, held, release);
    await held.waitAsync();
    const blocked = Array.from({ length: 3 }, () => spawn(waitOnce, 'Lock.acquire', 'blocking', lock));
    const tasks = Array.from({ length: 3 }, () => lock.acquireAsync().then((guard) => guard.release()));
    await untilWaiting(lock, 6);
    release.set();
    await Promise.all([...tasks, holder.joinAsync(), ...blocked.map((thread) => thread.joinAsync())]);
    assert.deepEqual([lock.locked, lock.stats().waiting], [false, 0]);
  },
);

test('thousands of awaited waits, ended in all ways, are all told', watchdog, async () => {
  const [event, semaphore, condition] = [new Event(), new Semaphore(0), new Condition()];
  const count = rounds(500, 5000);
  const waits: Promise<unknown>[] = [];
  const controller = new AbortController();
  for (let i = 0; i < count; i++) {
    waits.push(event.waitAsync(i % 3 === 0 ? { timeout: i % 5 } : {}));
    waits.push(semaphore.acquireAsync(i % 2 === 0 ? { signal: controller.signal } : {}));
    waits.push(
      (async () => {
        using _guard = await condition.lock.acquireAsync();
        await condition.waitAsync(i % 4 === 0 ? { timeout: 1 } : {});
      })(),
    );
  }
  const settled = Promise.allSettled(waits);
  // An RLock is every task's of the thread, so that none of them has waited for it; the first wait gave it back.
  await new Promise((resolve) => setImmediate(resolve));
  controller.abort();
  semaphore.release(count);
  event.set();
  {
    using _guard = await condition.lock.acquireAsync();
    condition.notifyAll();
  }
  const outcomes = await settled;
  assert.equal(outcomes.length, 3 * count);
  assert.deepEqual(
    [event, semaphore, condition].map((handle) => handle.stats().waiting),
    [0, 0, 0],
  );
  assert.equal(semaphore.value, count - Math.floor(count / 2));
});
