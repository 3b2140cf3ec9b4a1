/** select on a heap without threads: its waiters in shared memory, and deaths that are only played. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { TimeoutError } from '../src/base/errors.js';
import { bytesUsed } from '../src/memory/allocator.js';
import { i32, memory, pointer } from '../src/memory/heap.js';
import { disposeHandle } from '../src/memory/handles.js';
import { addressOf } from '../src/memory/object.js';
import { Rec, recordOf } from '../src/memory/records.js';
import { cleanUpAfter } from '../src/park/death.js';
import { W, Wait } from '../src/park/waiter.js';
import { LifoQueue } from '../src/queue/lifo-queue.js';
import { PriorityQueue } from '../src/queue/priority-queue.js';
import { Queue } from '../src/queue/queue.js';
import { select, selectAsync } from '../src/queue/select.js';
import { addWorker, startHeap } from './fixtures/codec-heap.js';
import type { Order } from './fixtures/queue-worker.js';

startHeap();
addWorker(1);

type Three = [Queue<unknown>, LifoQueue<unknown>, PriorityQueue<unknown>];

/** Runs `body` with a queue of each kind; the heap is then as before. */
async function withQueues(body: (queues: Three) => Promise<void> | void): Promise<void> {
  const before = bytesUsed();
  const queues: Three = [new Queue(), new LifoQueue(), new PriorityQueue()];
  await body(queues);
  queues.forEach(disposeHandle);
  assert.equal(bytesUsed(), before, 'the heap is not as before');
}

/** Starts a worker that selects, and once it stands in all lines, does `meanwhile` and kills it. */
async function dieSelecting(
  queues: Three,
  action: 'select' | 'select later',
  meanwhile: () => void = () => undefined,
): Promise<void> {
  const hanging = new Int32Array(new SharedArrayBuffer(4));
  const worker = start(queues, action, hanging);
  await untilGetters(queues, 1);
  // Until it hangs, it might still see that it has been granted something, and take it.
  while (action === 'select later' && Atomics.load(hanging, 0) === 0) await nextTurn();
  meanwhile();
  await worker.terminate();
  bury(1);
}

function start(queues: Three, action: Order['action'], hanging: Int32Array = new Int32Array(1)): Worker {
  const [queue, ...others] = queues.map(addressOf);
  const workerData: Order = { memory, slot: 1, hanging, queue: queue ?? 0, others, action };
  const worker = new Worker(new URL('./fixtures/queue-worker.js', import.meta.url), { workerData });
  worker.once('error', (error) => {
    throw error;
  });
  return worker;
}

async function untilGetters(queues: Three, getters: number): Promise<void> {
  while (queues.some((queue) => queue.stats().getters !== getters)) await nextTurn();
}

/** What the supervisor does when a worker has died. */
function bury(slot: number): void {
  const dead = recordOf(slot);
  const tid = i32[dead + Rec.TID]!;
  Atomics.store(i32, dead + Rec.TID, 0);
  cleanUpAfter(dead, tid);
}

/** Waiters are made once and kept, and so are tables of handles: make enough for all tests. */
async function warmUp(): Promise<void> {
  const queues: Three = [new Queue(), new LifoQueue(), new PriorityQueue()];
  const selects = Array.from({ length: 10 }, () => selectAsync(queues));
  for (let n = 0; n < 10; n++) queues[n % 3]?.put(n);
  await Promise.all(selects);
  await dieSelecting(queues, 'select');
  queues.forEach(disposeHandle);
}
await warmUp();

test('all that a select waits for can be found in shared memory', async () => {
  await withQueues(async (queues) => {
    const worker = start(queues, 'select');
    await untilGetters(queues, 1);
    const record = recordOf(1);
    while (pointer(record + Rec.WAITING) === 0) await nextTurn();
    const leader = pointer(record + Rec.WAITING);
    const objects: number[] = [];
    for (let waiter = pointer(record + Rec.NODES); waiter !== 0; waiter = pointer(waiter + W.CHAIN)) {
      if (i32[waiter + W.STATE] !== Wait.WAITING) continue;
      assert.equal(i32[waiter + W.LEADER], leader);
      objects.push(i32[waiter + W.OBJECT]!);
    }
    assert.deepEqual(objects.sort(), queues.map(addressOf).sort());
    assert.equal(i32[leader + W.CHOSEN], Wait.WAITING);
    await worker.terminate();
    bury(1);
  });
});

