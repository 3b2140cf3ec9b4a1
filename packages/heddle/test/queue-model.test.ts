/** The queues on a heap without threads: against a model, at their edges, and after deaths that are only played. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { OutOfMemoryError, QueueShutdownError, TimeoutError } from '../src/base/errors.js';
import { allocate, bytesUsed, free } from '../src/memory/allocator.js';
import { i32, memory, pointer } from '../src/memory/heap.js';
import { disposeHandle } from '../src/memory/handles.js';
import { addressOf, Obj } from '../src/memory/object.js';
import { Rec, recordOf } from '../src/memory/records.js';
import { cleanUpAfter } from '../src/park/death.js';
import { LifoQueue } from '../src/queue/lifo-queue.js';
import { PriorityQueue } from '../src/queue/priority-queue.js';
import { Queue } from '../src/queue/queue.js';
import { Q } from '../src/queue/words.js';
import { addWorker, startHeap, Token } from './fixtures/codec-heap.js';
import type { Order } from './fixtures/queue-worker.js';

startHeap();
addWorker(1);

/** The kinds of queue, which do the same but for the order of their items. */
const kinds = { Queue, LifoQueue, PriorityQueue };
type KindName = keyof typeof kinds;
const kindNames = Object.keys(kinds) as KindName[];

/** The order in which a kind of queue gives items of one priority that were put in this order. */
function outOrder<T>(kind: KindName, items: readonly T[]): T[] {
  return kind === 'LifoQueue' ? [...items].reverse() : [...items];
}

/** Runs `body` with a queue; the heap is then as before. */
async function withQueue(
  options: { capacity?: number; kind?: KindName },
  body: (queue: Queue<unknown>) => Promise<void> | void,
): Promise<void> {
  const { kind = 'Queue', ...others } = options;
  const before = bytesUsed();
  const queue = new kinds[kind]<unknown>({ ...others, name: 'tested' });
  await body(queue);
  disposeHandle(queue);
  assert.equal(bytesUsed(), before, 'the heap is not as before');
}

/** Waiters are made once and kept, also after a death, and so are tables of handles: make enough for all tests. */
async function warmUp(): Promise<void> {
  const queue = new Queue<number>();
  const gets = Array.from({ length: 200 }, () => queue.getAsync());
  for (let k = 0; k < 200; k++) queue.put(k);
  assert.deepEqual(
    await Promise.all(gets),
    Array.from({ length: 200 }, (_, k) => k),
  );
  await dieWaiting(queue, 'get');
  disposeHandle(queue);
  [new Token(), new Token()].forEach(disposeHandle);
}
await warmUp();

// --- against a model --------------------------------------------------------------------------------------

const values = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -0, NaN, Infinity, 2 ** 31, -(2 ** 31), undefined, null, true, false, ''),
  fc.string({ maxLength: 120 }),
  fc.string({ unit: 'binary', maxLength: 120 }),
  fc.nat(3000).map((length) => 'x'.repeat(length)),
  fc.bigInt(),
  fc.uint8Array({ maxLength: 400 }),
  fc.nat(40_000).map((length) => new Uint8Array(length).fill(length)),
  fc.jsonValue(),
  fc.object({ withMap: true, withSet: true, withDate: true, maxDepth: 2 }),
);

/** Of a PriorityQueue; the others do not look at it. */
const priorities = fc.constantFrom(0, 0, -0, 1, -1, 1.5, 1e308, -1e308, Infinity, -Infinity);

type Step =
  | { do: 'put' | 'tryPut' | 'putAsync'; item: unknown; priority: number }
  | { do: 'putMany'; items: unknown[]; priority: number }
  | { do: 'get' | 'tryGet' | 'getAsync' }
  | { do: 'getMany' | 'drain' | 'done' | 'abort'; n: number }
  | { do: 'drainAll' }
  | { do: 'shutdown'; immediate: boolean };

