import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';
import { Event, Latch, Queue, spawn, Timer } from 'heddle';
import { tidyHere } from './fixtures/leak-targets.js';
import * as targets from './fixtures/thread-targets.js';

const watchdog = { timeout: 60_000 };
const LONG = 0x7fff_ffff;

test('a timer runs its target with its arguments', watchdog, () => {
  const items = new Queue<string>();
  const timer = new Timer(1, targets.put, [items, 'from a timer']);
  assert.match(inspect(timer), /^Timer "timer of put-\d+" \{ not started \}$/);
  assert.equal(timer.start(), timer);
  assert.equal(items.get(), 'from a timer');
  assert.equal(timer.cancel(), false, 'too late');
  timer.thread.join();
  assert.match(inspect(timer), /\{ fired \}$/);
});

test('arguments are taken when the timer starts', watchdog, () => {
  const list = [1];
  const timer = new Timer(0, targets.identity, [list]);
  list.push(2);
  const done = new Event();
  timer.start();
  list.push(3);
  new Timer(5, targets.setEvent, [done]).start();
  done.wait();
  assert.deepEqual(timer.thread.join(), [1, 2]);
});

test('a timer fires while every thread is blocked', watchdog, () => {
  const go = new Event();
  const running = new Latch(3);
  const blocked = [1, 2, 3].map(() => spawn(targets.waitFor, running, go));
  running.wait();
  new Timer(1, targets.setEvent, [go]).start();
  for (const thread of blocked) assert.equal(thread.join(), 'went on');
});

test('a timer that was cancelled in time does not run', watchdog, () => {
  const items = new Queue<string>();
  const timer = new Timer(1, targets.put, [items, 'must not come']).start();
  if (timer.cancel()) {
    assert.equal(timer.cancel(), false, 'once');
    assert.match(inspect(timer), /\{ cancelled \}$/);
    assert.equal(timer.thread.state, 'new');
    const done = new Event();
    new Timer(20, targets.setEvent, [done]).start();
    done.wait();
    assert.equal(items.size, 0);
  } else {
    assert.equal(items.get(), 'must not come');
  }
  const later = new Timer(LONG, targets.nothing).start();
  assert.match(inspect(later), /\{ pending \}$/);
  assert.equal(later.cancel(), true);
  assert.equal(later.cancel(), false);
});

test('one cancel wins against many, and against the firing', watchdog, () => {
  for (let i = 0; i < 20; i++) {
    const items = new Queue<string>();
    const timer = new Timer(i % 3, targets.put, [items, 'ran']).start();
    const threads = [1, 2].map(() => spawn(targets.cancelTimer, timer));
    const won = [timer.cancel(), ...threads.map((thread) => thread.join())].filter(Boolean);
    if (won.length === 0) assert.equal(items.get(), 'ran');
    else assert.deepEqual([won.length, timer.thread.state], [1, 'new']);
  }
});

test('a timer that was cancelled before its start cannot be started', watchdog, () => {
  const timer = new Timer(0, targets.nothing);
  assert.equal(timer.cancel(), true);
  assert.equal(timer.cancel(), false);
  assert.throws(() => timer.start(), { name: 'ThreadStateError' });
});

test('a timer starts once', watchdog, () => {
  const timer = new Timer(LONG, targets.nothing).start();
  assert.throws(() => timer.start(), { name: 'ThreadStateError', message: 'a Timer can be started once' });
  assert.equal(timer.cancel(), true);
});

test(
  'a timer made by another thread fires although that thread has ended, and its handle travels',
  watchdog,
  () => {
    const done = new Event();
    const starter = spawn(targets.startTimer, done);
    const timer = starter.join();
    done.wait();
    assert.ok(timer instanceof Timer);
    timer.thread.join();
    assert.equal(timer.cancel(), false);

    const pending = new Timer(LONG, targets.nothing).start();
    assert.equal(spawn(targets.cancelTimer, pending).join(), true);
    assert.equal(pending.cancel(), false);
  },
);

test('the failure of a timer’s thread comes from its join', watchdog, () => {
  const started = new Event();
  const timer = new Timer(0, targets.fail, ['late']).start();
  new Timer(5, targets.setEvent, [started]).start();
  started.wait();
  assert.throws(() => timer.thread.join(), { name: 'RangeError', message: 'late' });
});

test('an argument that cannot cross is refused by start', watchdog, () => {
  const timer = new Timer(0, targets.identity, [{ run: () => 1 }]);
  assert.throws(() => timer.start(), { name: 'CloneError', path: 'args[0].run' });
  assert.match(inspect(timer), /\{ not started \}$/);
});

test('timers fire in the order of their delays', watchdog, () => {
  const items = new Queue<number>();
  for (const delay of [300, 150, 1]) new Timer(delay, targets.putNumber, [items, delay]).start();
  assert.deepEqual([items.get(), items.get(), items.get()], [1, 150, 300]);
});

test('a timer can be started long after it was made, when garbage has been collected', watchdog, async () => {
  const done = new Event();
  const timers = Array.from({ length: 20 }, () => new Timer(0, targets.setEvent, [done]));
  for (let i = 0; i < 5; i++) await tidyHere();
  for (const timer of timers) timer.start();
  await done.waitAsync();
});
