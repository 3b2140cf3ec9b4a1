import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';
import {
  CancelledError,
  Event,
  Latch,
  Queue,
  spawn,
  ThreadGroup,
  ThreadStateError,
  TimeoutError,
} from 'heddle';
import * as targets from './fixtures/thread-targets.js';

const watchdog = { timeout: 60_000 };

test('a group joins all its members, and takes further ones', watchdog, async () => {
  const group = new ThreadGroup({ name: 'counters' });
  group.join();
  const items = new Queue<number>();
  const member = group.spawn(targets.add, 1, 2);
  for (let i = 0; i < 5; i++) group.spawn(targets.putNumber, items, i);
  group.join();
  assert.equal(member.join(), 3);
  assert.deepEqual(items.drain().sort(), [0, 1, 2, 3, 4]);
  group.spawn(targets.putNumber, items, 5);
  await group.joinAsync();
  assert.equal(items.get(), 5);
  assert.equal(group.name, 'counters');
  assert.equal(inspect(group), 'ThreadGroup "counters" { 0 running }');
});

test('leaving a using block waits for every member', watchdog, async () => {
  const items = new Queue<number>();
  {
    using group = new ThreadGroup();
    for (let i = 0; i < 4; i++) group.spawn(targets.putNumber, items, i);
  }
  assert.equal(items.size, 4);
  {
    await using group = new ThreadGroup();
    for (let i = 0; i < 4; i++) group.spawn(targets.putNumber, items, i);
  }
  assert.equal(items.size, 8);
});

test('the first failure cancels the others, whether anyone joins or not', watchdog, () => {
  const group = new ThreadGroup();
  const running = new Latch(2);
  const go = new Event();
  const never = new Event();
  const siblings = [1, 2].map(() => group.spawn(targets.waitFor, running, never));
  const failing = group.spawn(targets.failAfter, go, 'first of all');
  running.wait();
  go.set();
  for (const sibling of siblings) assert.throws(() => sibling.join(), CancelledError);
  assert.throws(
    () => group.join(),
    (error) => {
      assert.ok(error instanceof Error);
      assert.equal(error.message, 'first of all');
      assert.equal('errors' in error, false, 'a cancelled member is no failure');
      assert.match(error.stack ?? '', /--- thrown in thread "failAfter-\d+", joined: ---/);
      return true;
    },
  );
  assert.deepEqual(
    [...siblings, failing].map(({ state }) => state),
    ['cancelled', 'cancelled', 'failed'],
  );
});

test('further failures are in the errors of the first', watchdog, () => {
  const group = new ThreadGroup();
  const running = new Latch(3);
  const go = new Event();
  const never = new Event();
  for (let i = 0; i < 3; i++) group.spawn(targets.failWhenCancelled, running, never, `late ${String(i)}`);
  group.spawn(targets.failAfter, go, 'first');
  running.wait();
  go.set();
  assert.throws(
    () => group.join(),
    (error) => {
      const { message, errors } = error as AggregateError;
      assert.equal(message, 'first');
      assert.deepEqual(errors.map(({ message: its }: Error) => its).sort(), ['late 0', 'late 1', 'late 2']);
      assert.deepEqual(Object.keys(error as object), []);
      return true;
    },
  );
});

test('a failure is told once in each thread, and forgotten when the group goes on', watchdog, async () => {
  const group = new ThreadGroup();
  const running = new Latch(3);
  const joiners = [1, 2, 3].map(() => spawn(targets.joinGroup, group, running));
  const go = new Event();
  group.spawn(targets.failAfter, go, 'told to all');
  running.wait();
  go.set();
  for (const joiner of joiners) assert.match(joiner.join(), /^(Error: told to all|joined)$/);
  assert.throws(() => group.join(), /told to all/);
  group.join();
  await group.joinAsync();
  assert.equal(spawn(targets.joinGroup, group, running).join(), 'Error: told to all');
  const next = group.spawn(targets.add, 1, 2);
  assert.equal(next.join(), 3, 'a failure of the past does not cancel it');
  assert.equal(spawn(targets.joinGroup, group, running).join(), 'joined');
  group.spawn(targets.fail, 'second round');
  assert.throws(() => group.join(), /second round/);
});

