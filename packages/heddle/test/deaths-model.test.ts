/** Threads that die at any place where an engine can stop them: what they share is whole then, and nobody is forgotten. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocate, allocateZeroed, bytesUsed, free } from '../src/memory/allocator.js';
import { holdsWord } from '../src/memory/handles.js';
import { i32, pointer } from '../src/memory/heap.js';
import { Header } from '../src/memory/layout.js';
import { addressOf, Obj, withMutex } from '../src/memory/object.js';
import { Rec, record, tid } from '../src/memory/records.js';
import { Th } from '../src/park/current.js';
import { setRunning } from '../src/park/parker.js';
import { append, commit, grant, move, nudge } from '../src/park/waiters.js';
import { W, Wait } from '../src/park/waiter.js';
import { LifoQueue } from '../src/queue/lifo-queue.js';
import { PriorityQueue } from '../src/queue/priority-queue.js';
import { Queue } from '../src/queue/queue.js';
import { Barrier } from '../src/sync/barrier.js';
import { Event } from '../src/sync/event.js';
import { Latch } from '../src/sync/latch.js';
import { Lock } from '../src/sync/lock.js';
import * as rawRWLock from '../src/sync/raw-rwlock.js';
import { RWLock } from '../src/sync/rwlock.js';
import { Semaphore } from '../src/sync/semaphore.js';
import { uncount } from '../src/thread/workforce.js';
import { addWorker, startHeap, Token } from './fixtures/codec-heap.js';
import { bury, comeAlive, deaths, dieAndBeGivenUp, dieIn, waiterOf } from './fixtures/dying.js';
import { watchdog } from './fixtures/waiting.js';

startHeap();
addWorker(1);
addWorker(2);

/** Numbers that a death does not disturb. */
let state = 1;
function random(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
  return (state >> 8) % below;
}

/** The waiters in a list, whose links are checked both ways. */
function walk(list: number): number[] {
  const found: number[] = [];
  let before = 0;
  for (let waiter = pointer(list); waiter !== 0; waiter = pointer(waiter + W.NEXT)) {
    assert.equal(i32[waiter + W.PREV], before, 'a link back leads elsewhere');
    assert.ok(!found.includes(waiter), 'a list is a ring');
    found.push(waiter);
    before = waiter;
  }
  assert.equal(i32[list + 1], before, 'the tail is another');
  return found;
}

const isWaiting = (waiter: number): boolean =>
  i32[waiter + W.STATE] === Wait.WAITING || i32[waiter + W.STATE] === Wait.NUDGED;

test(`lists of waiters are whole after ${deaths} deaths`, watchdog, () => {
  comeAlive(1);
  const objects = [new Token(), new Token()].map(addressOf);
  const waiters = Array.from({ length: 8 }, () => waiterOf(1));
  const permits = allocateZeroed(2);
  let granted = 0;
  for (let death = 0; death < deaths; death++) {
    dieIn(() => {
      for (;;) {
        const waiter = waiters[random(waiters.length)]!;
        const object = isWaiting(waiter) ? i32[waiter + W.OBJECT]! : objects[random(2)]!;
        const other = objects.find((one) => one !== object)!;
        withMutex(object, () => {
          if (!isWaiting(waiter)) {
            // Its worker has taken what it was granted.
            if (i32[waiter + W.STATE] === Wait.GRANTED) i32[permits + 1]! -= 1;
            i32[waiter + W.STATE] = Wait.FREE;
            append(waiter, object, object + Obj.HEAD);
          } else {
            const action = random(4);
            if (action === 0) commit(waiter, Wait.LEFT, 0);
            else if (action === 1) {
              const word = i32[permits]!;
              grant(waiter, 1, permits, word, word + 1, permits + 1, 1);
              granted++;
            } else if (action === 2) withMutex(other, () => move(waiter, other, other + Obj.HEAD));
            else nudge(waiter);
          }
        });
      }
    });
    const listed = objects.flatMap((object) => {
      const list = withMutex(object, () => walk(object + Obj.HEAD));
      for (const waiter of list) {
        assert.equal(i32[waiter + W.OBJECT], object, 'a waiter is in the list of another object');
        assert.equal(i32[waiter + W.LIST], object + Obj.HEAD, 'a waiter is in another list');
      }
      return list;
    });
    assert.equal(new Set(listed).size, listed.length, 'a waiter is in two lists');
    for (const waiter of waiters)
      assert.equal(
        isWaiting(waiter),
        listed.includes(waiter),
        'a waiter is in no list and waits, or the reverse',
      );
    const holding = waiters.filter((waiter) => i32[waiter + W.STATE] === Wait.GRANTED).length;
    // A death may come between the two stores of this test that take what was granted.
    assert.ok(
      Math.abs(i32[permits + 1]! - holding) <= 1,
      `${i32[permits + 1]!} were granted, ${holding} have it`,
    );
    i32[permits + 1] = holding;
  }
  assert.ok(granted > 0);
  for (const object of objects)
    withMutex(object, () => walk(object + Obj.HEAD).forEach((w) => commit(w, Wait.LEFT, 0)));
  bury(1);
});