const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constantFrom('put', 'tryPut', 'putAsync'),
        item: values,
        priority: priorities,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('putMany'),
        items: fc.array(values, { maxLength: 12 }),
        priority: priorities,
      }),
    },
    { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('get', 'tryGet', 'getAsync') }) },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constantFrom('getMany', 'drain', 'done', 'abort'), n: fc.nat(6) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('drainAll') }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('shutdown'), immediate: fc.boolean() }) },
  ),
  { maxLength: 80, size: 'max' }, // by itself fast-check prefers arrays too short to get anywhere
);

/** A wait that is under way, in the queue and in the model. */
interface Waiting {
  readonly real: Promise<unknown>;
  readonly abort: AbortController;
  /** What the model says it comes to; undefined while it waits. */
  outcome?: { value: unknown } | { error: typeof QueueShutdownError };
  readonly entry?: Entry;
}

interface Entry {
  readonly item: unknown;
  readonly priority: number;
}

/** A queue as one would write it in ten lines, with the same rules. */
class Model {
  items: Entry[] = [];
  getters: Waiting[] = [];
  putters: Waiting[] = [];
  unfinished = 0;
  closed = false;
  readonly capacity: number;
  readonly kind: KindName;

  constructor(kind: KindName, capacity: number) {
    this.kind = kind;
    this.capacity = capacity;
  }

  put(entry: Entry): 'put' | 'full' | 'closed' {
    if (this.closed) return 'closed';
    if (this.items.length >= this.capacity) return 'full';
    this.add(entry);
    this.settle();
    return 'put';
  }

  add(entry: Entry): void {
    const { kind, items } = this;
    const later = items.findIndex(({ priority }) => priority > entry.priority);
    if (kind === 'LifoQueue') items.unshift(entry);
    else if (kind === 'Queue' || later < 0) items.push(entry);
    else items.splice(later, 0, entry);
    this.unfinished++;
  }

  /** Puts what fits in one step, then the next one alone, and so on; returns what has found no room. */
  putMany(entries: Entry[]): Entry[] {
    let rest = entries;
    while (rest.length > 0) {
      const fit = this.capacity - this.items.length;
      for (const entry of rest.slice(0, fit)) this.add(entry);
      rest = rest.slice(fit);
      this.settle();
      const [next] = rest;
      if (next === undefined || this.put(next) !== 'put') break;
      rest = rest.slice(1);
    }
    return rest;
  }

  take(most: number): unknown[] {
    const taken = this.items.splice(0, most);
    this.settle();
    return taken.map(({ item }) => item);
  }

  shutdown(immediate: boolean): void {
    this.closed = true;
    if (immediate) this.unfinished -= this.items.splice(0).length;
    this.settle();
  }

  settle(): void {
    for (;;) {
      if (this.getters.length > 0 && this.items.length > 0) {
        this.getters.shift()!.outcome = { value: this.items.shift()!.item };
      } else if (this.putters.length > 0 && !this.closed && this.items.length < this.capacity) {
        const putter = this.putters.shift()!;
        putter.outcome = { value: undefined };
        this.add(putter.entry!);
      } else break;
    }
    if (!this.closed) return;
    for (const putter of this.putters.splice(0)) putter.outcome = { error: QueueShutdownError };
    if (this.items.length > 0) return;
    for (const getter of this.getters.splice(0)) getter.outcome = { error: QueueShutdownError };
  }
}

function expectThrow(error: new (...args: never[]) => Error, action: () => unknown): void {
  assert.throws(action, (thrown) => thrown instanceof error);
}

/** One run: the same steps on both, compared after each. */
class Run {
  readonly model: Model;
  readonly waiting: Waiting[] = [];
  readonly queue: Queue<unknown>;

  constructor(kind: KindName, queue: Queue<unknown>) {
    this.queue = queue;
    this.model = new Model(kind, queue.capacity);
  }

