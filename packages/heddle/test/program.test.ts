/** Programs as a whole: how they end, what they print, when. */
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const watchdog = { timeout: 60_000 };
const programs = fileURLToPath(new URL('./fixtures/programs.js', import.meta.url));
// Not compiled: it stands beside the sources.
const unguarded = fileURLToPath(new URL('../../test/fixtures/raw/program-unguarded.mjs', import.meta.url));

interface Outcome {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
function run(name: string, ...options: string[]): Outcome {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...options, programs, name], {
    encoding: 'utf8',
    timeout: 50_000,
    killSignal: 'SIGKILL',
    maxBuffer: 2 ** 26,
  });
  return { status, signal, stdout, stderr };
}

function ends(name: string, expected: Partial<Outcome>): void {
  const outcome = run(name);
  const relevant = Object.fromEntries(
    Object.keys(expected).map((key) => [key, outcome[key as keyof Outcome]]),
  );
  assert.deepEqual(relevant, expected, JSON.stringify(outcome));
}

/** Starts a program whose main thread blocks until the test writes to it. */
function begin(name: string): {
  child: ChildProcessWithoutNullStreams;
  until: (text: string) => Promise<string>;
} {
  const child = spawn(process.execPath, [programs, name]);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const until = async (expected: string): Promise<string> => {
    while (!text.includes(expected)) await once(child.stdout, 'data');
    return text;
  };
  return { child, until };
}

test('a program whose threads all went well ends with status 0', watchdog, () => {
  ends('fine', { status: 0, stdout: 'hello\n', stderr: '' });
  ends('nothing', { status: 0, stdout: '', stderr: '' });
  ends('drainsQuickly', { status: 0, stdout: 'counted\n', stderr: '' });
});

test('a failure that nobody collected is printed once, and sets status 1', watchdog, () => {
  const { status, stdout, stderr } = run('failureUncollected');
  assert.equal(status, 1);
  assert.equal(stdout, '');
  assert.match(
    stderr,
    /^heddle: thread "loser" failed, and nobody joined it:\nRangeError: lost\n\s+at fail .*programs/,
  );
  assert.equal(stderr.split('RangeError').length, 2, stderr);

  const two = run('failureUncollectedTwice');
  assert.equal(two.status, 1);
  assert.match(two.stderr, /"loser 2" failed/);
  assert.doesNotMatch(two.stderr, /loser 1/);

  const timer = run('timerFails');
  assert.equal(timer.status, 1);
  assert.match(timer.stderr, /^heddle: thread "fail-\d+" failed, and nobody joined it:\nRangeError: in time/);
});

test('a failure that was collected is not printed; one that was only heard of is', watchdog, () => {
  ends('failureCollected', { status: 0, stdout: 'caught\n', stderr: '' });
  const { status, stdout, stderr } = run('failureHeard');
  assert.deepEqual([status, stdout], [1, 'heard of it\n']);
  assert.match(stderr, /nobody joined it:\nRangeError: of it/);
});

test('a daemon’s failure counts; a cancelled or terminated thread is no failure', watchdog, () => {
  const { status, stderr } = run('failureOfDaemon');
  assert.equal(status, 1);
  assert.match(stderr, /^heddle: thread "daemon" failed/);
  ends('cancelledIsNoFailure', { status: 0, stdout: '', stderr: '' });
});

test('an exit code of the program’s own is kept', watchdog, () => {
  const { status, stderr } = run('exitCodeKept');
  assert.equal(status, 7);
  assert.match(stderr, /"loser" failed/);
});

test('a program waits for its threads, timers and awaited waits', watchdog, () => {
  ends('waitsForThreads', { status: 0, stdout: 'printed later\nexit 0\n', stderr: '' });
  ends('timerKeepsAlive', { status: 0, stdout: 'timer ran\n', stderr: '' });
  ends('awaitedWaitKeepsAlive', { status: 0, stdout: 'awaited\n', stderr: '' });
  ends('listenersAfterThreads', { status: 0, stdout: 'a thread after the wait\n', stderr: '' });
});

test('a cancelled timer does not keep the program alive', watchdog, () => {
  ends('cancelledTimerDoesNot', { status: 0, stdout: 'true\n', stderr: '' });
});

test('daemons are cancelled at the end, and then ended', watchdog, () => {
  ends('daemonCancelled', { status: 0, stdout: 'daemon tidied\n', stderr: '' });
  ends('daemonKilled', { status: 0, stdout: '', stderr: '' });
});

test('process.exit, and an uncaught error, in main end the program at once', watchdog, () => {
  ends('exitAtOnce', { status: 3, stdout: 'exit 3\n', stderr: '' });
  const { status, stderr } = run('throwAtOnce');
  assert.equal(status, 1);
  assert.match(stderr, /TypeError: main failed/);
});

test('while main is blocked, threads start, print, fail, die and start others', watchdog, () => {
  ends('busyWhileBlocked', {
    status: 0,
    stdout: 'from a child\ncaught expected\ncaught ThreadDiedError\nfrom a grandchild\nmain goes on, true\n',
    stderr: '',
  });
});

