/** What using the thread layer wrongly says, word for word; and that everything can be used afterwards. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  Atomic,
  Barrier,
  BoundedSemaphore,
  checkCancelled,
  Event,
  isMain,
  Latch,
  Lock,
  onThreadFailure,
  Queue,
  Semaphore,
  sharedArray,
  spawn,
  task,
  Thread,
  ThreadGroup,
  ThreadLocal,
  Timer,
} from 'heddle';
import * as targets from './fixtures/thread-targets.js';

const watchdog = { timeout: 60_000 };

/** Anything at all, where the compiler would refuse it. */
function wrong(value: unknown): never {
  return value as never;
}

const finished = spawn(targets.add, 1, 2);
finished.join();
const unstarted = new Thread(targets.nothing, [], { name: 'fresh' });
const group = new ThreadGroup();
const local = 1;

/** What is done, and the class and message of what it throws. */
const cases: Record<string, [() => unknown, string, string]> = {
  // --- threads
  'a target that is no function': [
    () => new Thread(wrong('add')),
    'TypeError',
    'target must be a function, not "add"',
  ],
  'no target': [() => spawn(wrong(undefined)), 'TypeError', 'target must be a function, not undefined'],
  'a class as a target': [
    () => spawn(wrong(Map)),
    'TargetError',
    'Map cannot be found in a new thread: it is built in. Wrap it: "(...args) => Map(...args)".',
  ],
  'a bound function': [
    () => spawn(targets.add.bind(null), 1, 2),
    'TargetError',
    'bound add cannot be found in a new thread: bind() made it. Export a function that calls add, and pass the bound values as arguments.',
  ],
  'args that are no array': [
    () => new Thread(targets.add, wrong({ 0: 1 })),
    'TypeError',
    "args must be an array of the target's arguments, not an Object",
  ],
  'options that are no object': [
    () => new Thread(targets.nothing, [], wrong('daemon')),
    'TypeError',
    'options must be an object, not "daemon"',
  ],
  'options that are null': [
    () => new Thread(targets.nothing, [], wrong(null)),
    'TypeError',
    'options must be an object, not null',
  ],
  'a name that is no string': [
    () => new Thread(targets.nothing, [], { name: wrong(1) }),
    'TypeError',
    'name must be a string',
  ],
  'daemon that is no boolean': [
    () => new Thread(targets.nothing, [], { daemon: wrong('yes') }),
    'TypeError',
    'daemon must be true or false, not "yes"',
  ],
  'isolate that is no boolean': [
    () => new Thread(targets.nothing, [], { isolate: wrong(1) }),
    'TypeError',
    'isolate must be true or false, not 1',
  ],
  'resourceLimits that are no object': [
    () => new Thread(targets.nothing, [], { resourceLimits: wrong(64) }),
    'TypeError',
    'resourceLimits must be an object, not 64',
  ],
  'a limit that is no number': [
    () => new Thread(targets.nothing, [], { resourceLimits: { maxOldGenerationSizeMb: wrong('64') } }),
    'TypeError',
    'resourceLimits.maxOldGenerationSizeMb must be a number, not "64"',
  ],
  'starting twice': [
    () => new Thread(targets.nothing, [], { name: 'twice' }).start().start(),
    'ThreadStateError',
    'thread "twice" can be started once, by the thread that made it',
  ],
  'starting one that has ended': [
    () => finished.start(),
    'ThreadStateError',
    `thread "${finished.name}" can be started once, by the thread that made it`,
  ],
  'joining before the start': [
    () => unstarted.join(),
    'ThreadStateError',
    'thread "fresh" was not started; call start() before join()',
  ],
  'a negative timeout': [
    () => finished.join(-1),
    'RangeError',
    'timeout must be zero or more milliseconds, not -1',
  ],
  'a timeout of NaN': [
    () => finished.join(NaN),
    'RangeError',
    'timeout must be zero or more milliseconds, not NaN',
  ],
  'a timeout that is no number': [
    () => finished.join(wrong('1')),
    'TypeError',
    'timeout must be a number of milliseconds, not "1"',
  ],
  'an argument that cannot cross': [
    () => spawn(targets.identity<unknown>, { save: () => local }),
    'CloneError',
    'args[0].save is the function save: functions do not cross threads; pass data and call an exported function in the thread',
  ],
  // --- groups, timers and the rest
  'a group with a wrong name': [
    () => new ThreadGroup({ name: wrong(1) }),
    'TypeError',
    'name must be a string',
  ],
  'a group’s negative timeout': [
    () => group.join(-0.5),
    'RangeError',
    'timeout must be zero or more milliseconds, not -0.5',
  ],
  'a negative delay': [
    () => new Timer(-1, targets.nothing),
    'RangeError',
    'delay must be from 0 to 2147483647 milliseconds (about 24 days), not -1',
  ],
  'a delay of NaN': [
    () => new Timer(NaN, targets.nothing),
    'RangeError',
    'delay must be from 0 to 2147483647 milliseconds (about 24 days), not NaN',
  ],
  'no delay': [
    () => new Timer(wrong(undefined), targets.nothing),
    'TypeError',
    'delay must be a number of milliseconds, not undefined',
  ],
  'a delay that is too long': [
    () => new Timer(2 ** 31, targets.nothing),
    'RangeError',
    'delay must be from 0 to 2147483647 milliseconds (about 24 days), not 2147483648',
  ],
  'a timer without a target': [() => new Timer(1, wrong(1)), 'TypeError', 'target must be a function, not 1'],
  'a timer whose args are no array': [
    () => new Timer(1, targets.add, wrong(1)),
    'TypeError',
    "args must be an array of the target's arguments, not 1",
  ],
  'a timer cancelled before its start': [
    () => {
      const timer = new Timer(1, targets.nothing);
      timer.cancel();
      timer.start();
    },
    'ThreadStateError',
    'this Timer was cancelled before its start; make a new one',
  ],
  'a failure handler that is no function': [
    () => onThreadFailure(wrong(1)),
    'TypeError',
    'handler must be a function, not 1',
  ],
  'an initial value that is no function': [
    () => new ThreadLocal(wrong(1)),
    'TypeError',
    'initial must be a function',
  ],
  'isMain without import.meta': [() => isMain(wrong(1)), 'TypeError', 'isMain takes import.meta, not 1'],
  'task without a function': [
    () => task(import.meta, wrong(1)),
    'TypeError',
    'target must be a function, not 1',
  ],
  // --- what threads share
  'no parties': [
    () => new Barrier(0),
    'RangeError',
    'parties must be a whole number from 1 to 268435455, not 0',
  ],
  'a part of a party': [
    () => new Barrier(1.5),
    'RangeError',
    'parties must be a whole number from 1 to 268435455, not 1.5',
  ],
  'parties that are no number': [
    () => new Barrier(wrong('2')),
    'TypeError',
    'parties must be a number, not "2"',
  ],
  'a negative count': [
    () => new Latch(-1),
    'RangeError',
    'count must be a whole number from 0 to 268435455, not -1',
  ],
  'counting down by nothing': [
    () => new Latch(1).countDown(0),
    'RangeError',
    'n must be a whole number from 1 to 268435455, not 0',
  ],
  'negative permits': [
    () => new Semaphore(-1),
    'RangeError',
    'permits must be a whole number from 0 to 536870911, not -1',
  ],
  'an unknown kind of atomic': [
    () => new Atomic(wrong('i8')),
    'TypeError',
    'an Atomic is of kind i32, u32, i64, f64, bool, not "i8"',
  ],
  'an unknown type of array': [
    () => sharedArray(wrong('f16'), 1),
    'TypeError',
    'a shared array is of i8, u8, i16, u16, i32, u32, i64, u64, f32, f64, not "f16"',
  ],
  'a negative length': [
    () => sharedArray('u8', -1),
    'RangeError',
    'length must be a whole number from 0 to 9007199254740991, not -1',
  ],
  'an array too long for any memory': [
    () => sharedArray('i32', 2 ** 50),
    'OutOfMemoryError',
    'there is no memory for a shared array of 4503599627370496 bytes: make it shorter, or of a smaller type',
  ],
};

