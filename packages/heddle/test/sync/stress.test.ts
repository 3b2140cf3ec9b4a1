/** Threads hammer each primitive with odd timings; the totals must come out exactly. `HEDDLE_SOAK=1` does far more. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  Atomic,
  Barrier,
  Condition,
  Event,
  Latch,
  Lock,
  Once,
  Queue,
  RLock,
  RWLock,
  Semaphore,
  sharedArray,
  spawn,
  type Thread,
} from 'heddle';
import {
  addToAll,
  consume,
  countDownAll,
  countUnder,
  drainQueue,
  fillQueue,
  hammerUntilCancelled,
  initialiseAll,
  meetOften,
  pingPong,
  produce,
  readAndWrite,
  usePermits,
} from '../fixtures/sync-stress.js';
import { rounds, soak, until } from '../fixtures/waiting.js';

const limits = { timeout: soak ? 3_600_000 : 120_000 };
/** In a failure's message, so that it can be tried again: HEDDLE_SEED=… npm test -- stress. */
const seed = Number(process.env['HEDDLE_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const crowds = soak ? [2, 3, 8, 24, 64] : [2, 5];

async function joinAll<R>(threads: Thread<never[], R>[]): Promise<Awaited<R>[]> {
  const outcomes = await Promise.allSettled(threads.map((thread) => thread.joinAsync()));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw new Error(`seed ${seed}`, { cause: failed.reason });
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<Awaited<R>>).value);
}

function crowd<R>(
  size: number,
  start: (place: number, itsSeed: number) => Thread<never[], R>,
): Promise<Awaited<R>[]> {
  return joinAll(Array.from({ length: size }, (_, place) => start(place, seed + place * 7919)));
}

for (const size of crowds) {
  describe(`${size} threads, seed ${seed}`, limits, () => {
    const times = rounds(200, 4000);

    for (const Class of [Lock, RLock]) {
      test(`${Class.name}: one at a time`, async () => {
        const lock = new Class();
        const words = sharedArray('i32', 2);
        await crowd(size, (_, its) => spawn(countUnder, lock, words, times, its));
        assert.deepEqual([words[0], lock.locked, lock.stats().waiting], [size * times, false, 0]);
      });
    }

    test('RWLock: readers or one writer', async () => {
      const lock = new RWLock();
      const words = sharedArray('i32', 4);
      const writes = rounds(60, 1000);
      await crowd(size, (_, its) => spawn(readAndWrite, lock, words, writes, its));
      assert.deepEqual([...words], [size * writes, 0, 0, 0]);
      assert.deepEqual([lock.readers, lock.writing, lock.stats().waiting], [0, false, 0]);
    });

    test('Semaphore: never more than there are', async () => {
      const permits = Math.max(1, size >> 1);
      const semaphore = new Semaphore(permits);
      const words = sharedArray('i32', 3);
      await crowd(size, (_, its) => spawn(usePermits, semaphore, words, times, its));
      assert.deepEqual(
        [words[0], words[2], semaphore.value, semaphore.stats().waiting],
        [0, size * times, permits, 0],
      );
      assert.ok(words[1]! >= 1 && words[1]! <= permits, `${words[1]} of ${permits} permits in use`);
    });

    test('Condition: every token is taken once', async () => {
      const condition = new Condition(new Lock());
      const words = sharedArray('i32', 2);
      await crowd(2 * size, (place, its) =>
        place % 2 === 0
          ? spawn(consume, condition, words, times, its)
          : spawn(produce, condition, words, times, its),
      );
      assert.deepEqual([...words], [0, size * times]);
      assert.equal(condition.stats().waiting, 0);
    });

    test('Event: a ball goes back and forth', async () => {
      const [ping, pong] = [new Event(), new Event()];
      ping.set();
      const turns = await joinAll([
        spawn(pingPong, ping, pong, times, seed),
        spawn(pingPong, pong, ping, times, seed + 1),
      ]);
      assert.deepEqual([turns, ping.isSet, pong.isSet], [[times, times], true, false]);
    });

    test('Barrier: nobody is a round ahead', async () => {
      const barrier = new Barrier(size);
      const arrivals = sharedArray('i32', size);
      const meetings = rounds(50, 1000);
      const sums = await crowd(size, (place, its) =>
        spawn(meetOften, barrier, arrivals, place, meetings, its),
      );
      assert.equal(
        sums.reduce((a, b) => a + b),
        (meetings * size * (size - 1)) / 2,
      );
    });

    test('Latch: opens when all have counted', async () => {
      const latches = Array.from({ length: rounds(20, 500) }, () => new Latch(size));
      await crowd(size, (_, its) => spawn(countDownAll, latches, its));
      assert.ok(latches.every((latch) => latch.count === 0 && latch.stats().waiting === 0));
    });

    test('Once: each init succeeds once', async () => {
      const things = Array.from({ length: rounds(20, 300) }, () => new Once<number>());
      const runs = sharedArray('i32', things.length);
      const sums = await crowd(size, (_, its) => spawn(initialiseAll, things, runs, its));
      assert.ok(runs.every((count) => count === 1));
      for (const sum of sums) assert.equal(sum, (things.length * (things.length - 1)) / 2);
    });

    test('Atomic: sums of every kind', async () => {
      const [u32, i64, f64] = [new Atomic('u32'), new Atomic('i64'), new Atomic('f64')];
      const flag = new Atomic('bool');
      const adds = rounds(3000, 100_000);
      const flips = await crowd(size, () => spawn(addToAll, u32, i64, f64, flag, adds));
      assert.equal(u32.load(), (3 * adds * size) % 2 ** 32);
      assert.equal(i64.load(), BigInt.asIntN(64, -(2n ** 40n) * BigInt(adds * size)));
      assert.equal(f64.load(), 0.5 * adds * size);
      assert.equal(flag.load(), false);
      assert.ok(flips.some((count) => count > 0)); // one alone may find it set by a thread that has no core
    });

    test('Queue: what goes in comes out', async () => {
      const queue = new Queue<number>({ capacity: 3 });
      const getters = Array.from({ length: size }, (_, place) => spawn(drainQueue, queue, seed + place));
      await crowd(size, (_, its) => spawn(fillQueue, queue, times, its));
      await queue.joinAsync();
      queue.shutdown();
      const got = await joinAll(getters);
      assert.equal(
        got.reduce((total, { count }) => total + count, 0),
        size * times,
      );
      assert.equal(
        got.reduce((total, { sum }) => total + sum, 0),
        (size * times * (times + 1)) / 2,
      );
    });

    test('cancelled in the middle of it all, they leave nothing behind', async () => {
      const [lock, rw, semaphore] = [new Lock(), new RWLock(), new Semaphore(2)];
      const words = sharedArray('i32', size);
      for (let round = 0; round < rounds(3, 100); round++) {
        words.fill(0);
        const threads = Array.from({ length: size }, (_, place) =>
          spawn(hammerUntilCancelled, lock, rw, semaphore, words, place, seed + place + round * 101),
        );
        await until(() => words.every((_, place) => Atomics.load(words, place) > 20));
        for (const thread of threads) thread.cancel();
        await joinAll(threads);
        for (const handle of [lock, rw, semaphore]) assert.equal(handle.stats().waiting, 0);
        lock.acquire(0).release();
        rw.write(0).release();
        assert.equal(semaphore.value, 2);
      }
    });
  });
}
