/** What holds for every wait in heddle, in both of its forms: see fixtures/sync-waits.ts for the table. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Atomic, CancelledError, Event, sharedArray, spawn, TimeoutError } from 'heddle';
import {
  type Mode,
  modes,
  operate,
  situations,
  waitAborted,
  waitCancelled,
  waitInTurn,
  waitNames,
  waitOnce,
  waitThenAbort,
} from '../fixtures/sync-waits.js';
import { until, watchdog } from '../fixtures/waiting.js';

/** Waits that let all waiters go at once; the others let one go at each grant. */
const freesAll = ['Event.wait', 'Barrier.wait', 'Latch.wait', 'Once.run', 'Queue.join', 'Thread.join'];
/** `Once.run` takes no timeout. */
const timed = (name: string, mode: string): boolean => name !== 'Once.run' || mode === 'awaited';

/** Who stands in line. */
const lines: readonly [string, (place: number) => Mode][] = [
  ['blocked threads', () => 'blocking'],
  ['awaiting threads', () => 'awaited'],
  ['blocked and awaiting threads', (place) => modes[place % 2] ?? 'blocking'],
];

for (const name of waitNames) {
  for (const mode of modes) {
    describe(`${name}, ${mode}`, watchdog, () => {
      test('goes on when it is let go, for ever or with a long timeout', async () => {
        for (const timeout of [undefined, Infinity, 2 ** 40, 2 ** 31, 2 ** 31 - 1, 1e6]) {
          const situation = situations[name](1);
          const thread = spawn(waitOnce, name, mode, situation.handle, timeout);
          await until(() => situation.waiting() === 1 || Number.isNaN(situation.waiting()));
          await situation.grant();
          assert.equal(await thread.joinAsync(), situation.result);
          if (!timed(name, mode)) break;
        }
      });

      test(
        'times out, and leaves the primitive as it was',
        { skip: !timed(name, mode) && 'this wait takes no timeout' },
        async () => {
          for (const timeout of [0, 0.001, 1, 5]) {
            const situation = situations[name](1);
            await assert.rejects(
              spawn(waitOnce, name, mode, situation.handle, timeout).joinAsync(),
              (error: Error) =>
                error instanceof TimeoutError &&
                error.code === 'HEDDLE_TIMEOUT' &&
                error.name === 'TimeoutError',
            );
            situation.checkUntouched();
          }
        },
      );

      test(
        'refuses timeouts that are none',
        { skip: !timed(name, mode) && 'this wait takes no timeout' },
        async () => {
          const situation = situations[name](1);
          const { handle } = situation;
          for (const timeout of [-1, NaN, -Infinity, -Number.MIN_VALUE]) {
            await assert.rejects(async () => operate(name, mode, handle, { timeout }), {
              name: 'RangeError',
              message: `timeout must be zero or more milliseconds, not ${timeout}`,
            });
          }
          for (const timeout of ['5', null, {}, true, 5n, [], () => 5, Symbol('soon')]) {
            const refused = async (): Promise<unknown> =>
              operate(name, mode, handle, { timeout: timeout as number });
            await assert.rejects(refused, (error: Error) => {
              assert.equal(error.name, 'TypeError');
              assert.match(error.message, /^timeout must be a number of milliseconds, not /);
              return true;
            });
          }
          if (name !== 'Barrier.wait') situation.checkUntouched();
          else await drain(situation, name);
        },
      );

      test('is cancelled, stays cancelled, and leaves the primitive as it was', async () => {
        const situation = situations[name](1);
        const begun = new Event();
        const thread = spawn(waitCancelled, name, mode, situation.handle, begun);
        await begun.waitAsync();
        await until(() => situation.waiting() === 1 || Number.isNaN(situation.waiting()));
        thread.cancel({ because: 'enough' });
        const { first, second } = await thread.joinAsync();
        assert.ok(first instanceof CancelledError);
        assert.equal(first.code, 'HEDDLE_CANCELLED');
        assert.deepEqual(first.cause, { because: 'enough' });
        assert.ok(second instanceof CancelledError);
        assert.equal(thread.state, 'finished', 'a target that catches it gives its result');
        situation.checkUntouched();
      });

      const passesOver = name !== 'Barrier.wait' && name !== 'Thread.join';
      test(
        'passes over one who has left, to the next',
        { skip: !passesOver && 'a barrier breaks; a thread does not tell how many join it' },
        async () => {
          const situation = situations[name](2);
          const leaver = spawn(waitOnce, name, mode, situation.handle);
          await until(() => situation.waiting() === 1);
          const stayer = spawn(waitOnce, name, mode, situation.handle);
          await until(() => situation.waiting() === 2);
          leaver.cancel();
          await assert.rejects(leaver.joinAsync(), { code: 'HEDDLE_CANCELLED' });
          assert.equal(leaver.state, 'cancelled');
          assert.equal(situation.waiting(), 1);
          await situation.grant();
          assert.equal(await stayer.joinAsync(), situation.result);
        },
      );
    });
  }

  describe(`${name}, awaited with a signal`, watchdog, () => {
    for (const when of ['before', 'during'] as const) {
      test(`that is aborted ${when} the wait`, async () => {
        const situation = situations[name](1);
        const outcome = await spawn(waitAborted, name, situation.handle, when).joinAsync();
        assert.deepEqual(outcome, { thrown: { why: 'tired of waiting' }, isReason: true, listeners: 0 });
        if (name !== 'Barrier.wait' || when === 'during') situation.checkUntouched();
        else await drain(situation, name);
      });
    }

    test('that is aborted after it', async () => {
      const situation = situations[name](1);
      const thread = spawn(waitThenAbort, name, situation.handle);
      await until(() => situation.waiting() === 1 || Number.isNaN(situation.waiting()));
      await situation.grant();
      assert.equal(await thread.joinAsync(), situation.result);
    });

    test('that is no signal', async () => {
      const situation = situations[name](1);
      for (const signal of [{}, new EventTarget(), 'stop', 5]) {
        const refused = async (): Promise<unknown> =>
          operate(name, 'awaited', situation.handle, { signal: signal as AbortSignal });
        await assert.rejects(refused, { name: 'TypeError', message: 'signal must be an AbortSignal' });
      }
      for (const options of [null, 5, 'soon']) {
        await assert.rejects(
          async () => operate(name, 'awaited', situation.handle, options as never),
          TypeError,
        );
      }
      await drain(situation, name);
    });
  });

  for (const [line, modeOf] of lines) {
    if (name === 'Thread.join') continue; // it does not tell how many wait
    test(`${name}: ${line} wait in one line`, watchdog, async () => {
      const waiters = 6;
      const situation = situations[name](waiters);
      const turns = new Atomic('i32');
      const places = sharedArray('i32', waiters);
      const threads = [];
      for (let place = 0; place < waiters; place++) {
        threads.push(spawn(waitInTurn, name, modeOf(place), situation.handle, turns, places, place));
        await until(() => situation.waiting() === place + 1);
      }
      if (freesAll.includes(name) || situation.result === 'guard') {
        await situation.grant(); // each waiter releases its guard in its turn
      } else {
        for (let place = 0; place < waiters; place++) {
          await situation.grant();
          await until(() => turns.load() === place + 1);
        }
      }
      for (const thread of threads) await thread.joinAsync();
      // Readers go together, and those who are freed together come back in any order. A lock goes to a thread that is
      // blocked before it lies idle until an event loop turns.
      const inOrder =
        !freesAll.includes(name) &&
        name !== 'RWLock.read' &&
        !(/^R?Lock/.test(name) && line === 'blocked and awaiting threads');
      assert.deepEqual(inOrder ? [...places] : [...places].sort(), [0, 1, 2, 3, 4, 5]);
      assert.equal(situation.waiting(), 0);
    });
  }
}

/** Lets go what a situation still needs, by a waiter that goes through. */
async function drain(
  situation: ReturnType<(typeof situations)['Lock.acquire']>,
  name: (typeof waitNames)[number],
) {
  const thread = spawn(waitOnce, name, 'awaited', situation.handle);
  await until(() => situation.waiting() === 1 || Number.isNaN(situation.waiting()));
  await situation.grant();
  assert.equal(await thread.joinAsync(), situation.result);
}