test('many threads join a group while it goes on, and nothing is freed twice', watchdog, () => {
  const group = new ThreadGroup();
  for (let round = 0; round < 20; round++) {
    const running = new Latch(3);
    const go = new Event();
    group.spawn(targets.failAfter, go, `round ${String(round)}`);
    const joiners = [1, 2, 3].map(() => spawn(targets.joinGroup, group, running));
    running.wait();
    go.set();
    for (const joiner of joiners) assert.equal(joiner.join(), `Error: round ${String(round)}`);
  }
  group.spawn(targets.nothing).join();
  group.join();
});

test('a member that is terminated counts as failed', watchdog, async () => {
  const group = new ThreadGroup();
  const running = new Event();
  const member = group.spawn(targets.spin, running);
  running.wait();
  await member.terminate();
  assert.throws(() => group.join(), { name: 'ThreadDiedError' });
});

test('cancel stops every member, and is no failure', watchdog, () => {
  const group = new ThreadGroup();
  const running = new Latch(3);
  const never = new Event();
  const members = [1, 2, 3].map(() => group.spawn(targets.waitFor, running, never));
  running.wait();
  assert.match(inspect(group), /\{ 3 running \}$/);
  group.cancel('all of you');
  group.join();
  for (const member of members) {
    assert.throws(() => member.join(), { name: 'CancelledError', cause: 'all of you' });
  }
});

test('a join that times out leaves the group as it was', watchdog, async () => {
  const group = new ThreadGroup();
  const running = new Latch(1);
  const go = new Event();
  group.spawn(targets.waitFor, running, go);
  running.wait();
  assert.throws(() => group.join(0), TimeoutError);
  assert.throws(() => group.join(1), TimeoutError);
  await assert.rejects(group.joinAsync({ timeout: 1 }), TimeoutError);
  const reason = new Error('enough');
  await assert.rejects(group.joinAsync({ signal: AbortSignal.abort(reason) }), (error) => error === reason);
  go.set();
  group.join();
});

test('a group that was disposed of takes no members', watchdog, async () => {
  const group = new ThreadGroup();
  group.spawn(targets.nothing);
  group[Symbol.dispose]();
  const message = 'this ThreadGroup was disposed of; make a new one for further threads';
  assert.throws(() => group.spawn(targets.nothing), { name: 'ThreadStateError', message });
  assert.equal(spawn(targets.spawnNow, group).join(), `ThreadStateError: ${message}`);
  group.join();
  group[Symbol.dispose]();
  await group[Symbol.asyncDispose]();
  const awaited = new ThreadGroup();
  await awaited[Symbol.asyncDispose]();
  assert.throws(() => awaited.spawn(targets.nothing), ThreadStateError);
});

test('a group travels: members start members, and main waits for all', watchdog, () => {
  const items = new Queue<string>();
  {
    using group = new ThreadGroup();
    for (let i = 0; i < 3; i++) group.spawn(targets.spawnInto, group, items);
  }
  assert.deepEqual(items.drain().sort(), [
    ...Array<string>(3).fill('from a member'),
    ...Array<string>(3).fill('from a member of a member'),
  ]);
});

test('groups nest', watchdog, () => {
  const results = new Queue<number>();
  {
    using group = new ThreadGroup();
    for (let i = 0; i < 3; i++) group.spawn(targets.nestedGroups, results, 3);
  }
  assert.equal(results.size, 9);
});

test('a member that joins its own group gets a DeadlockError', watchdog, () => {
  const group = new ThreadGroup();
  const member = group.spawn(targets.joinGroup, group, new Latch(1));
  assert.match(
    member.join(),
    /^DeadlockError: thread "joinGroup-\d+" joins its own group, and so itself, which would wait for ever. Join the group where it was made$/,
  );
  group.join();
});

for (const target of [targets.cancelledInBlock, targets.cancelledInAsyncBlock]) {
  test(
    `${target.name}: cancelling the thread in the block cancels the members, and none outlives it`,
    watchdog,
    () => {
      for (let i = 0; i < 5; i++) {
        const running = new Latch(1);
        const never = new Event();
        const parent = spawn<[Latch, Event], unknown>(target, running, never);
        running.wait();
        parent.cancel();
        assert.throws(() => parent.join(), CancelledError);
        assert.equal(never.stats().waiting, 0, 'the member has ended');
        assert.equal(parent.state, 'cancelled');
      }
    },
  );
}

test('a member that cannot be started does not count', watchdog, () => {
  const group = new ThreadGroup();
  assert.throws(() => group.spawn(targets.identity<unknown>, () => 1), { name: 'CloneError' });
  assert.match(inspect(group), /\{ 0 running \}$/);
  group.join();
});
