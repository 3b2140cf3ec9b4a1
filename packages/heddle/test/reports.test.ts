import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { configure, DeadlockError, Event, Lock, onReport, RWLock, spawn } from 'heddle';
import type { Report } from 'heddle';
import { drawReport, drawReportAsSvg } from 'heddle/trace';
import { forgetRelease, listenAndForget, lockTwice, readThenWrite } from './fixtures/report-targets.js';

const cycle: Report = {
  kind: 'deadlock',
  id: 1,
  summary: 'main and worker-1 wait for each other.',
  threads: [
    {
      id: 0,
      name: 'main',
      state: 'blocked',
      waitsFor: { kind: 'Lock', name: 'b', since: 1200 },
      holds: [{ kind: 'Lock', name: 'a' }],
    },
    {
      id: 1,
      name: 'worker <1>',
      state: 'blocked',
      waitsFor: { kind: 'Lock', name: 'a', since: 900 },
      holds: [{ kind: 'Lock', name: 'b' }],
    },
  ],
  advice: 'Take "a" before "b" everywhere.',
};

function assertSelfDeadlock(error: unknown): true {
  assert.ok(error instanceof DeadlockError);
  const { report } = error;
  assert.ok(report !== undefined && Object.isFrozen(report) && Object.isFrozen(report.threads));
  assert.equal(report.kind, 'deadlock');
  assert.equal(report.threads.length, 1);
  assert.match(report.threads[0]?.waitsFor?.site?.file ?? '', /report/);
  assert.equal(report.threads[0]?.holds.length, 1);
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
  return true;
}

void test('a thread that waits for itself gets a report of its wait and its hold', () => {
  const lock = new Lock({ name: 'l' });
  using _ = lock.acquire();
  assert.throws(() => lock.acquire(), assertSelfDeadlock);
  const rw = new RWLock();
  using __ = rw.read();
  assert.throws(() => rw.write(), assertSelfDeadlock);
});

void test('a report crosses with its error, frozen', () => {
  assert.throws(() => spawn(lockTwice).join(), assertSelfDeadlock);
  assert.throws(() => spawn(readThenWrite).join(), assertSelfDeadlock);
});

void test('a listener is refused if it is no function, and can stop', () => {
  assert.throws(() => onReport(1 as never), TypeError);
  onReport(() => undefined)[Symbol.dispose]();
});

void test('a forgotten release is reported once to each thread that listens', async () => {
  const heard: Report[] = [];
  const listeners: Disposable[] = [];
  // Listening does not keep the event loop going.
  const alive = setInterval(() => undefined, 1000);
  const report = await new Promise<Report>((resolve) => {
    listeners.push(
      onReport((news) => {
        heard.push(news);
        resolve(news);
      }),
    );
    spawn(forgetRelease, 'left').join();
  });
  assert.equal(report.kind, 'abandoned-lock');
  assert.ok(Object.isFrozen(report.threads));
  assert.match(report.summary, /came without releasing Lock "left"/);
  // Its own report comes after whatever else would have come before.
  assert.match(await spawn(listenAndForget).joinAsync(), /releasing Lock "heard elsewhere"/);
  assert.equal(heard.filter(({ summary }) => summary.includes('"left"')).length, 1);
  clearInterval(alive);
  for (const listener of listeners) listener[Symbol.dispose]();
});

void test('a lock that the main thread still holds at the end is printed, unless that is off', () => {
  const run = (settings: string): ReturnType<typeof spawnSync> =>
    spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { configure, Lock } from 'heddle'; configure(${settings}); new Lock({ name: 'kept' }).acquire();`,
      ],
      { encoding: 'utf8' },
    );
  const told = run('{}');
  assert.equal(told.status, 0);
  assert.match(
    String(told.stderr),
    /^heddle: The program ends while thread "main" \(1\) still holds Lock "kept"\.\n/,
  );
  const silent = run(`{ exitReports: 'off' }`);
  assert.equal(silent.status, 0);
  assert.equal(silent.stderr, '');
});

void test('what cannot be configured is refused, and nothing is set', () => {
  assert.throws(
    () => configure({ spin: 'off', deadlok: 'off' } as never),
    /no setting "deadlok": use deadlock/,
  );
  assert.throws(
    () => configure({ deadlock: 'on' as never }),
    /deadlock cannot be "on": use 'throw', 'report' or/,
  );
  assert.throws(() => configure(1 as never), TypeError);
});

void test('waits work without spinning', () => {
  configure({ spin: 'off' });
  try {
    const event = new Event();
    const waiter = spawn((e: Event) => e.wait(), event);
    event.set();
    waiter.join();
  } finally {
    configure({ spin: 'auto' });
  }
});

void test('a cycle is drawn as one', () => {
  const lines = drawReport(cycle).split('\n');
  assert.match(lines[0] ?? '', /^╭─▶ thread "main" \(0\)/);
  assert.ok(lines.some((line) => line.startsWith('╰─')));
  assert.ok(lines.every((line) => line.length <= 100));
});

void test('a drawing in SVG is self-contained, and names are escaped', () => {
  const svg = drawReportAsSvg(cycle);
  assert.match(svg, /^<svg [^>]*xmlns=/);
  assert.match(svg, /worker &lt;1&gt;/);
  assert.doesNotMatch(svg, /<script|href=/);
});