for (const [name, first, last] of [
  ['outputWhileJoining', 'said\n', 'joined\n'],
  ['outputWhileAcquiring', 'held\n', 'acquired\n'],
] as const) {
  test(`${name}: what a thread prints is there before main goes on`, watchdog, async () => {
    const { child, until } = begin(name);
    // Main can go on only once the test has written, and that is after it has read.
    assert.equal(await until(first), first);
    child.stdin.end('x');
    assert.equal(await until(last), first + last);
    const [status] = (await once(child, 'exit')) as [number];
    assert.equal(status, 0);
  });
}

test(
  'every way to print prints, also on a worker that is used again, in threads that await',
  watchdog,
  () => {
    const out = 'log 1\ninfo\nwrite\nhex\ncorked\n';
    const err = 'error\nwarn\nstderr\n';
    ends('sayInEveryWay', { status: 0, stdout: out + out, stderr: err + err });
    ends('asynchronousOutput', { status: 0, stdout: 'later 0\nlater 1\nlater 2\n', stderr: '' });
  },
);

/** Every line is of one thread, and none is missing. */
function unmixed(text: string, lines: number, length: number): void {
  const counts = new Map<string, number>();
  for (const line of text.split(/\r?\n/).slice(0, -1)) {
    assert.equal(line.length, length);
    const id = line.charAt(0);
    assert.ok(line === id.repeat(length), 'a line has parts of two');
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  assert.deepEqual([...counts.keys()].sort(), ['0', '1', '2', '3', '4', '5', '6', '7']);
  for (const count of counts.values()) assert.equal(count, lines);
}

test('8 threads that print 1000 lines each do not mix them, in a pipe', watchdog, () => {
  const { status, stdout } = run('manyLines');
  assert.equal(status, 0);
  unmixed(stdout, 1000, 60);
});

test('8 threads that print 1000 lines each do not mix them, in a terminal', watchdog, (t) => {
  const { error } = spawnSync('script', ['--version']);
  if (error !== undefined) {
    t.skip('there is no `script` to make a terminal with');
    return;
  }
  const { status, stdout } = spawnSync(
    'script',
    ['-qefc', `'${process.execPath}' '${programs}' manyLines`, '/dev/null'],
    { encoding: 'utf8', timeout: 50_000, maxBuffer: 2 ** 24, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  assert.equal(status, 0);
  unmixed(stdout, 1000, 60);
});

test('lines of 64 KB are whole, also when the pipe is read slowly', watchdog, async () => {
  const child = spawn(process.execPath, [programs, 'longLines']);
  const ended = once(child, 'close');
  const parts: Buffer[] = [];
  // The pipe is full long before anyone reads; then it is read in small bites, with turns in between.
  const said = once(child.stderr, 'data');
  await new Promise((resolve) => child.stdout.once('readable', resolve));
  for await (const part of child.stdout as AsyncIterable<Buffer>) {
    parts.push(part);
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(String(await said), 'all printed\n');
  assert.deepEqual(await ended, [0, null]);
  unmixed(Buffer.concat(parts).toString(), 20, 65_536);
});

test('nobody reads any more: threads that print go on', watchdog, () => {
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', `"$0" "$1" longLines | head -c 10 >/dev/null`, process.execPath, programs],
    {
      encoding: 'utf8',
      timeout: 50_000,
    },
  );
  assert.equal(status, 0);
  assert.equal(stderr, 'all printed\n');
});

for (const name of ['blockedForSignal', 'awaitingForSignal']) {
  test(`${name}: SIGINT ends the program at once, with status 130`, watchdog, async () => {
    const child = spawn('sh', ['-c', `"$0" "$1" ${name}; echo "status $?"`, process.execPath, programs]);
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    while (!text.includes('ready')) await once(child.stdout, 'data');
    process.kill(Number(/pid (\d+)/.exec(text)?.[1]), 'SIGINT');
    await once(child, 'close');
    assert.match(text, /status 130\n$/);
  });
}

test('a thread at the top level, without isMain, tells what to do, and starts no other', watchdog, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [unguarded], {
    encoding: 'utf8',
    timeout: 50_000,
  });
  assert.equal(status, 1);
  assert.equal(stdout, 'top level\ntop level\n', 'main and one thread, no more');
  assert.match(stderr, /TargetError: a thread for work was started while a module is imported in a thread/);
  assert.match(stderr, /if \(isMain\(import\.meta\)\)/);
});

test('a worker of the program’s own is a world of its own', watchdog, () => {
  ends('ownWorker', {
    status: 0,
    stdout: '{"isMainThread":true,"sum":42,"locked":false} 0 3\n',
    stderr: '',
  });
});

test('heddle imported twice is one', watchdog, () => {
  ends('twoImports', { status: 0, stdout: '7 true true true\n', stderr: '' });
});
