/**
 * What the compiler accepts and infers. `tsc` checks this file with the other tests: an error that is expected and
 * does not come is an error. The bodies of the tests run as well, but for those that would be refused.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  array,
  asCompleted,
  Atomic,
  Barrier,
  type Executor,
  type FixedArray,
  type Future,
  type FutureState,
  type Guard,
  LifoQueue,
  Guarded,
  Lock,
  type Mapping,
  onThreadFailure,
  PriorityQueue,
  Queue,
  select,
  selectAsync,
  type Selected,
  Semaphore,
  sharedArray,
  SharedList,
  SharedMap,
  SharedValue,
  spawn,
  struct,
  task,
  text,
  Thread,
  ThreadGroup,
  type ThreadInfo,
  ThreadLocal,
  ThreadPool,
  type ThreadState,
  Timer,
  type ValueGuard,
  waitAll,
  type WaitOptions,
} from 'heddle';
import { add, addLater, identity, nothing } from './fixtures/thread-targets.js';

/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters -- this is how types are compared */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/* eslint-enable @typescript-eslint/no-unnecessary-type-parameters */

/** Does not compile unless `value` is exactly a `T`. */
function exactly<T>() {
  return <V>(value: V, ..._proof: Equal<T, V> extends true ? [] : [never]): V => value;
}

/** Compiled, never called. */
function compiled(..._bodies: (() => unknown)[]): void {}

test('spawn, Thread and groups infer arguments and results', () => {
  const thread = exactly<Thread<[a: number, b: number], number>>()(spawn(add, 1, 2));
  assert.equal(exactly<number>()(thread.join()), 3);
  const made = exactly<Thread<[a: number, b: number], number>>()(new Thread(add, [1, 2]));
  assert.equal(exactly<Thread<[a: number, b: number], number>>()(made.start()), made);
  using group = new ThreadGroup();
  assert.equal(exactly<number>()(group.spawn(add, 1, 2).join()), 3);
  exactly<Thread<[], void>>()(spawn(nothing)).join();
  assert.equal(exactly<number>()(spawn((n: number) => n + 1, 1).join()), 2);

  compiled(
    // @ts-expect-error -- a string is no number
    () => spawn(add, 1, '2'),
    // @ts-expect-error -- one argument is missing
    () => spawn(add, 1),
    // @ts-expect-error -- one is too many
    () => spawn(add, 1, 2, 3),
    // @ts-expect-error -- the arguments do not decide about the target's type
    () => new Thread(add, [1, '2']),
    // @ts-expect-error -- a target is a function
    () => spawn('add'),
    // @ts-expect-error -- as with spawn
    () => group.spawn(add, '1', 2),
    // @ts-expect-error -- there is no such option
    () => new Thread(add, [1, 2], { demon: true }),
    // @ts-expect-error -- a name is a string
    () => new Thread(add, [1, 2], { name: 1 }),
    // @ts-expect-error -- states are not set
    () => (thread.state = 'finished'),
  );
});

test('join gives what an async target’s promise gives', async () => {
  const thread = exactly<Thread<[a: number, b: number], Promise<number>>>()(spawn(addLater, 1, 2));
  assert.equal(exactly<number>()(thread.join()), 3);
  const joined = exactly<Promise<number>>()(thread.joinAsync({ timeout: 60_000 }));
  assert.equal(exactly<number>()(await joined), 3);
  exactly<ThreadState>()(thread.state);
  compiled(
    // @ts-expect-error -- a blocking wait takes milliseconds
    () => thread.join({ timeout: 1 }),
    // @ts-expect-error -- an awaited one takes options
    () => thread.joinAsync(1),
  );
});

test('generic targets, tasks and timers', () => {
  assert.deepEqual(spawn(identity<string[]>, ['a']).join(), ['a']);
  exactly<typeof add>()(task(import.meta, add));
  const timer = new Timer(1000, add, [1, 2]);
  assert.equal(exactly<boolean>()(timer.cancel()), true);
  compiled(
    // @ts-expect-error -- a delay is a number
    () => new Timer('1', add, [1, 2]),
    // @ts-expect-error -- a task is a function
    () => task(import.meta, 1),
  );
});

test('the kinds of Atomic', () => {
  const int = new Atomic('i32', 1);
  assert.equal(exactly<number>()(int.add(1)), 1);
  const big = new Atomic('i64', 1n);
  assert.equal(exactly<bigint>()(big.load()), 1n);
  const flag = new Atomic('bool');
  assert.equal(exactly<boolean>()(flag.exchange(true)), false);
  compiled(
    // @ts-expect-error -- there is no such kind
    () => new Atomic('i8'),
    // @ts-expect-error -- an i64 is a bigint
    () => new Atomic('i64', 1),
    // @ts-expect-error -- an i32 is a number
    () => int.store(1n),
    // @ts-expect-error -- a bool is true or false
    () => flag.store(1),
    // @ts-expect-error -- as with store
    () => big.compareExchange(1n, 2),
  );
});