  async step(step: Step): Promise<void> {
    this.#do(step);
    const { queue, model } = this;
    assert.equal(queue.size, model.items.length);
    assert.equal(queue.isShutdown, model.closed);
    const stats = queue.stats();
    assert.equal(stats.getters, model.getters.length);
    assert.equal(stats.putters, model.putters.length);
    if (model.unfinished === 0) queue.join(0);
    else expectThrow(TimeoutError, () => queue.join(0));
    for (const wait of this.waiting.filter(({ outcome }) => outcome !== undefined)) {
      this.waiting.splice(this.waiting.indexOf(wait), 1);
      const { outcome } = wait;
      if (outcome !== undefined && 'error' in outcome) await assert.rejects(wait.real, outcome.error);
      else assert.deepStrictEqual(await wait.real, outcome?.value);
    }
  }

  #do(step: Step): void {
    const { queue, model } = this;
    switch (step.do) {
      case 'put':
      case 'tryPut': {
        const { item, priority } = step;
        const put = (): boolean | undefined => {
          if (step.do === 'tryPut') {
            return queue instanceof PriorityQueue ? queue.tryPut(item, { priority }) : queue.tryPut(item);
          }
          if (queue instanceof PriorityQueue) queue.put(item, { priority, timeout: 0 });
          else queue.put(item, 0);
          return undefined;
        };
        const expected = model.put(step);
        if (expected === 'closed') expectThrow(QueueShutdownError, put);
        else if (expected === 'full' && step.do === 'put') expectThrow(TimeoutError, put);
        else assert.equal(put(), step.do === 'put' ? undefined : expected === 'put');
        return;
      }
      case 'putMany': {
        const { items, priority } = step;
        const put = (): void => {
          if (queue instanceof PriorityQueue) queue.putMany(items, { priority, timeout: 0 });
          else queue.putMany(items, 0);
        };
        if (model.closed && items.length > 0) {
          expectThrow(QueueShutdownError, put);
          return;
        }
        const rest = model.putMany(items.map((item) => ({ item, priority })));
        if (rest.length > 0) expectThrow(TimeoutError, put);
        else put();
        return;
      }
      case 'get':
      case 'tryGet': {
        const get = (): unknown => (step.do === 'get' ? queue.get(0) : queue.tryGet('none'));
        const [item, ...more] = model.items.length > 0 ? [model.take(1)] : [];
        assert.equal(more.length, 0);
        if (item !== undefined) assert.deepStrictEqual(get(), item[0]);
        else if (model.closed) expectThrow(QueueShutdownError, get);
        else if (step.do === 'get') expectThrow(TimeoutError, get);
        else assert.equal(get(), 'none');
        return;
      }
      case 'getMany': {
        const n = step.n + 1;
        const expected = model.take(n);
        if (expected.length > 0) assert.deepStrictEqual(queue.getMany(n, 0), expected);
        else expectThrow(model.closed ? QueueShutdownError : TimeoutError, () => queue.getMany(n, 0));
        return;
      }
      case 'drain': {
        assert.deepStrictEqual(queue.drain(step.n + 1), model.take(step.n + 1));
        return;
      }
      case 'drainAll': {
        assert.deepStrictEqual(queue.drain(), model.take(Infinity));
        return;
      }
      case 'done': {
        const n = step.n + 1;
        if (n > model.unfinished) {
          expectThrow(RangeError, () => queue.taskDone(n));
          return;
        }
        queue.taskDone(n);
        model.unfinished -= n;
        return;
      }
      case 'shutdown':
        queue.shutdown({ immediate: step.immediate });
        {
          model.shutdown(step.immediate);
          return;
        }
      case 'putAsync': {
        const abort = new AbortController();
        const { item, priority } = step;
        const { signal } = abort;
        const real =
          queue instanceof PriorityQueue
            ? queue.putAsync(item, { priority, signal })
            : queue.putAsync(item, { signal });
        const wait: Waiting = { real, abort, entry: step };
        const expected = model.put(step);
        if (expected === 'full') model.putters.push(wait);
        else wait.outcome = expected === 'put' ? { value: undefined } : { error: QueueShutdownError };
        this.waiting.push(wait);
        return;
      }
      case 'getAsync': {
        const abort = new AbortController();
        const wait: Waiting = { real: queue.getAsync({ signal: abort.signal }), abort };
        if (model.items.length > 0) wait.outcome = { value: model.take(1)[0] };
        else if (model.closed) wait.outcome = { error: QueueShutdownError };
        else model.getters.push(wait);
        this.waiting.push(wait);
        return;
      }
      case 'abort': {
        const wait = this.waiting[step.n];
        if (wait !== undefined) this.abort(wait);
      }
    }
  }

  abort(wait: Waiting): void {
    const { model } = this;
    const reason = new Error('aborted');
    wait.abort.abort(reason);
    void assert.rejects(wait.real, reason);
    this.waiting.splice(this.waiting.indexOf(wait), 1);
    for (const list of [model.getters, model.putters]) {
      if (list.includes(wait)) list.splice(list.indexOf(wait), 1);
    }
  }

  async end(): Promise<void> {
    for (const wait of [...this.waiting]) {
      this.abort(wait);
      await assert.rejects(wait.real);
    }
  }
}

