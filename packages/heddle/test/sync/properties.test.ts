/** Random sequences of operations, compared with plain models of the primitives. fast-check prints the seed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Atomic, BoundedSemaphore, type Guard, Latch, Lock, RLock, RWLock, Semaphore } from 'heddle';
import { rounds } from '../fixtures/waiting.js';

const runs = { numRuns: rounds(200, 5000) };

test('Lock, RLock and RWLock by their tries', () => {
  const operation = fc.constantFrom(
    'lock',
    'unlock',
    'rlock',
    'runlock',
    'read',
    'write',
    'endRead',
    'endWrite',
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const [lock, rlock, rw] = [new Lock(), new RLock(), new RWLock()];
      const held: Guard[] = [];
      const reads: Guard[] = [];
      const writes: Guard[] = [];
      let isLocked = false;
      for (const step of operations) {
        if (step === 'lock') {
          assert.equal(lock.tryAcquire() !== null, !isLocked);
          isLocked = true;
        } else if (step === 'unlock') {
          if (isLocked) lock.release();
          else assert.throws(() => lock.release(), { code: 'HEDDLE_OWNERSHIP' });
          isLocked = false;
        } else if (step === 'rlock') {
          const guard = rlock.tryAcquire();
          assert.ok(guard);
          held.push(guard);
        } else if (step === 'runlock') {
          if (held.length === 0) assert.throws(() => rlock.release(), { code: 'HEDDLE_OWNERSHIP' });
          else held.pop()?.release();
        } else if (step === 'read') {
          const guard = rw.tryRead();
          assert.equal(guard !== null, writes.length === 0);
          if (guard !== null) reads.push(guard);
        } else if (step === 'write') {
          const guard = rw.tryWrite();
          assert.equal(guard !== null, writes.length === 0 && reads.length === 0);
          if (guard !== null) writes.push(guard);
        } else if (step === 'endRead') {
          reads.shift()?.release();
        } else {
          writes.pop()?.release();
        }
        assert.deepEqual([lock.locked, lock.owner !== null], [isLocked, isLocked]);
        assert.deepEqual([rlock.depth, rlock.locked], [held.length, held.length > 0]);
        assert.deepEqual([rw.readers, rw.writing], [reads.length, writes.length > 0]);
      }
      if (isLocked) lock.release();
      for (const guard of [...held, ...reads, ...writes]) guard.release();
    }),
    runs,
  );
});

test('Semaphore and Latch count as numbers do', () => {
  const operation = fc.record({
    what: fc.constantFrom('take', 'give', 'down'),
    n: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(
    fc.property(
      fc.nat(4),
      fc.boolean(),
      fc.array(operation, { maxLength: 60 }),
      (start, bounded, operations) => {
        const semaphore = bounded ? new BoundedSemaphore(start) : new Semaphore(start);
        const latch = new Latch(start * 5);
        let [free, left] = [start, start * 5];
        for (const { what, n } of operations) {
          if (what === 'take') {
            assert.equal(semaphore.tryAcquire() !== null, free > 0);
            free = Math.max(0, free - 1);
          } else if (what === 'give') {
            if (bounded && free + n > start) assert.throws(() => semaphore.release(n), RangeError);
            else {
              semaphore.release(n);
              free += n;
            }
          } else {
            latch.countDown(n);
            left = Math.max(0, left - n);
          }
          assert.deepEqual([semaphore.value, latch.count], [free, left]);
        }
      },
    ),
    runs,
  );
});

/** Awaited acquisitions in one thread: the model is a number of permits and a line of those who wait. */
test('Semaphore: awaited acquisitions, aborted and granted in any order', async () => {
  const operation = fc.oneof(
    fc.record({ what: fc.constant('wait' as const) }),
    fc.record({ what: fc.constant('give' as const), n: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ what: fc.constant('abort' as const), which: fc.nat() }),
    fc.record({ what: fc.constant('try' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.nat(2), fc.array(operation, { maxLength: 40 }), async (start, operations) => {
      const semaphore = new Semaphore(start);
      const outcomes: string[] = [];
      const expected: string[] = [];
      const line: { id: number; controller: AbortController }[] = [];
      const tasks: Promise<void>[] = [];
      let free = start;
      const admit = (): void => {
        while (free > 0 && line.length > 0) {
          free--;
          expected.push(`${line.shift()?.id} granted`);
        }
      };
      for (const [id, step] of operations.entries()) {
        if (step.what === 'wait') {
          const controller = new AbortController();
          line.push({ id, controller });
          tasks.push(
            semaphore.acquireAsync({ signal: controller.signal }).then(
              () => void outcomes.push(`${id} granted`),
              () => void outcomes.push(`${id} aborted`),
            ),
          );
        } else if (step.what === 'give') {
          semaphore.release(step.n);
          free += step.n;
        } else if (step.what === 'abort') {
          const [waiter] = line.length === 0 ? [] : line.splice(step.which % line.length, 1);
          if (waiter !== undefined) expected.push(`${waiter.id} aborted`);
          waiter?.controller.abort();
        } else {
          assert.equal(semaphore.tryAcquire() !== null, free > 0);
          if (free > 0) free--;
        }
        admit();
        assert.deepEqual([semaphore.value, semaphore.stats().waiting], [free, line.length]);
      }
      semaphore.release(line.length + 1);
      free += line.length + 1;
      admit();
      await Promise.all(tasks);
      assert.deepEqual(outcomes.sort(), expected.sort());
      assert.equal(semaphore.value, free);
    }),
    { numRuns: rounds(100, 2000) },
  );
});

test('Atomic: as a plain variable with the arithmetic of its kind', () => {
  const i32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const i64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const f64 = fc.double();
  const what = fc.constantFrom('add', 'sub', 'exchange', 'store', 'swapIf', 'swapElse', 'update');
  const check = <T extends number | bigint>(
    kind: 'i32' | 'u32' | 'i64' | 'f64',
    value: fc.Arbitrary<T>,
    wrap: (value: T) => T,
  ): void => {
    fc.assert(
      fc.property(value, fc.array(fc.tuple(what, value), { maxLength: 30 }), (start, steps) => {
        const atomic = new Atomic<'f64'>(kind as 'f64', start as number);
        let model = start;
        for (const [step, operand] of steps) {
          const old = model;
          let result: unknown = old;
          if (step === 'add') result = atomic.add(operand as number);
          else if (step === 'sub') result = atomic.sub(operand as number);
          else if (step === 'exchange') result = atomic.exchange(operand as number);
          else if (step === 'store') atomic.store(operand as number);
          else if (step === 'swapIf') result = atomic.compareExchange(old as number, operand as number);
          else if (step === 'swapElse') result = atomic.compareExchange(operand as number, start as number);
          else
            assert.ok(
              Object.is(
                atomic.update(() => operand as number),
                operand,
              ),
            );
          assert.ok(Object.is(result, old), `${step} returned ${String(result)}, not ${String(old)}`);
          if (step === 'add') model = wrap(((old as number) + (operand as number)) as T);
          else if (step === 'sub') model = wrap(((old as number) - (operand as number)) as T);
          else if (step === 'swapElse') model = Object.is(old, operand) ? start : old;
          else model = operand;
          assert.ok(
            Object.is(atomic.load(), model),
            `${step}: ${String(atomic.load())}, not ${String(model)}`,
          );
        }
      }),
      runs,
    );
  };
  // -0 is a number that the integer kinds do not have.
  check('i32', i32, (value) => value | 0);
  check('u32', u32, (value) => value >>> 0);
  check('i64', i64, (value) => BigInt.asIntN(64, value));
  check('f64', f64, (value) => value);
});
