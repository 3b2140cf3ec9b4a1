/** Threads die in every way, at every kind of hold and wait: nobody else hangs, and all are told what happened. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  AbandonedLockError,
  BrokenBarrierError,
  Condition,
  configure,
  Event,
  Lock,
  Once,
  RLock,
  RWLock,
  type Semaphore,
  spawn,
  type Thread,
} from 'heddle';
import {
  dieHolding,
  dieInAction,
  dieInInit,
  dieWaiting,
  errorOf,
  holdNames,
  holds,
  makeBarrier,
  modesOf,
  start,
  stateAfter,
  type Way,
  ways,
} from '../fixtures/sync-deaths.js';
import { situations, waitNames, waitOnce } from '../fixtures/sync-waits.js';
import { soak, until, untilWaiting, watchdog } from '../fixtures/waiting.js';

// Victims wait for what never comes, so that they can be ended in the middle of it.
configure({ deadlock: 'off' });

/** Deaths take their time, and more than one can take it at once. */
const table = { timeout: 10 * watchdog.timeout, concurrency: 4 };

/** All ways in the soak; in a short run a third of them, others for each name, since each costs a new worker. */
function chosen(among: readonly Way[], index: number): readonly Way[] {
  return soak ? among : among.filter((_, place) => (place + index) % 3 === 0);
}

/** Lets the thread die, and checks what its joiners are told. */
async function end(victim: Thread<never[]>, way: Way, go: Event): Promise<void> {
  go.set();
  if (way.startsWith('is terminated')) await victim.terminate();
  const expected = errorOf(way);
  if (expected === undefined) await victim.joinAsync();
  else await assert.rejects(victim.joinAsync(), (error) => error instanceof expected);
  assert.equal(victim.state, stateAfter(way));
}

describe('dying while holding', table, () => {
  for (const [index, name] of holdNames.entries()) {
    for (const way of chosen(ways, index)) {
      test(`${name}: ${way}`, async () => {
        const handle = holds[name].make();
        const [ready, go] = [new Event(), new Event()];
        const victim = start(way, dieHolding, name, handle, way, ready, go);
        await ready.waitAsync();

        if (handle instanceof Lock || handle instanceof RLock) {
          const blocked = spawn(
            waitOnce,
            handle instanceof Lock ? 'Lock.acquire' : 'RLock.acquire',
            'blocking',
            handle,
          );
          const awaiting = handle.acquireAsync();
          await Promise.all([
            assert.rejects(awaiting, AbandonedLockError),
            untilWaiting(handle, 2).then(() => end(victim, way, go)),
          ]);
          await assert.rejects(blocked.joinAsync(), AbandonedLockError);
          assert.throws(() => handle.acquire(), {
            name: 'AbandonedLockError',
            code: 'HEDDLE_ABANDONED_LOCK',
          });
          assert.throws(() => handle.tryAcquire(), AbandonedLockError);
          await assert.rejects(handle.acquireAsync(), AbandonedLockError);
          assert.match(handle.toString(), /\{ abandoned \}$/);
          assert.equal(handle.recover(), true);
          assert.equal(handle.recover(), false);
          if (handle instanceof RLock) assert.equal(handle.depth, 1);
          handle.release();
          assert.equal(await spawn(waitOnce, 'Lock.acquire', 'blocking', handle).joinAsync(), 'guard');
        } else if (handle instanceof RWLock) {
          const blocked = spawn(waitOnce, 'RWLock.write', 'blocking', handle);
          await untilWaiting(handle, 1);
          const awaiting = spawn(waitOnce, 'RWLock.read', 'awaited', handle);
          await untilWaiting(handle, 2);
          await end(victim, way, go);
          if (name.includes('read')) {
            assert.equal(await blocked.joinAsync(), 'guard');
            assert.equal(await awaiting.joinAsync(), 'guard');
          } else {
            await assert.rejects(blocked.joinAsync(), AbandonedLockError);
            await assert.rejects(awaiting.joinAsync(), AbandonedLockError);
            assert.throws(() => handle.read(), AbandonedLockError);
            assert.throws(() => handle.tryRead(), AbandonedLockError);
            assert.throws(() => handle.tryWrite(), AbandonedLockError);
            const guard = handle.recover();
            assert.ok(guard);
            assert.equal(handle.writing, true);
            assert.equal(handle.recover(), null);
            guard.release();
          }
          assert.deepEqual([handle.readers, handle.writing], [0, false]);
          handle.write(0).release();
        } else if (handle instanceof Once) {
          const blocked = spawn(waitOnce, 'Once.run', 'blocking', handle);
          await untilWaiting(handle, 1);
          const awaiting = spawn(waitOnce, 'Once.run', 'awaited', handle);
          await untilWaiting(handle, 2);
          await end(victim, way, go);
          assert.equal(await blocked.joinAsync(), 'mine');
          assert.equal(await awaiting.joinAsync(), 'mine');
          assert.equal(handle.done, true);
        } else {
          const semaphore: Semaphore = handle;
          const blocked = spawn(waitOnce, 'Semaphore.acquire', 'blocking', semaphore);
          await untilWaiting(semaphore, 1);
          await end(victim, way, go);
          // Permits have no owner: the dead thread has taken its own with it, and anyone may put one back.
          assert.equal(semaphore.value, 0);
          semaphore.release();
          assert.equal(await blocked.joinAsync(), 'guard');
          assert.equal(semaphore.value, 1);
        }
      });
    }
  }
});

