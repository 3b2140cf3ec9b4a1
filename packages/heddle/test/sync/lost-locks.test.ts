import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AbandonedLockError, Condition, Lock, RLock, spawn, ThreadDiedError } from 'heddle';
import { notifyAndDie } from '../fixtures/sync-lost.js';

for (const Kind of [Lock, RLock]) {
  test(`a guard of a ${Kind.name} that was lost in a condition's wait has nothing to release`, () => {
    const condition = new Condition(new Kind());
    const guard = condition.lock.acquire();
    const thread = spawn(notifyAndDie, condition);
    assert.throws(() => {
      condition.wait();
    }, AbandonedLockError);
    guard.release();
    assert.throws(() => thread.join(), ThreadDiedError);
    assert.equal(condition.lock.recover(), true);
    condition.lock.release();
    condition.lock.acquire().release();
  });
}
