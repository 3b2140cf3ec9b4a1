/** How programs that use pools end. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { watchdog } from './fixtures/waiting.js';

const programs = fileURLToPath(new URL('./fixtures/pool-programs.js', import.meta.url));

/** Runs a program to its end. */
function run(name: string): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [programs, name], {
    encoding: 'utf8',
    timeout: 50_000,
    killSignal: 'SIGKILL',
  });
  return { status, stdout, stderr };
}

test('a program with an idle pool that nobody shuts down ends by itself', watchdog, () => {
  assert.deepEqual(run('idlePool'), { status: 0, stdout: '3\n', stderr: '' });
  assert.deepEqual(run('unusedPool'), { status: 0, stdout: '', stderr: '' });
});

test('a program ends only when the tasks it has submitted have ended', watchdog, () => {
  assert.deepEqual(run('pendingTasks'), { status: 0, stdout: 'one\ntwo\nthree\nexit 0\n', stderr: '' });
});

for (const name of ['tasksOfThreadThatEnded', 'tasksOfThreadThatDied', 'tasksOfTask']) {
  test(`a program ends only when all tasks have ended, whoever has submitted them: ${name}`, watchdog, () => {
    const { status, stdout, stderr } = run(name);
    assert.deepEqual(stdout.trim().split('\n').sort(), ['exit 0', 'one', 'three', 'two'], stderr);
    assert.deepEqual([status, stderr], [0, '']);
  });
}

for (const [name, stdout] of [
  ['failureUnread', ''],
  ['failureOnlyWaitedFor', '1\n'],
] as const) {
  test(`a failure that nobody reads is printed once, with status 1: ${name}`, watchdog, () => {
    const outcome = run(name);
    assert.match(
      outcome.stderr,
      /^heddle: task fail, submitted at fixtures\/pool-programs\.js:\d+:\d+, failed, and nobody read its future:\nRangeError: lost\n\s+at fail .*pool-programs/,
    );
    assert.equal(outcome.stderr.split('RangeError').length, 2, outcome.stderr);
    assert.deepEqual([outcome.status, outcome.stdout], [1, stdout]);
  });
}

for (const name of ['failureOfSubmitterThatEnded', 'failureOnlyWaitedForElsewhere']) {
  test(`a failure of a task whose submitter has ended is printed once too: ${name}`, watchdog, () => {
    const { status, stderr } = run(name);
    assert.match(
      stderr,
      /^heddle: a task.* failed, and nobody read its future:\nRangeError: lost\n|^heddle: task fail/,
    );
    assert.equal(stderr.split('RangeError').length, 2, stderr);
    assert.equal(status, 1);
  });
}

test('of very many failures whose submitters have ended, the last are only counted', watchdog, () => {
  const { status, stderr } = run('veryManyFailures');
  assert.equal(stderr.split('RangeError: lost').length - 1, 1000);
  assert.match(stderr, /^heddle: 500 more tasks failed, and nobody read their futures$/m);
  assert.equal(status, 1);
});

test('a failure that somebody has read is not printed', watchdog, () => {
  assert.deepEqual(run('failureRead'), {
    status: 0,
    stdout: 'RangeError: a\nRangeError: b\nRangeError: c\n',
    stderr: '',
  });
  assert.deepEqual(run('failureReadElsewhere'), {
    status: 0,
    stdout:
      'RangeError: read in a task\nRangeError: read in a thread\nRangeError: read by who got it\n' +
      'RangeError: its submitter has ended\n',
    stderr: '',
  });
});

test('a cancelled task is no failure, and a map that nobody wants does nothing', watchdog, () => {
  assert.deepEqual(run('cancelledIsNoFailure'), { status: 0, stdout: '', stderr: '' });
  assert.deepEqual(run('mapNobodyReads'), { status: 0, stdout: '', stderr: '' });
});