test('a party that dies as it leaves breaks the barrier', () => {
  comeAlive(1);
  comeAlive(2);
  const barrier = new Barrier(3);
  const address = addressOf(barrier);
  const [leaving, waiting] = [waiterOf(1), waiterOf(2)];
  withMutex(address, () => {
    append(leaving, address, address + Obj.HEAD);
    append(waiting, address, address + Obj.HEAD);
    commit(leaving, Wait.LEFT, 0); // it has timed out; here it dies
  });
  bury(1);
  assert.equal(barrier.broken, true);
  assert.deepEqual([i32[waiting + W.STATE], i32[waiting + W.VALUE]], [Wait.GRANTED, -1]);
  bury(2);
});

test('a waiter that was being posted by a thread that died can be posted again', watchdog, async () => {
  const event = new Event();
  const poster = comeAlive(1);
  for (let round = 0; round < 3; round++) {
    const waiting = event.waitAsync();
    const waiter = pointer(addressOf(event) + Obj.HEAD);
    if (round === 0) {
      i32[waiter + W.POSTED] = poster; // claimed; here it dies
      bury(1);
    }
    event.set();
    await waiting;
    event.clear();
  }
});

test('a lock whose owner dies when it has let go, and before it lets anyone in, goes on to the next', () => {
  const PARKED = 1 << 27;
  for (const barged of [false, true]) {
    comeAlive(1);
    const other = comeAlive(2);
    const lock = new Lock();
    const address = addressOf(lock);
    const waiter = waiterOf(1);
    // The waiter has set PARKED after the owner looked, and the owner has exchanged that for 0; here it dies.
    withMutex(address, () => append(waiter, address, address + Obj.HEAD));
    i32[address + Obj.STATE] = barged ? other : 0;
    dieAndBeGivenUp(() => {
      for (;;);
    });
    assert.ok((i32[address + Obj.STATE]! & PARKED) !== 0, 'the next release would not look at the list');
    assert.equal(i32[waiter + W.STATE], barged ? Wait.WAITING : Wait.NUDGED);
    bury(1);
    bury(2);
  }
});

test(`readers are counted, by their threads and by the lock, after ${deaths} deaths`, () => {
  const lock = new RWLock();
  const address = addressOf(lock);
  const holds = holdsWord(address);
  for (let death = 0; death < deaths; death++) {
    dieIn(() => {
      for (;;) {
        const action = random(4);
        if (action < 2) rawRWLock.tryRead(address, holds);
        else if (action < 3 && i32[holds]! > 0) rawRWLock.endRead(address, holds);
        else withMutex(address, () => rawRWLock.ownerEnded(address, tid, holds - 1));
      }
    });
    withMutex(address, () => undefined); // taken over here: no victim lives long enough to wait for that
    assert.equal(lock.readers, i32[holds]);
  }
});

test(`running threads and those that keep the program alive are counted after ${deaths} deaths`, () => {
  const thread = allocateZeroed(Th.WORDS);
  for (let death = 0; death < deaths; death++) {
    dieIn(() => {
      for (;;) {
        setRunning(0);
        setRunning(1);
      }
    });
    assert.equal(i32[Header.RUNNING], i32[record + Rec.RUNS]);
    dieIn(() => {
      for (;;) {
        if (i32[thread + Th.COUNTED] === 0) {
          i32[Header.LIVE]! += 1;
          i32[thread + Th.COUNTED] = 1;
        }
        uncount(thread);
      }
    });
    assert.equal(i32[Header.LIVE], i32[thread + Th.COUNTED]);
  }
});