for (const kind of kindNames) {
  test(`${kind} does what a plain array would, in any order of operations`, async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom(1, 2, 3, 7, Infinity), async (all, capacity) => {
        await withQueue({ capacity, kind }, async (queue) => {
          const run = new Run(kind, queue);
          for (const step of all) await run.step(step);
          await run.end();
        });
      }),
      { numRuns: 300 },
    );
  });
}

// --- at its edges -----------------------------------------------------------------------------------------

for (const kind of kindNames) {
  test(`${kind}: counts on when the numbers of its items run over`, async () => {
    await withQueue({ kind, capacity: 5 }, async (queue) => {
      const address = addressOf(queue);
      const start = 0x7fff_fffe; // modulo 2 ** 32, the next but one is negative
      if (kind === 'Queue') i32[pointer(address + Q.WRITE) + 1] = start;
      for (const word of kind === 'Queue' ? [Q.LIMIT, Q.DONE] : [Q.NEXT, Q.TAKEN, Q.DONE])
        i32[address + word] = start;
      const late: Promise<void>[] = [];
      for (let n = 0; n < 12; n++) {
        queue.putMany([n, 'a', n], 0);
        late.push(queue.putAsync(n + 0.5), queue.putAsync(null), queue.putAsync({ n }));
        assert.equal(queue.tryPut(0), false);
        assert.equal(queue.size, 5);
        assert.deepEqual(queue.drain(), outOrder(kind, [n, 'a', n, n + 0.5, null]));
        assert.deepEqual(queue.drain(), [{ n }]);
        queue.taskDone(6);
        queue.join(0);
        assert.throws(() => queue.taskDone(), RangeError);
      }
      await Promise.all(late);
      assert.equal(queue.stats().highWater, 5);
    });
  });
}

for (const kind of kindNames) {
  test(`${kind}: an item that cannot cross is named, and nothing has happened`, async () => {
    await withQueue({ kind }, async (queue) => {
      queue.put(1);
      const bad = { user: { save: () => undefined } };
      const path = (wanted: string) => (error: unknown) => (error as { path?: string }).path === wanted;
      assert.throws(() => queue.put(bad), path('item.user.save'));
      assert.throws(() => queue.tryPut(Symbol()), path('item'));
      await assert.rejects(queue.putAsync(bad), path('item.user.save'));
      assert.throws(() => queue.putMany([1, 'b', new Uint8Array(3000), bad]), path('items[3].user.save'));
      assert.throws(() => {
        queue.putMany(
          (function* () {
            yield new Uint8Array(3000);
            throw new EvalError();
          })(),
        );
      }, EvalError);
      assert.deepEqual(queue.drain(), [1]);
    });
  });
}