const inside = ways.filter((way) => !/returns|later|awaited/.test(way));

describe('dying in the init of a Once', watchdog, () => {
  for (const way of inside) {
    test(way, async () => {
      const once = new Once<string>();
      const [ready, go] = [new Event(), new Event()];
      const victim = start(way, dieInInit, once, way, ready, go);
      await ready.waitAsync();
      const blocked = spawn(waitOnce, 'Once.run', 'blocking', once);
      await untilWaiting(once, 1);
      const awaiting = spawn(waitOnce, 'Once.run', 'awaited', once);
      await untilWaiting(once, 2);
      await end(victim, way, go);
      assert.equal(await blocked.joinAsync(), 'mine');
      assert.equal(await awaiting.joinAsync(), 'mine');
    });
  }
});

describe('dying in the action of a Barrier', watchdog, () => {
  for (const way of inside) {
    test(way, async () => {
      const barrier = makeBarrier(3);
      const [ready, go] = [new Event(), new Event()];
      const blocked = spawn(waitOnce, 'Barrier.wait', 'blocking', barrier);
      await untilWaiting(barrier, 1);
      const awaiting = spawn(waitOnce, 'Barrier.wait', 'awaited', barrier);
      await untilWaiting(barrier, 2);
      const victim = start(way, dieInAction, barrier, way, ready, go);
      await ready.waitAsync();
      await end(victim, way, go);
      await assert.rejects(blocked.joinAsync(), BrokenBarrierError);
      await assert.rejects(awaiting.joinAsync(), BrokenBarrierError);
      assert.equal(barrier.broken, true);
      assert.throws(() => barrier.wait(), BrokenBarrierError);
      barrier.reset();
      const again = [1, 2].map(() => spawn(waitOnce, 'Barrier.wait', 'awaited', barrier));
      assert.equal(typeof (await barrier.waitAsync()), 'number');
      for (const thread of again) await thread.joinAsync();
    });
  }
});

describe('dying while waiting', table, () => {
  for (const [index, name] of waitNames.entries()) {
    for (const way of chosen(ways, index)) {
      for (const mode of modesOf(way)) {
        test(`${name}, ${mode}: ${way}`, async () => {
          const go = new Event();
          const situation = situations[name](2);
          const victim = start(way, dieWaiting, name, mode, situation.handle, way, go);
          await until(() => situation.waiting() === 1 || name === 'Thread.join');
          const stayer = spawn(waitOnce, name, 'blocking', situation.handle);
          await until(() => situation.waiting() === 2 || name === 'Thread.join');
          await end(victim, way, go);
          if (name === 'Barrier.wait') {
            await assert.rejects(stayer.joinAsync(), BrokenBarrierError);
            return;
          }
          await until(() => situation.waiting() === 1 || name === 'Thread.join');
          await situation.grant();
          assert.equal(await stayer.joinAsync(), situation.result);
        });
      }
    }
  }
});

test(
  'a thread that dies when it was notified and waits for the lock makes way for the next',
  watchdog,
  async () => {
    for (const way of chosen(ways, 0)) {
      for (const mode of modesOf(way)) {
        const condition = new Condition(new Lock());
        const go = new Event();
        const victim = start(way, dieWaiting, 'Condition.wait', mode, condition, way, go);
        await untilWaiting(condition, 1);
        const stayer = spawn(waitOnce, 'Condition.wait', 'blocking', condition);
        await untilWaiting(condition, 2);
        {
          using _guard = await condition.lock.acquireAsync();
          condition.notify(2);
          assert.equal(condition.stats().waiting, 0);
          assert.equal(condition.lock.stats().waiting, 2);
          await end(victim, way, go);
          await untilWaiting(condition.lock, 1);
        }
        await stayer.joinAsync();
        assert.equal(condition.lock.locked, false);
      }
    }
  },
);
