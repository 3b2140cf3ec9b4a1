import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as heddle from 'heddle';
import { Queue, spawn, Thread, ThreadDiedError } from 'heddle';
import * as targets from './fixtures/thread-targets.js';
import * as failing from './fixtures/error-targets.js';

const watchdog = { timeout: 60_000 };

/** What a join throws. */
function caught(thread: Thread<never>): unknown {
  try {
    thread.join();
  } catch (error) {
    return error;
  }
  return assert.fail('the thread did not fail');
}

/** What the error of this kind is after it has crossed, thrown and rejected alike. */
function thrown(kind: string): unknown {
  const sync = caught(spawn(failing.throwIt, kind));
  const async = caught(spawn(failing.rejectIt, kind));
  if (sync instanceof Error && async instanceof Error) {
    assert.deepEqual([async.name, async.message], [sync.name, sync.message]);
  } else {
    assert.deepEqual(async, sync);
  }
  return sync;
}

for (const [kind, Class] of Object.entries({
  plain: Error,
  range: RangeError,
  type: TypeError,
  syntax: SyntaxError,
  reference: ReferenceError,
  eval: EvalError,
  uri: URIError,
  heddle: heddle.HeddleError,
  queue: heddle.QueueShutdownError,
})) {
  test(`${Class.name} stays what it is`, watchdog, () => {
    const error = thrown(kind);
    assert.ok(error instanceof Class);
    assert.equal(Object.getPrototypeOf(error), Class.prototype);
    assert.equal(error.name, Class.name);
    assert.equal(error.message, kind);
    assert.equal(Object.hasOwn(error, 'cause'), false);
  });
}

test('every heddle error stays itself', watchdog, () => {
  const classes = Object.entries(heddle).filter(([name]) => name.endsWith('Error'));
  assert.ok(classes.length > 10);
  for (const [name, Class] of classes as [
    string,
    new (message: string, more?: string) => heddle.HeddleError,
  ][]) {
    const error = spawn(targets.identity<Error>, new Class('crossing', 'args[0]')).join();
    assert.ok(error instanceof Class, name);
    assert.equal(error.name, name);
    assert.match(error.code, /^HEDDLE(_[A-Z]+)*$/);
  }
});

test('codes, paths, names and own data cross', watchdog, () => {
  const clone = thrown('clone');
  assert.ok(clone instanceof heddle.CloneError);
  assert.equal(clone.path, 'args[0].x');
  assert.equal(clone.code, 'HEDDLE_CLONE');

  const coded = thrown('coded') as Error & { code: string; path: string; list: unknown };
  assert.deepEqual(Object.fromEntries(Object.entries(coded)), {
    code: 'ENOENT',
    path: '/x',
    list: [1, new Map([[1, 2]])],
  });

  const own = thrown('ownHeddle');
  assert.ok(own instanceof heddle.HeddleError);
  assert.deepEqual([own.name, own.code, own.message], ['OwnHeddleError', 'HEDDLE_OWN_HEDDLE', 'own']);
  assert.equal((thrown('nameless') as Error).message, '');
});

test(
  'an error of a class of the user’s arrives as the nearest known one, without what cannot cross',
  watchdog,
  () => {
    const error = thrown('payment') as TypeError & { amount: number };
    assert.equal(Object.getPrototypeOf(error), TypeError.prototype);
    assert.equal(error.name, 'PaymentError');
    assert.equal(error.message, 'no funds');
    assert.equal(error.amount, 12);
    assert.equal('save' in error, false);
  },
);

test('causes and aggregates cross to any depth', watchdog, () => {
  const outer = thrown('caused') as Error;
  assert.equal(outer.message, 'outer');
  assert.ok(outer.cause instanceof TypeError);
  assert.ok(outer.cause.cause instanceof RangeError);
  assert.equal(outer.cause.cause.message, 'inner');
  assert.equal(Object.keys(outer).length, 0, 'the cause is not enumerable');

  const all = thrown('aggregate');
  assert.ok(all instanceof AggregateError);
  assert.equal(all.message, 'all');
  assert.ok(all.errors[0] instanceof TypeError);
  assert.equal(all.errors[1], 'two');
  assert.ok(all.errors[2] instanceof heddle.QueueShutdownError);

  const circular = thrown('circular') as Error;
  assert.equal(circular.cause, circular);

  const dom = thrown('dom') as DOMException;
  assert.ok(dom instanceof DOMException);
  assert.equal(dom.name, 'AbortError');
});

test('what is thrown need not be an error', watchdog, () => {
  assert.equal(thrown('string'), 'a string');
  assert.equal(thrown('number'), 42);
  assert.equal(thrown('null'), null);
  assert.equal(thrown('undefined'), undefined);
  assert.deepEqual(thrown('object'), { reason: 'object' });
});

test('what is thrown but cannot cross is told in words', watchdog, () => {
  assert.match((thrown('function') as Error).message, /^a thread threw function function reason\(\)/);
  assert.equal((thrown('symbol') as Error).message, 'a thread threw symbol Symbol(reason)');
  assert.match((thrown('promise') as Error).message, /^a thread threw object/);
});