for (const kind of kindNames) {
  test(`${kind}: an item may use the queue while it is read`, async () => {
    await withQueue({ kind }, (queue) => {
      const item = {
        get inner(): string {
          queue.put('from inside');
          queue.putMany([1, { two: 2 }]);
          return 'inner';
        },
      };
      queue.put(item);
      queue.putMany([item, 'last']);
      const inside = ['from inside', 1, { two: 2 }];
      const all = [...inside, { inner: 'inner' }, ...inside, { inner: 'inner' }, 'last'];
      assert.deepEqual(queue.drain(), outOrder(kind, all));
    });
  });
}

for (const kind of kindNames) {
  test(`${kind}: holds the handles in its items, and lets them go`, async () => {
    const tokens = [new Token(), new Token(), new Token()];
    const references = (): number[] => tokens.map((token) => i32[addressOf(token) + Obj.REFS]!);
    await withQueue({ kind, capacity: 4 }, async (queue) => {
      queue.putMany(outOrder<unknown>(kind, [tokens[0], { tokens }, [tokens[1]]]));
      assert.deepEqual(references(), [3, 3, 2]);
      assert.equal(queue.get(), tokens[0]);
      assert.deepEqual(queue.getMany(1), [{ tokens }]);
      assert.deepEqual(references(), [1, 2, 1]);
      queue.put(tokens);
      queue.put(tokens);
      queue.put(tokens);
      const refused = queue.putAsync(tokens[2]);
      assert.equal(queue.tryPut(tokens[1]), false);
      assert.deepEqual(references(), [4, 5, 5]);
      queue.shutdown({ immediate: true });
      await assert.rejects(refused, QueueShutdownError);
      assert.deepEqual(references(), [1, 1, 1]);
    });
    const left = new kinds[kind]<unknown>();
    left.putMany([tokens, left.name, new Uint8Array(100_000)]);
    const before = bytesUsed();
    disposeHandle(left);
    assert.deepEqual(references(), [1, 1, 1]);
    assert.ok(bytesUsed() < before - 100_000);
    tokens.forEach(disposeHandle);
  });
}

test('keeps one spare chunk, and gives back the rest', async () => {
  await withQueue({}, (queue) => {
    queue.put(0);
    queue.get();
    const before = bytesUsed();
    const many = Array.from({ length: 100_000 }, (_, n) => n);
    for (let round = 0; round < 3; round++) {
      queue.putMany(many);
      assert.ok(bytesUsed() - before >= 1_600_000);
      assert.deepEqual(queue.drain(), many);
      for (const n of many) queue.put(n);
      for (const n of many) assert.equal(queue.get(), n);
      assert.ok(bytesUsed() - before <= 8192);
    }
    // In steady use not a byte is asked for.
    for (const n of many) {
      const used = bytesUsed();
      queue.put(n);
      queue.get();
      assert.ok(bytesUsed() <= used || n < 1000);
    }
  });
});

/** Runs `body` while the heap cannot grow and has no free block; frees all that was taken for it. */
async function withoutMemory(body: () => Promise<void> | void): Promise<void> {
  const growable = memory as SharedArrayBuffer & { grow: (length: number) => void };
  growable.grow = () => {
    throw new RangeError('no more, for this test');
  };
  const blocks: number[] = [];
  try {
    for (const words of [4096 * 4, 4096, 1024, 512, 256, 128, 96, 64, 48, 32, 24, 16, 8]) {
      for (let more = true; more;) {
        try {
          blocks.push(allocate(words));
        } catch (error) {
          assert.ok(error instanceof OutOfMemoryError);
          more = false;
        }
      }
    }
    await body();
  } finally {
    blocks.forEach(free);
    Reflect.deleteProperty(growable, 'grow'); // the language's own is beneath
  }
}