test(`nobody waits for what is there, after ${deaths} deaths`, watchdog, () => {
  comeAlive(1);
  const waiters = [waiterOf(1), waiterOf(1), waiterOf(1)] as const;
  const semaphore = new Semaphore(0);
  const event = new Event();
  let latch = new Latch(2);
  const lines = (): [number, number][] => [
    [waiters[0], addressOf(semaphore)],
    [waiters[1], addressOf(event)],
    [waiters[2], addressOf(latch)],
  ];
  let served = 0;
  for (let death = 0; death < deaths; death++) {
    for (const [waiter, object] of lines()) {
      if (i32[waiter + W.STATE] === Wait.FREE)
        withMutex(object, () => append(waiter, object, object + Obj.HEAD));
    }
    Atomics.or(i32, addressOf(semaphore) + Obj.STATE, 1 << 29); // QUEUED
    dieAndBeGivenUp(() => {
      for (;;) {
        const action = random(6);
        if (action === 0 && semaphore.value < 1000) semaphore.release();
        else if (action === 1) semaphore.tryAcquire();
        else if (action === 2) event.set();
        else if (action === 3) event.clear();
        else if (action === 4) latch.countDown();
      }
    });
    const isServed = ([waiter]: [number, number]): boolean => i32[waiter + W.STATE] !== Wait.WAITING;
    const [forPermit, forEvent, forLatch] = lines();
    if (semaphore.value > 0) assert.ok(isServed(forPermit!), 'there is a permit');
    if (event.isSet) assert.ok(isServed(forEvent!), 'the event is set');
    if (latch.count === 0) assert.ok(isServed(forLatch!), 'the latch is open');
    for (const [waiter, object] of lines()) {
      withMutex(object, () => {
        if (isWaiting(waiter)) {
          if (i32[waiter + W.STATE] === Wait.NUDGED) served++;
          commit(waiter, Wait.LEFT, 0);
        } else served++;
      });
      i32[waiter + W.STATE] = Wait.FREE;
    }
    if (latch.count === 0) latch = new Latch(2);
  }
  assert.ok(served > 0);
  bury(1);
});

for (const make of [Queue, LifoQueue, PriorityQueue]) {
  test(`${make.name}: as many items as it says, and each once, after ${deaths} deaths`, watchdog, () => {
    const queue: Queue<number> = new make<number>({ capacity: 2000 });
    let next = 0;
    for (let death = 0; death < deaths; death++) {
      dieAndBeGivenUp(() => {
        for (;;) {
          const action = random(6);
          if (action < 2) queue.tryPut(next++);
          else if (action < 3 && queue.size < 1500) queue.putMany([next++, next++, next++]);
          else if (action < 5) queue.tryGet();
          else if (queue.size > 0) queue.getMany(random(5) + 1);
        }
      });
      const { size } = queue;
      const items = queue.drain();
      assert.equal(items.length, size, 'it counts items that are not there, or does not count some');
      assert.equal(new Set(items).size, size, 'an item is there twice');
      const inOrder = make === LifoQueue ? [...items].reverse() : items;
      assert.deepEqual(
        inOrder,
        [...inOrder].sort((a, b) => a - b),
        'not in order',
      );
    }
  });
}

test(`the allocator is whole after ${deaths} deaths, and at most what was in hand is lost`, () => {
  const blocks = new Map<number, number>();
  const before = bytesUsed();
  let lost = 0;
  for (let death = 0; death < deaths; death++) {
    let inHand = 0;
    dieIn(() => {
      for (;;) {
        const words = [8, 20, 100, 1000, 40_000][random(5)]!;
        if (blocks.size < 40) {
          inHand = words;
          const block = allocate(words);
          i32[block] = words;
          i32[block + words - 1] = words;
          blocks.set(block, words);
        } else {
          const [block, its] = [...blocks][random(blocks.size)]!;
          inHand = its;
          blocks.delete(block);
          free(block);
        }
        inHand = 0;
      }
    });
    if (inHand !== 0) lost++;
    free(allocate(8)); // takes the mutex over, which no victim lives long enough for
    // Whoever has a block has it alone.
    for (const [block, words] of blocks)
      assert.deepEqual([i32[block], i32[block + words - 1]], [words, words]);
  }
  for (const block of blocks.keys()) free(block);
  assert.ok(
    bytesUsed() - before <= lost * 4 * 3 * 16_384,
    `${bytesUsed() - before} bytes for ${lost} blocks in hand`,
  );
});
