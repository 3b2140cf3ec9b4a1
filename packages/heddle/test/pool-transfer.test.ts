/** Buffers and ports that are given to tasks. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import {
  BrokenPoolError,
  CancelledError,
  CloneError,
  Event,
  Latch,
  QueueFullError,
  ThreadPool,
} from 'heddle';
import { rounds, watchdog } from './fixtures/waiting.js';
import * as targets from './fixtures/transfer-targets.js';

/** Bytes of a buffer that is not copied. */
const LARGE = (2 << 20) + 1000;

/** A pool whose only thread is held until `go` is set. */
function occupied(maxQueue?: number): { pool: ThreadPool; go: Event } {
  const pool = new ThreadPool({ threads: 1, ...(maxQueue === undefined ? {} : { maxQueue }) });
  const running = new Latch(1);
  const go = new Event();
  void pool.submit(targets.hold, running, go);
  running.wait();
  return { pool, go };
}

/** That the other end of a port which was given away has been closed. */
async function closed(port: MessagePort): Promise<void> {
  await once(port, 'close');
}

test('a buffer that is given to a task is gone here, and whole there', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  for (const length of [0, 1, 1000, 1 << 20, LARGE]) {
    const bytes = new Uint8Array(length).fill(3);
    const { buffer } = bytes;
    const future = pool.submitWith({ transfer: [buffer] }, targets.sum, bytes);
    assert.equal(buffer.byteLength, 0);
    assert.throws(() => new Uint8Array(buffer), TypeError);
    assert.equal(await future, 3 * length);
  }
});

test('many are given at a time, and each arrives at its task', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 3 });
  const count = rounds(300, 30_000);
  const sums = Array.from({ length: count }, (_, n) => {
    const bytes = new Uint8Array(100).fill(n % 251);
    return pool.submitWith({ transfer: [bytes.buffer] }, targets.sum, bytes);
  });
  assert.deepEqual(
    await Promise.all(sums),
    sums.map((_, n) => 100 * (n % 251)),
  );
});

test('views over the buffer, and other mentions of it, lead to the same one', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  for (const length of [6, LARGE]) {
    const whole = new Uint8Array(length).fill(9).buffer;
    const parcel = { whole, part: new Uint16Array(whole, 2, 2), again: whole };
    const seen = await pool.submitWith({ transfer: [whole] }, targets.inspect, parcel);
    assert.deepEqual(seen, [true, true, 2, [9, 9, 1, 2, 9, 9]]);
    assert.equal(whole.byteLength, 0);
  }
});

test('several are given at a time, and what is not on the list is copied', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const [a, b, c] = [new ArrayBuffer(10), new ArrayBuffer(20), Buffer.alloc(30).subarray(5)];
  const kept = new ArrayBuffer(7);
  assert.deepEqual(await pool.submitWith({ transfer: [] }, targets.lengths, kept, b, c), [7, 20, 25]);
  assert.deepEqual(
    await pool.submitWith({ transfer: [c.buffer, a] }, targets.lengths, a, b, c),
    [10, 20, 25],
  );
  assert.deepEqual([a.byteLength, b.byteLength, c.byteLength, kept.byteLength], [0, 20, 0, 7]);
});

test('a small buffer, a large one and a port are given at a time', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const [small, large] = [new ArrayBuffer(10), new ArrayBuffer(LARGE)];
  const { port1, port2 } = new MessageChannel();
  const heard = once(port1, 'message');
  await pool.submitWith({ transfer: [small, port2, large] }, targets.tellLengths, port2, small, large);
  assert.deepEqual(await heard, [[10, LARGE]]);
  assert.deepEqual([small.byteLength, large.byteLength], [0, 0]);
  port1.close();
});

test('a buffer that can grow can do so there', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const Resizable = ArrayBuffer as unknown as new (
    length: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer;
  const bytes = new Uint8Array(new Resizable(2, { maxByteLength: 8 })).fill(5);
  assert.deepEqual(await pool.submitWith({ transfer: [bytes.buffer] }, targets.grow, bytes), [5, 5, 0, 0]);
});

test('a port goes to the task', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 1 });
  const { port1, port2 } = new MessageChannel();
  const heard = once(port1, 'message');
  await pool.submitWith({ transfer: [port2] }, targets.say, port2, 'here I am');
  assert.deepEqual(await heard, ['here I am']);
  port1.close();
});

test('a task gives a buffer of its own to another', watchdog, async () => {
  await using pool = new ThreadPool({ threads: 2 });
  assert.deepEqual(await pool.submit(targets.passOn, pool, 1000), [0, 1000]);
});