for (const kind of kindNames) {
  test(`${kind}: without memory nothing is put, and nothing is lost`, async () => {
    await withQueue({ kind, capacity: 4000 }, async (queue) => {
      await withoutMemory(async () => {
        const put: number[] = [];
        assert.throws(() => {
          for (let n = 0; ; n++) {
            queue.put(n);
            put.push(n);
          }
        }, OutOfMemoryError);
        assert.equal(queue.size, put.length);
        assert.throws(() => queue.put(new Uint8Array(5000)), OutOfMemoryError);
        assert.throws(() => queue.tryPut(new Uint8Array(5000)), OutOfMemoryError);
        assert.throws(() => queue.putMany([1, new Uint8Array(5000)]), OutOfMemoryError);
        await assert.rejects(queue.putAsync(new Uint8Array(5000)), OutOfMemoryError);
        assert.deepEqual(queue.drain(), outOrder(kind, put));
        // To wait may take memory too: then nobody waits, and else as long as it may.
        assert.throws(() => queue.get(1), kind === 'Queue' ? OutOfMemoryError : TimeoutError);
        await assert.rejects(queue.getAsync({ timeout: 1 }));
        assert.deepEqual([queue.size, queue.stats().waiting], [0, 0]);
      });
    });
  });
}

// --- deaths -----------------------------------------------------------------------------------------------

/** Starts a worker that waits at the queue, and once it waits, does `meanwhile` and kills it. */
async function dieWaiting(
  queue: Queue<unknown>,
  action: Order['action'],
  item?: unknown,
  meanwhile: () => void = () => {},
): Promise<void> {
  const hanging = new Int32Array(new SharedArrayBuffer(4));
  const workerData: Order = { memory, slot: 1, hanging, queue: addressOf(queue), action, item };
  const worker = new Worker(new URL('./fixtures/queue-worker.js', import.meta.url), { workerData });
  worker.once('error', (error) => {
    throw error;
  });
  while (queue.stats().waiting === 0) await nextTurn();
  // Until it hangs, it might still see that it has been granted something, and take it.
  while (action.endsWith('later') && Atomics.load(hanging, 0) === 0) await nextTurn();
  meanwhile();
  await worker.terminate();
  bury(1);
}

/** What the supervisor does when a worker has died. */
function bury(slot: number): void {
  const dead = recordOf(slot);
  const tid = i32[dead + Rec.TID]!;
  Atomics.store(i32, dead + Rec.TID, 0);
  cleanUpAfter(dead, tid);
}

for (const kind of kindNames) {
  test(`${kind}: a thread that dies while it waits leaves nothing behind`, async () => {
    await withQueue({ kind, capacity: 1 }, async (queue) => {
      await dieWaiting(queue, 'get');
      await dieWaiting(queue, 'get later');
      queue.put('first');
      await dieWaiting(queue, 'put', 'lost');
      await dieWaiting(queue, 'put', new Uint8Array(5000));
      await dieWaiting(queue, 'put later', ['lost']);
      await dieWaiting(queue, 'join');
      assert.deepEqual(queue.drain(), ['first']);
      assert.equal(queue.stats().waiting, 0);
    });
  });
}

for (const kind of kindNames) {
  test(`${kind}: an item that was on its way to a thread that died goes to the next`, async () => {
    await withQueue({ kind, capacity: 2 }, async (queue) => {
      for (const item of [1, 'text', { a: [1] }, new Uint8Array(5000)]) {
        await dieWaiting(queue, 'get later', undefined, () => {
          queue.putMany(outOrder(kind, [item, 'second', 'third']));
          assert.equal(queue.size, 2);
        });
        assert.equal(queue.size, 3);
        assert.equal(queue.tryPut('fourth'), false);
        assert.deepEqual(queue.get(), item);
        assert.deepEqual(queue.getMany(5), ['second', 'third']);
      }
      let next: Promise<unknown> | undefined;
      await dieWaiting(queue, 'get later', undefined, () => {
        next = queue.getAsync();
        queue.put('one');
      });
      assert.equal(await next, 'one');
      queue.taskDone(13);
      queue.join(0);
    });
  });
}