test('selects and gets leave nothing behind', async () => {
  await withQueues(async (queues) => {
    for (const queue of queues) {
      const taken = selectAsync(queues);
      queue.put(new Uint8Array(5000));
      assert.equal((await taken).queue, queue);
      await assert.rejects(selectAsync(queues, { timeout: 1 }), TimeoutError);
      assert.throws(() => select(queues, 1), TimeoutError);
      queue.put(1);
      assert.equal(select(queues).item, 1);
    }
  });
});

test('a thread that dies while it selects leaves nothing behind', async () => {
  await withQueues(async (queues) => {
    for (const action of ['select', 'select later'] as const) {
      await dieSelecting(queues, action);
      for (const queue of queues) {
        assert.equal(queue.stats().waiting, 0);
        queue.put(1);
        assert.equal(queue.get(0), 1);
      }
    }
  });
});

test('an item that was granted to a select that died is in its queue again', async () => {
  await withQueues(async (queues) => {
    for (const [place, queue] of queues.entries()) {
      for (const item of [1, 'text', { a: [1] }, new Uint8Array(5000)]) {
        await dieSelecting(queues, 'select later', () => {
          queue.put(item);
          assert.equal(queue.size, 0);
          // The others pass it over: it has got something.
          for (const other of queues) assert.equal(other.stats().waiting, 0);
          queues[(place + 1) % 3]?.put('not for it');
          queues[(place + 2) % 3]?.put('not for it');
        });
        assert.deepEqual(queue.get(0), item);
        for (const other of queues) {
          if (other !== queue) assert.deepEqual(other.drain(), ['not for it']);
        }
        for (const one of queues) {
          one.taskDone();
          one.join(0);
        }
      }
    }
  });
});

test('an item that was granted to a select that died goes to who waits next', async () => {
  await withQueues(async (queues) => {
    for (const queue of queues) {
      let next: Promise<{ queue: Queue<unknown>; item: unknown }> | undefined;
      await dieSelecting(queues, 'select later', () => {
        next = selectAsync(queues);
        queue.put('once');
      });
      assert.deepEqual(await next, { queue, item: 'once' });
      assert.equal(queue.size, 0);
    }
  });
});

test('an item that comes back to a queue that was shut down goes to a select that still waits', async () => {
  await withQueues(async (queues) => {
    for (const queue of [queues[0], queues[1]]) {
      let next: Promise<{ queue: Queue<unknown>; item: unknown }> | undefined;
      await dieSelecting([queue, queues[2], queue] as never, 'select later', () => {
        queue.put('back');
        queue.shutdown();
        next = selectAsync(queues);
      });
      assert.deepEqual(await next, { queue, item: 'back' });
    }
  });
});

test('a thread that dies in the middle of selects leaves the queues whole', async () => {
  const queues: Three = [new Queue(), new LifoQueue(), new PriorityQueue()];
  for (let round = 0; round < 12; round++) {
    const worker = start(queues, 'select on and on');
    const goal = queues[0].stats().gets + 100 + 37 * round;
    for (let n = 0; queues[0].stats().gets < goal; n++) {
      queues[n % 3]?.put(n);
      if (n % 10 === 0) await nextTurn();
    }
    await worker.terminate();
    bury(1);
    for (const queue of queues) {
      const { size, puts, gets, waiting } = queue.stats();
      assert.equal(waiting, 0);
      assert.equal(puts - gets, size);
      assert.equal(queue.drain().length, size);
      queue.put(round);
      assert.equal(select(queues).item, round);
    }
  }
  queues.forEach(disposeHandle);
});
