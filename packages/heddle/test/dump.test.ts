/** What dumps tell of threads that run, are blocked or await. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { dump, Event, Latch, Lock, Queue, type Site, spawn, type ThreadDump, Thread } from 'heddle';
import { awaitGo, compute, dumpMain, getUnderLock } from './fixtures/dump-targets.js';
import { until, watchdog } from './fixtures/waiting.js';

function threadIn({ threads }: ThreadDump, name: string): ThreadDump['threads'][number] {
  const found = threads.find((thread) => thread.name === name);
  assert.ok(found, `${name} is not in the dump`);
  return found;
}

/** The line of the fixture at a place, whether the place is in the source or in what was compiled. */
function lineAt(site: Site | undefined): string {
  assert.ok(site);
  assert.match(site.file, /dump-targets\.[jt]s$/);
  const compiled = new URL('./fixtures/dump-targets.js', import.meta.url);
  const source = new URL('../../test/fixtures/dump-targets.ts', import.meta.url);
  return readFileSync(site.file.endsWith('.ts') ? source : compiled, 'utf8').split('\n')[site.line - 1] ?? '';
}

test('a dump tells what each thread does, waits for and holds, and where', watchdog, async () => {
  const [lock, jobs] = [new Lock({ name: 'guard' }), new Queue<number>({ name: 'jobs' })];
  const [stop, go, ready] = [new Event(), new Event({ name: 'go' }), new Latch(3)];
  const getter = new Thread(getUnderLock, [lock, jobs, ready], { name: 'getter' }).start();
  const runner = new Thread(compute, [stop, ready], { name: 'runner', daemon: true }).start();
  const awaiter = new Thread(awaitGo, [go, ready], { name: 'awaiter' }).start();
  await ready.waitAsync();
  await until(() => jobs.stats().waiting === 1 && go.stats().waiting === 1);

  const made = await dump();
  assert.ok(Math.abs(made.time - Date.now()) < 60_000);
  assert.deepEqual(
    made.threads.map(({ id }) => id),
    made.threads.map(({ id }) => id).sort((a, b) => a - b),
  );
  const blocked = threadIn(made, 'getter');
  assert.equal(blocked.state, 'blocked');
  assert.deepEqual([blocked.waitsFor?.kind, blocked.waitsFor?.name], ['Queue', 'jobs']);
  assert.match(lineAt(blocked.waitsFor?.site), /waits: get/);
  assert.deepEqual(
    blocked.holds.map(({ kind, name }) => [kind, name]),
    [['Lock', 'guard']],
  );
  assert.match(blocked.stack ?? '', /getUnderLock/);
  const running = threadIn(made, 'runner');
  assert.equal(running.state, 'running');
  assert.equal(running.waitsFor, undefined);
  assert.equal(running.daemon, true);
  const awaiting = threadIn(made, 'awaiter');
  assert.equal(awaiting.state, 'awaiting');
  assert.deepEqual([awaiting.waitsFor?.kind, awaiting.waitsFor?.name], ['Event', 'go']);
  assert.match(lineAt(awaiting.waitsFor?.site), /waits: waitAsync/);
  assert.deepEqual(awaiting.open, ['Timeout']);

  assert.deepEqual(JSON.parse(JSON.stringify(made)), { ...made });
  const text = String(made);
  assert.match(text, /^\d+ threads at \d{4}-/);
  assert.match(text, /waits for Queue "jobs" since .* at fixtures\/dump-targets/);
  assert.match(text, /may go on: its event loop also waits for Timeout/);

  stop.set();
  go.set();
  jobs.put(5);
  assert.equal(await getter.joinAsync(), 5);
  await Promise.all([runner.joinAsync(), awaiter.joinAsync()]);
});

test('a blocked main thread is told of too', watchdog, () => {
  const made = spawn(dumpMain).join();
  const main = threadIn(made, 'main');
  assert.equal(main.state, 'blocked');
  assert.equal(main.waitsFor?.kind, 'Thread');
  assert.match(main.stack ?? '', /dump\.test/);
});