for (const [what, [misuse, name, message]] of Object.entries(cases)) {
  test(`${what}: ${name}`, watchdog, () => {
    assert.throws(misuse, (error) => {
      assert.ok(error instanceof Error);
      assert.deepEqual([error.name, error.message], [name, message]);
      const code = (error as { code?: unknown }).code;
      const words = name
        .replace(/Error$/, '')
        .replace(/([a-z])([A-Z])/g, '$1_$2')
        .toUpperCase();
      assert.equal(code, ['TypeError', 'RangeError'].includes(name) ? undefined : `HEDDLE_${words}`);
      return true;
    });
  });
}

test('awaited waits reject with what blocking ones throw', watchdog, async () => {
  await assert.rejects(finished.joinAsync({ timeout: -1 }), RangeError);
  await assert.rejects(finished.joinAsync(wrong(5)), { message: 'options must be an object, not 5' });
  await assert.rejects(finished.joinAsync({ signal: wrong({}) }), {
    message: 'signal must be an AbortSignal',
  });
  await assert.rejects(unstarted.joinAsync(), { code: 'HEDDLE_THREAD_STATE' });
  await assert.rejects(group.joinAsync({ timeout: NaN }), RangeError);
});

test('a thread that joins itself', watchdog, () => {
  const handles = new Queue<Thread>();
  const thread = new Thread(targets.joinOnSelf, [handles], { name: 'lonely' }).start();
  handles.put(thread);
  assert.equal(
    thread.join(),
    'DeadlockError: thread "lonely" joins itself, which would wait for ever. Join it from another thread',
  );
});

test('only the handle that made a thread starts it', watchdog, () => {
  const message = 'ThreadStateError: thread "fresh" can be started once, by the thread that made it';
  assert.equal(spawn(targets.startOther, unstarted as never).join(), message);
  assert.equal(unstarted.state, 'new');
});

test('afterwards, all of them can be used', watchdog, async () => {
  checkCancelled();
  unstarted.start().join();
  assert.equal(finished.join(), 3);
  group.spawn(targets.nothing);
  group.join();
  using _permit = new BoundedSemaphore(1).acquire();
  using _guard = new Lock().acquire();
  const done = new Event();
  new Timer(0, targets.setEvent, [done]).start();
  await done.waitAsync();
});