test('a submit that fails leaves the buffer whole, and the pool as it was', watchdog, async () => {
  const { pool, go } = occupied(1);
  const bytes = new Uint8Array(8).fill(1);
  const { buffer } = bytes;
  const large = new ArrayBuffer(LARGE);
  const transfer = [buffer];
  // What hangs on an error is left out if it cannot cross as a whole.
  const failure = Object.assign(new Error('with data'), { data: [buffer, () => 1] });
  const submit = (options: object, ...args: unknown[]): unknown =>
    pool.submitWith(options, targets.ignore, ...args);
  const gone = new ArrayBuffer(8);
  structuredClone(gone, { transfer: [gone] });
  const { port1: lost } = new MessageChannel();
  new MessageChannel().port1.postMessage(lost, [lost]);
  const reasons: readonly [() => unknown, object][] = [
    [() => submit({ transfer }, bytes, () => 1), { name: 'CloneError', path: 'args[1]' }],
    [
      () => submit({ transfer }, 1),
      { name: 'TypeError', message: /^transfer\[0\], .* is not among the arg/ },
    ],
    [
      () => submit({ transfer }),
      { name: 'TypeError', message: /is not among the arguments: pass it as one/ },
    ],
    [
      () => submit({ transfer: [buffer, new ArrayBuffer(1)] }, bytes),
      { message: /^transfer\[1\], .* is not/ },
    ],
    [() => submit({ transfer }, failure), { message: /^transfer\[0\], .* is not among the arguments/ }],
    [() => submit({ transfer: [large, buffer] }, bytes), { message: /^transfer\[0\], .* is not among/ }],
    [() => submit({ transfer: [large, buffer] }, large), { message: /^transfer\[1\], .* is not among/ }],
    [() => submit({ transfer: [buffer, buffer] }, bytes), { message: /^transfer\[1\] is in transfer twice/ }],
    [() => submit({ transfer: [buffer, gone] }, bytes), { message: /^transfer\[1\] is detached/ }],
    [() => submit({ transfer: [bytes] }, bytes), { message: /^transfer\[0\] is a view: .* is its buffer$/ }],
    [
      () => submit({ transfer: [buffer, 'x'] }, bytes),
      { message: /^transfer\[1\] must be an ArrayBuffer or/ },
    ],
    [() => submit({ transfer: buffer }, bytes), { message: /^transfer must be an array/ }],
    [() => submit({ transfer: [buffer, lost] }, bytes, lost), CloneError],
    [() => submit({ transfer, timeout: -1 }, bytes), RangeError],
    [
      () => pool.submitWith({ transfer }, (b: Uint8Array) => b.length + rounds(1, 2), bytes),
      { name: 'TargetError' },
    ],
  ];
  for (const [attempt, reason] of reasons) {
    assert.throws(attempt, reason);
    assert.deepEqual([buffer.byteLength, large.byteLength], [8, LARGE]);
  }
  assert.equal(pool.stats().submitted, 1);
  const last = pool.submit(targets.ignore);
  assert.throws(() => submit({ transfer }, bytes), QueueFullError);
  assert.equal(buffer.byteLength, 8);
  go.set();
  assert.equal(await last, 0);
  const going = pool.shutdown();
  assert.throws(() => submit({ transfer }, bytes), { name: 'ThreadStateError' });
  assert.equal(buffer.byteLength, 8);
  await going;
  assert.equal(targets.sum(bytes), 8);
});

test('what was given to a task that never runs is dropped', watchdog, async () => {
  const { pool, go } = occupied();
  const submit = (options: object): { other: MessagePort; future: ReturnType<typeof pool.submit> } => {
    const { port1, port2 } = new MessageChannel();
    port1.on('message', () => assert.fail('the task has run'));
    const future = pool.submitWith({ transfer: [port2], ...options }, targets.say, port2, 'I run');
    return { other: port1, future };
  };
  const { other, future } = submit({});
  assert.ok(future.cancel());
  await closed(other);
  await assert.rejects(Promise.resolve(future), CancelledError);

  const impatient = submit({ queueTimeout: 1 });
  await closed(impatient.other);
  await assert.rejects(Promise.resolve(impatient.future), { name: 'TimeoutError' });

  const late = submit({});
  const end = pool.shutdown({ cancelPending: true });
  await closed(late.other);
  await assert.rejects(Promise.resolve(late.future), CancelledError);
  go.set();
  await end;
});

test('what was given to a pool that breaks is dropped', watchdog, async () => {
  const pool = new ThreadPool({ threads: 1, initializer: targets.fails });
  const { port1, port2 } = new MessageChannel();
  port1.on('message', () => assert.fail('the task has run'));
  const future = pool.submitWith({ transfer: [port2] }, targets.say, port2, 'I run');
  await closed(port1);
  await assert.rejects(Promise.resolve(future), BrokenPoolError);
  await pool.shutdown();
});
