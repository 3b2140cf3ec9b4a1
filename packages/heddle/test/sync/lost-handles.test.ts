/** A thread may lose its handle to what it holds or awaits: that changes nothing for the others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AbandonedLockError, Event, Lock, Once, RLock, RWLock, spawn } from 'heddle';
import { holdAndLose, holdNames, holds } from '../fixtures/sync-deaths.js';
import { watchdog } from '../fixtures/waiting.js';

for (const name of holdNames) {
  if (name.includes('permit')) continue; // it has no owner
  for (const how of ['collected', 'disposed'] as const) {
    test(`${name} whose handle was ${how} is not held for ever`, watchdog, async () => {
      const handle = holds[name].make();
      await spawn(holdAndLose, name, { handle }, how).joinAsync();
      if (handle instanceof Lock || handle instanceof RLock) {
        assert.throws(() => handle.acquire(), AbandonedLockError);
        assert.equal(handle.recover(), true);
        handle.release();
      } else if (handle instanceof RWLock) {
        if (name.includes('write')) {
          assert.throws(() => handle.write(), AbandonedLockError);
          handle.recover()?.release();
        }
        handle.write().release();
      } else {
        assert.ok(handle instanceof Once);
        assert.equal(
          handle.run(() => 'mine'),
          'mine',
        );
      }
    });
  }
}

test(
  'a handle that was disposed of while it is held is received anew with what is held',
  watchdog,
  async () => {
    const lock = new RWLock({ name: 'book' });
    const guard = lock.read();
    const copy = spawn((it: RWLock) => it, lock); // keeps the lock alive, in its result
    lock[Symbol.dispose]();
    const again = await copy.joinAsync();
    assert.notEqual(again, lock);
    assert.deepEqual([again.name, again.readers], ['book', 1]);
    assert.throws(() => guard.release(), { code: 'HEDDLE_DISPOSED' });
    assert.throws(() => again.write(), { code: 'HEDDLE_DEADLOCK' }, 'this thread still reads');
  },
);

test('a wait goes on when the handle it began with is disposed of', watchdog, async () => {
  for (let round = 0; round < 20; round++) {
    const event = new Event({ name: 'mine' });
    const timed = event.waitAsync({ timeout: 5 });
    event[Symbol.dispose]();
    // They would be given the same memory, had it been freed.
    const others = Array.from({ length: 20 }, () => new Event({ name: 'other' }));
    await assert.rejects(timed, { code: 'HEDDLE_TIMEOUT', message: /"mine"/ });
    for (const other of others)
      assert.deepEqual([other.isSet, other.stats().waiting, other.stats().waits], [false, 0, 0]);
  }
});
