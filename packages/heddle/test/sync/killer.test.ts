/** Threads are killed at random moments, and lock owners die while main is blocked. The survivors always finish. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AbandonedLockError, Condition, Event, Lock, RWLock, sharedArray, spawn } from 'heddle';
import { dieWith, hammerUntilKilled, random } from '../fixtures/sync-stress.js';
import { rounds, soak, until } from '../fixtures/waiting.js';

const limits = { timeout: soak ? 3_600_000 : 120_000 };
const seed = Number(process.env['HEDDLE_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

test(`threads that are killed at random do not stop the others, seed ${seed}`, limits, async (t) => {
  const next = random(seed);
  for (let round = 0; round < rounds(2, 60); round++) {
    const [lock, rw, event, stop] = [new Lock(), new RWLock(), new Event(), new Event()];
    const condition = new Condition();
    t.after(() => stop.set()); // whatever happens: they would hammer on for ever
    const words = sharedArray('i32', 3);
    const start = (place: number) =>
      spawn(hammerUntilKilled, lock, rw, condition, event, words, stop, seed + 31 * place + 1009 * round);
    const threads = Array.from({ length: 5 }, (_, place) => start(place));
    for (let kill = 0; kill < rounds(6, 20); kill++) {
      const before = Atomics.load(words, 0);
      await until(() => Atomics.load(words, 0) > before + next() * 200);
      const place = Math.floor(next() * threads.length);
      const victim = threads[place];
      assert.ok(victim);
      await victim.terminate();
      await assert.rejects(victim.joinAsync(), { code: 'HEDDLE_THREAD_DIED' });
      threads[place] = start(place + 100 * kill);
    }
    const before = Atomics.load(words, 0);
    await until(() => Atomics.load(words, 0) > before + 100);
    stop.set();
    const done = await Promise.all(threads.map((thread) => thread.joinAsync()));
    assert.equal(done.length, 5);
    assert.equal(words[2], 0, 'two threads held the lock');
    for (const handle of [lock, rw, condition, condition.lock, event])
      assert.equal(handle.stats().waiting, 0);
    for (const handle of [lock, condition.lock]) {
      if (handle.recover()) handle.release();
      handle.acquire(0).release();
    }
    rw.recover()?.release();
    assert.equal(rw.readers, 0);
    rw.write(0).release();
  }
});

test(`main, blocked, always hears of the death of the owner, seed ${seed}`, limits, () => {
  for (let round = 0; round < rounds(50, 1000); round++) {
    const [lock, held] = [new Lock(), new Event()];
    const owner = spawn(dieWith, lock, held, seed + round);
    held.wait();
    assert.throws(() => lock.acquire(), AbandonedLockError);
    assert.equal(lock.recover(), true);
    lock.release();
    if ((seed + round) % 2 === 0) assert.throws(() => owner.join(), { code: 'HEDDLE_THREAD_DIED' });
    else owner.join();
  }
});