for (const kind of kindNames) {
  test(`${kind}: all items on their way to a thread that died are put back, in their order`, async () => {
    await withQueue({ kind }, async (queue) => {
      const token = new Token();
      const items = ['one', new Uint8Array(5000), [token]];
      for (const more of [[], ['four', 5]]) {
        await dieWaiting(queue, 'get many later', undefined, () => {
          queue.putMany(outOrder(kind, [...items, ...more]));
          // Those with a tree give all there is, or one.
          assert.equal(queue.size, more.length === 0 ? 0 : kind === 'Queue' ? 2 : 4);
        });
        assert.deepEqual(queue.drain(), [...items, ...more]);
        queue.taskDone(3 + more.length);
        queue.join(0);
      }
      await dieWaiting(queue, 'get many later', undefined, () => {
        queue.putMany(outOrder(kind, items));
        queue.shutdown({ immediate: true });
      });
      queue.join(0);
      assert.equal(queue.stats().gets, 8);
      assert.equal(i32[addressOf(token) + Obj.REFS], 1);
      disposeHandle(token);
    });
  });
}

test('an item on its way to a thread that died is put back also in front of a full chunk', async () => {
  await withQueue({}, async (queue) => {
    await dieWaiting(queue, 'get later', undefined, () => {
      queue.putMany(Array.from({ length: 1000 }, (_, n) => n));
      // The first is with the thread. Take others, to where a new chunk begins.
      for (let n = 1; n < 255; n++) assert.equal(queue.get(), n);
    });
    assert.equal(queue.size, 746);
    assert.equal(queue.get(), 0);
    for (let n = 255; n < 1000; n++) assert.equal(queue.get(), n);
  });
});

for (const kind of kindNames) {
  test(`${kind}: an item on its way to a thread that died is dropped by an immediate shutdown`, async () => {
    await withQueue({ kind }, async (queue) => {
      const token = new Token();
      await dieWaiting(queue, 'get later', undefined, () => {
        queue.putMany([[token], token]);
        queue.shutdown({ immediate: true });
      });
      assert.deepEqual(queue.drain(), []);
      queue.join(0);
      assert.equal(i32[addressOf(token) + Obj.REFS], 1);
      disposeHandle(token);
    });
  });
}

for (const kind of kindNames) {
  test(`${kind}: what a thread had put for it before it died is there`, async () => {
    await withQueue({ kind, capacity: 1 }, async (queue) => {
      queue.put('first');
      await dieWaiting(queue, 'put later', ['second'], () => assert.equal(queue.get(), 'first'));
      assert.deepEqual(queue.drain(), [['second']]);
      queue.put('third');
      await dieWaiting(queue, 'put later', ['refused'], () => queue.shutdown());
      assert.deepEqual(queue.drain(), ['third']);
    });
  });
}

for (const kind of kindNames) {
  test(`${kind}: a thread that dies in the middle of anything leaves it whole`, async () => {
    const queue = new kinds[kind]<unknown>({ name: 'tested' });
    for (let round = 0; round < 10; round++) {
      const hanging = new Int32Array(new SharedArrayBuffer(4));
      const workerData: Order = { memory, slot: 1, hanging, queue: addressOf(queue), action: 'put and get' };
      const worker = new Worker(new URL('./fixtures/queue-worker.js', import.meta.url), { workerData });
      for (const goal = queue.stats().puts + 2000; queue.stats().puts < goal;) {
        if (queue.stats().getters > 0) queue.put('so that it goes on');
        for (let n = 0; n < 20; n++) queue.tryGet();
        await nextTurn();
      }
      await worker.terminate();
      bury(1);
      const { size, puts, gets } = queue.stats();
      assert.equal(puts - gets, size);
      assert.equal(queue.drain().length, size);
      queue.putMany([1, 2, 3]);
      assert.deepEqual(queue.drain(), outOrder(kind, [1, 2, 3]));
    }
    disposeHandle(queue);
  });
}