test('the types of sharedArray', () => {
  assert.equal(exactly<Float64Array>()(sharedArray('f64', 2)).length, 2);
  assert.equal(exactly<BigUint64Array>()(sharedArray('u64', 1))[0], 0n);
  assert.equal(exactly<Uint8Array>()(sharedArray('u8', 1))[0], 0);
  compiled(
    // @ts-expect-error -- there is no such type
    () => sharedArray('f16', 1),
    // @ts-expect-error -- a length is a number
    () => sharedArray('f64', '1'),
  );
});

test('shared maps, lists and values', () => {
  const map = new SharedMap<string, number>([['a', 1]]);
  exactly<SharedMap<string, number>>()(map.set('b', 2));
  exactly<number | undefined>()(map.get('a'));
  exactly<number>()(map.update('a', (old = 0) => exactly<number>()(old) + 1));
  exactly<number>()(map.getOrInsertComputed('c', (key) => exactly<string>()(key).length));
  exactly<Map<string, number>>()(map.snapshot());
  for (const entry of map) exactly<[string, number]>()(entry);
  exactly<string[]>()([...map.keys()]);
  exactly<SharedMap<1 | 2, boolean>>()(new SharedMap<1 | 2, boolean>(new Map([[1, true]])));
  const list = new SharedList(['a']);
  exactly<SharedList<string>>()(list);
  exactly<string>()(list.get(0));
  exactly<string | undefined>()(list.at(0));
  exactly<string | undefined>()(list.pop());
  exactly<string[]>()([...list]);
  const value = new SharedValue<{ n: number } | null>(null);
  exactly<{ n: number } | null>()(value.update((old) => ({ n: (old?.n ?? 0) + 1 })));
  compiled(
    // @ts-expect-error -- a key is a string or a number
    () => new SharedMap<object, number>(),
    // @ts-expect-error -- such a key the map does not have
    () => map.get(1),
    // @ts-expect-error -- a value is a number
    () => map.set('a', 'b'),
    () =>
      // @ts-expect-error -- what is not returned is not stored
      map.update('a', (old = 0) => {
        map.set('b', old + 1);
      }),
    // @ts-expect-error -- an update is no promise
    () => map.update('a', async (old = 0) => Promise.resolve(old)),
    // @ts-expect-error -- a condition is true or false
    () => map.deleteIf('a', (old) => old),
    // @ts-expect-error -- options come second
    () => new SharedMap({ name: 'map' }),
    // @ts-expect-error -- as with maps
    () => new SharedList({ name: 'list' }),
    // @ts-expect-error -- items are strings
    () => list.push('a', 1),
    // @ts-expect-error -- a value is needed
    () => new SharedValue<number>(),
    // @ts-expect-error -- a length is not set
    () => (list.length = 0),
  );
});

test('what is guarded', async () => {
  const guarded = new Guarded({ n: 1 });
  exactly<Guarded<{ n: number }>>()(guarded);
  exactly<string>()(guarded.with((it) => String(exactly<number>()(it.n))));
  exactly<number>()(await guarded.withAsync((it) => Promise.resolve(it.n), { timeout: 1000 }));
  {
    using guard = exactly<ValueGuard<{ n: number }>>()(guarded.acquire());
    guard.value = { n: exactly<number>()(guard.value.n) + 1 };
    const plain: Guard = guard;
    assert.equal(plain, guard);
  }
  exactly<ValueGuard<{ n: number }> | null>()(guarded.tryAcquire())?.release();
  exactly<ValueGuard<{ n: number }> | null>()(guarded.recover());
  compiled(
    // @ts-expect-error -- there is no n before the lock is held
    () => guarded.n,
    // @ts-expect-error -- a blocking wait takes milliseconds
    () => guarded.with((it) => it.n, { timeout: 1 }),
    // @ts-expect-error -- only a guard releases
    () => guarded.release,
  );
});

test('guards work with using, and waits take WaitOptions', async () => {
  const lock = new Lock();
  {
    using guard = lock.acquire();
    exactly<Guard>()(guard);
    assert.equal(exactly<Guard | null>()(new Semaphore(1).tryAcquire()) === null, false);
  }
  const options: WaitOptions = { timeout: 1000, signal: new AbortController().signal };
  (await lock.acquireAsync(options)).release();
  exactly<ThreadInfo | null>()(lock.owner);
  assert.equal(lock.locked, false);
  compiled(
    // @ts-expect-error -- a signal is an AbortSignal
    () => lock.acquireAsync({ signal: new AbortController() }),
    // @ts-expect-error -- there is no such option
    () => lock.acquireAsync({ timeuot: 1 }),
    // @ts-expect-error -- a barrier has parties
    () => new Barrier(),
  );
});