test('the stack shows both sides', watchdog, () => {
  function joinHere(): unknown {
    return caught(new Thread(failing.deep, [], { name: 'thrower' }).start());
  }
  const { stack } = joinHere() as Error;
  assert.ok(stack);
  const [there, here] = stack.split('    --- thrown in thread "thrower", joined: ---\n');
  assert.ok(there !== undefined && here !== undefined, stack);
  assert.match(there, /^Error: from deep inside\n\s+at inner .*error-targets/);
  assert.match(there, /at .*deep .*error-targets/);
  assert.match(here, /at .*caught .*thread-errors\.test/);
  assert.match(here, /at .*joinHere .*thread-errors\.test/);
  assert.doesNotMatch(here, /heddle\/dist|node:internal/);
});

for (const [kind, path] of Object.entries({
  function: 'result',
  nested: 'result.list[1].save',
  symbol: 'result',
  promise: 'result.later',
  map: 'result.get("key")',
  weak: 'result[0]',
})) {
  test(`a result that cannot cross fails the thread and names ${path}`, watchdog, async () => {
    for (const target of [failing.giveBack, failing.giveBackLater]) {
      const thread = spawn(target, kind);
      await assert.rejects(thread.joinAsync(), (error) => {
        assert.ok(error instanceof heddle.CloneError);
        assert.equal(error.path, path);
        assert.ok(error.message.startsWith(`${path} is `), error.message);
        return true;
      });
      assert.equal(thread.state, 'failed');
    }
  });
}

for (const [args, path] of [
  [[() => 1], 'args[0]'],
  [[1, { user: { save: () => 1 } }], 'args[1].user.save'],
  [[new Set([Symbol('x')])], 'args[0](set item)'],
  [[[1, [2, new WeakRef({})]]], 'args[0][1][1]'],
  [[Promise.resolve(1)], 'args[0]'],
] as [unknown[], string][]) {
  test(`an argument that cannot cross is refused by start, as ${path}`, watchdog, () => {
    const refused = (error: unknown) => {
      assert.ok(error instanceof heddle.CloneError);
      assert.equal(error.path, path);
      assert.ok(error.message.startsWith(`${path} is `), error.message);
      return true;
    };
    const thread = new Thread(targets.collect, args);
    assert.throws(() => thread.start(), refused);
    assert.throws(() => spawn(targets.collect as (...all: unknown[]) => unknown, ...args), refused);
    assert.equal(thread.state, 'new', 'as if it had not been called');
    assert.throws(() => thread.start(), refused);
    const group = new heddle.ThreadGroup();
    assert.throws(() => group.spawn(targets.collect, ...args), refused);
    group.join();
  });
}

test('a reason that cannot cross is refused by cancel', watchdog, () => {
  const running = new heddle.Event();
  const go = new heddle.Event();
  const thread = spawn(targets.setThenWait, running, go);
  running.wait();
  assert.throws(() => thread.cancel(() => 1), { name: 'CloneError', path: 'reason' });
  go.set();
  thread.join();
});

test('an uncaught error in a timer fails the thread', watchdog, () => {
  const thread = spawn(targets.failInTimer);
  assert.throws(() => thread.join(), { name: 'TypeError', message: 'in a timer' });
  assert.equal(thread.state, 'failed');
});

test('an unhandled rejection fails the thread, with its very reason', watchdog, () => {
  assert.throws(() => spawn(targets.rejectAside, new RangeError('aside')).join(), {
    name: 'RangeError',
    message: 'aside',
  });
  assert.equal(caught(spawn(targets.rejectAside, 'a string') as never), 'a string');
  assert.equal(caught(spawn(targets.rejectAside, undefined) as never), undefined);
});

test('an unhandled rejection fails the thread also if its target has returned', watchdog, () => {
  for (let i = 0; i < 5; i++) {
    const thread = spawn(targets.rejectAndReturn);
    assert.throws(() => thread.join(), { name: 'RangeError', message: 'nobody handles this' });
    assert.equal(thread.state, 'failed');
    assert.throws(() => spawn(targets.rejectLaterAndReturn).join(), /nobody handles this either/);
    assert.equal(spawn(targets.rejectButHandle).join(), 'fine');
  }
});

test('a promise that nothing can settle fails the thread', watchdog, () => {
  const error = caught(spawn(targets.awaitNothing));
  assert.ok(error instanceof ThreadDiedError);
  assert.equal(
    error.message,
    'the thread awaits a promise that nothing can settle any more: no timer, no I/O and no wait is pending in it',
  );
});

test('process.exit ends the thread alone', watchdog, () => {
  for (const code of [0, 3]) {
    const thread = spawn(targets.exitProcess, code);
    const error = caught(thread);
    assert.ok(error instanceof ThreadDiedError);
    assert.equal(
      error.message,
      `the thread ended its worker: process.exit(${String(code)}) was called in it`,
    );
    assert.equal(thread.state, 'failed');
  }
});

test('a thread that runs out of memory fails alone', watchdog, () => {
  const thread = new Thread(targets.eatMemory, [], {
    resourceLimits: { maxOldGenerationSizeMb: 16 },
  }).start();
  const error = caught(thread);
  assert.ok(error instanceof ThreadDiedError);
  assert.match(error.message, /^the thread ran out of memory\. Give it more with \{ resourceLimits/);
  assert.equal((error.cause as { code?: string }).code, 'ERR_WORKER_OUT_OF_MEMORY');
});

test('after all this, threads and queues work as before', watchdog, () => {
  const queue = new Queue<string>();
  spawn(targets.put, queue, 'here').join();
  assert.equal(queue.get(), 'here');
  assert.deepEqual(
    heddle.threads().map(({ name }) => name),
    ['main'],
  );
});