test('queues, thread-locals and failures', () => {
  const queue = new Queue<string>({ capacity: 2 });
  queue.put('a');
  assert.equal(exactly<string>()(queue.get()), 'a');
  const nothing = queue.tryGet();
  assert.equal(exactly<string | undefined>()(nothing), undefined);
  const instead = queue.tryGet(null);
  assert.equal(exactly<string | null>()(instead), null);
  const count = new ThreadLocal(() => 1);
  assert.equal(exactly<number>()(count.value), 1);
  using _listening = exactly<Disposable>()(
    onThreadFailure(({ thread, error }) => {
      exactly<ThreadInfo>()(thread);
      exactly<unknown>()(error);
    }),
  );
  compiled(
    // @ts-expect-error -- a number is no string
    () => queue.put(1),
    // @ts-expect-error -- as with put
    () => (count.value = 'one'),
    // @ts-expect-error -- what comes out are strings
    () => queue.get() * 2,
  );
});

test('the fields of a struct have the types that its schema says', () => {
  const Inner = struct({ x: 'f64', label: text(8) });
  const Outer = struct({
    ...{
      count: 'i32',
      big: 'u64',
      ready: 'bool',
      inner: Inner,
      lock: Lock,
      jobs: Queue<string>,
      meet: Barrier,
    },
    ...{
      samples: array('f32', 4),
      names: array(text(5), 2),
      grid: array(array('i64', 2), 2),
      list: array(Inner, 3),
    },
  });
  const outer = new Outer({ count: 1, inner: { x: 2 }, samples: [1, 2], names: ['a'], list: [{ x: 1 }] });
  exactly<number>()(outer.count);
  exactly<bigint>()(outer.big);
  exactly<boolean>()(outer.ready);
  exactly<number>()(outer.inner.x);
  exactly<string>()(outer.inner.label);
  exactly<Lock>()(outer.lock);
  exactly<Queue<string>>()(outer.jobs);
  exactly<Barrier | null>()(outer.meet);
  exactly<Float32Array>()(outer.samples);
  exactly<string>()(outer.names.get(0));
  exactly<BigInt64Array>()(outer.grid.get(1));
  exactly<string>()(outer.list.get(0).label);
  const outers: FixedArray<InstanceType<typeof Outer>> = Outer.array(2);
  outers.set(1, { count: 5 });
  assert.equal(exactly<number>()(outers.get(1).count), 5);
  const plain = Outer.toObject(outer);
  exactly<number[]>()(plain.samples);
  exactly<{ x: number; label: string }[]>()(plain.list);
  assert.deepEqual(plain.inner, { x: 2, label: '' });
  compiled(
    // @ts-expect-error -- a string is no number
    () => (outer.count = 'one'),
    // @ts-expect-error -- there is no such field
    () => new Outer({ cuont: 1 }),
    // @ts-expect-error -- nor in what lies inside
    () => new Outer({ inner: { y: 1 } }),
    // @ts-expect-error -- 64 bits are bigints
    () => (outer.big = 5),
    // @ts-expect-error -- there is no such type
    () => struct({ x: 'f16' }),
    // @ts-expect-error -- a class of the user's is none of heddle's
    () => struct({ x: Map }),
    // @ts-expect-error -- elements are of the array's type
    () => outer.names.set(0, 5),
  );
});

test('select tells the queues and the items apart by their types', async () => {
  const numbers = new Queue<number>();
  const texts = new LifoQueue<string>();
  const flags = new PriorityQueue<boolean>();
  numbers.put(1);
  const taken = select([numbers, texts, flags]);
  exactly<
    | Selected<Queue<number>>
    | { readonly queue: LifoQueue<string>; readonly item: string }
    | { readonly queue: PriorityQueue<boolean>; readonly item: boolean }
  >()(taken);
  exactly<number | string | boolean>()(taken.item);
  exactly<Queue<number> | LifoQueue<string> | PriorityQueue<boolean>>()(taken.queue);
  assert.equal(taken.queue, numbers);
  const many: Queue<number>[] = [numbers];
  numbers.put(2);
  assert.equal(exactly<number>()((await selectAsync(many, { timeout: 1000 })).item), 2);
  const some: readonly [PriorityQueue<Date>] = [new PriorityQueue<Date>()];
  compiled(
    () => exactly<Date>()(select(some, 5).item),
    () => exactly<Promise<Selected<Queue<number> | LifoQueue<string>>>>()(selectAsync([numbers, texts])),
    // @ts-expect-error -- one selects from queues
    () => select([numbers, 5]),
    // @ts-expect-error -- one selects from an array
    () => select(numbers),
    // @ts-expect-error -- a blocking wait takes milliseconds
    () => select([numbers], { timeout: 1 }),
    // @ts-expect-error -- an awaited one takes options
    () => selectAsync([numbers], 1),
  );
});

test('the kinds of queue', () => {
  const stack = new LifoQueue<string>({ capacity: 5 });
  const ranked = new PriorityQueue<string>();
  const queues: Queue<string>[] = [stack, ranked];
  for (const queue of queues) queue.put('item', 1000);
  exactly<string>()(stack.get());
  exactly<string | null>()(ranked.tryGet(null));
  exactly<string[]>()(ranked.drain());
  ranked.put('first', { priority: -1, timeout: 5 });
  compiled(
    // @ts-expect-error -- a stack of strings takes no number
    () => stack.put(1),
    // @ts-expect-error -- only a PriorityQueue knows priorities
    () => stack.put('item', { priority: 1 }),
    // @ts-expect-error -- a priority is a number
    () => ranked.put('item', { priority: '1' }),
    // @ts-expect-error -- tryPut does not wait
    () => ranked.tryPut('item', { timeout: 1 }),
    // @ts-expect-error -- a blocking wait has no signal
    () => ranked.put('item', { signal: new AbortController().signal }),
    () => ranked.putAsync('item', { priority: 1, timeout: 1, signal: new AbortController().signal }),
  );
});

test('pools infer arguments and results', async () => {
  await using pool: Executor = new ThreadPool({ threads: 1 });
  const sum = exactly<Future<number>>()(pool.submit(add, 1, 2));
  assert.equal(exactly<number>()(await sum), 3);
  assert.equal(exactly<number>()(sum.result()), 3);
  exactly<FutureState>()(sum.state);
  exactly<unknown>()(sum.exception());
  const later = exactly<Future<number>>()(pool.submit(addLater, 1, 2));
  assert.equal(exactly<number>()(later.result(60_000)), 3);
  await exactly<Future<void>>()(pool.submit(nothing));
  assert.deepEqual(exactly<string[]>()(await pool.submit(identity<string[]>, ['a'])), ['a']);
  const urgent = exactly<Future<number>>()(pool.submitWith({ priority: -1 }, add, 1, 2));
  assert.equal(exactly<string>()(await urgent.then(String)), '3');

  const mapping = exactly<Mapping<number>>()(pool.map((n: number) => n * 2, [1, 2]));
  assert.deepEqual(exactly<number[]>()(await mapping), [2, 4]);
  const lengths = pool.map(async (text: string) => text.length, new Set(['a', 'bc']), { chunkSize: 'auto' });
  for await (const length of exactly<Mapping<number>>()(lengths)) exactly<number>()(length);

  const futures = [pool.submit(add, 1, 1), pool.submit(addLater, 2, 2)];
  exactly<AsyncIterableIterator<Future<number>>>()(asCompleted(futures));
  const { done } = await waitAll(futures, { until: 'all' });
  assert.equal(exactly<Set<Future<number>>>()(done).size, 2);

  compiled(
    // @ts-expect-error -- a string is no number
    () => pool.submit(add, 1, '2'),
    // @ts-expect-error -- one argument is missing
    () => pool.submit(add, 1),
    // @ts-expect-error -- one is too many
    () => pool.submit(add, 1, 2, 3),
    // @ts-expect-error -- a task is a function
    () => pool.submit('add', 1, 2),
    // @ts-expect-error -- options come first
    () => pool.submitWith(add, 1, 2),
    // @ts-expect-error -- there is no such option
    () => pool.submitWith({ prio: 1 }, add, 1, 2),
    // @ts-expect-error -- as with submit
    () => pool.submitWith({}, add, 1, '2'),
    // @ts-expect-error -- shared memory is not transferred
    () => pool.submitWith({ transfer: [new SharedArrayBuffer(1)] as const, timeout: '1' }, add, 1, 2),
    // @ts-expect-error -- the items are no strings
    () => pool.map((n: number) => n, ['a']),
    // @ts-expect-error -- a map is over something that can be iterated
    () => pool.map((n: number) => n, 5),
    // @ts-expect-error -- a chunk is a number of items, or 'auto'
    () => pool.map((n: number) => n, [1], { chunkSize: 'big' }),
    // @ts-expect-error -- there is no such option
    () => new ThreadPool({ thread: 1 }),
    // @ts-expect-error -- a number
    () => new ThreadPool({ maxQueue: '5' }),
    // @ts-expect-error -- a blocking wait takes milliseconds
    () => sum.result({ timeout: 1 }),
    // @ts-expect-error -- there is no such moment
    () => waitAll(futures, { until: 'any' }),
    // @ts-expect-error -- numbers are no futures
    () => asCompleted([1]),
    // @ts-expect-error -- states are not set
    () => (sum.state = 'done'),
  );
});
