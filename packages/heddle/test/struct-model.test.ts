/** Structs on a heap without threads: against plain objects, at their edges, and what they give back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { CloneError, DisposedError, OutOfMemoryError } from '../src/base/errors.js';
import { bytesUsed } from '../src/memory/allocator.js';
import { memory } from '../src/memory/heap.js';
import { disposeHandle } from '../src/memory/handles.js';
import { partOf } from '../src/memory/part.js';
import { takePayload, writePayload } from '../src/memory/payload.js';
import { Queue } from '../src/queue/queue.js';
import { array, struct, text } from '../src/shared/struct.js';
import { StructMemory } from '../src/shared/struct-memory.js';
import type { FieldType, Schema, StructType } from '../src/shared/struct-types.js';
import { Barrier } from '../src/sync/barrier.js';
import { Lock } from '../src/sync/lock.js';
import { Semaphore } from '../src/sync/semaphore.js';
import { startHeap, Token } from './fixtures/codec-heap.js';

startHeap();
// The table of handles grows as it is needed, and stays.
Array.from({ length: 2000 }, () => new Token()).forEach(disposeHandle);

/** Runs `body`; what it made is disposed of, and the heap is then as before. */
function leavesNothing(body: () => void): void {
  const before = bytesUsed();
  body();
  assert.equal(bytesUsed(), before, 'the heap is not as before');
}

// --- against a model --------------------------------------------------------------------------------------

/** A type, values that fit it, what reading each gives, and what it is at the beginning. */
interface Sample {
  readonly type: FieldType;
  readonly values: fc.Arbitrary<unknown>;
  readonly zero: unknown;
  /** Whether reading it gives typed arrays, for which the memory stays until they are garbage. */
  readonly lends?: boolean;
}

const whole = (type: FieldType, min: number, max: number): Sample => ({
  type,
  values: fc.integer({ min, max }),
  zero: 0,
});
const scalars: readonly Sample[] = [
  whole('i8', -128, 127),
  whole('u8', 0, 255),
  whole('i16', -32_768, 32_767),
  whole('u16', 0, 65_535),
  whole('i32', -(2 ** 31), 2 ** 31 - 1),
  whole('u32', 0, 2 ** 32 - 1),
  { type: 'i64', values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), zero: 0n },
  { type: 'u64', values: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), zero: 0n },
  { type: 'f32', values: fc.float(), zero: 0 },
  { type: 'f64', values: fc.double(), zero: 0 },
];
const flag: Sample = { type: 'bool', values: fc.boolean(), zero: false };

function textOf(length: number): Sample {
  const values = fc.oneof(
    fc.string({ maxLength: length }),
    fc.string({ unit: 'binary', maxLength: length }).map((value) => value.slice(0, length)),
    fc.constantFrom('', '\ud800'.slice(0, length), 'ÿ'.repeat(length), 'Ā'.repeat(length)),
  );
  return { type: text(length), values, zero: '' };
}

function arrayOf({ type, values, zero, lends = false }: Sample, length: number): Sample {
  return {
    lends: lends || (typeof type === 'string' && type !== 'bool'),
    type: array(type, length),
    values: fc
      .array(values, { maxLength: length })
      .map((some) => [...some, ...Array.from({ length: length - some.length }, () => zero)]),
    zero: Array.from({ length }, () => zero),
  };
}

function structOf(fields: Record<string, Sample>): Sample {
  const schema = Object.fromEntries(Object.entries(fields).map(([name, { type }]) => [name, type]));
  return {
    lends: Object.values(fields).some(({ lends }) => lends === true),
    type: struct(schema),
    values: fc.record(Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, one.values])), {
      noNullPrototype: true,
    }),
    zero: Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, one.zero])),
  };
}

const samples: fc.Arbitrary<Sample> = fc.letrec<{ sample: Sample; fields: Record<string, Sample> }>(
  (tie) => ({
    fields: fc.dictionary(fc.stringMatching(/^[a-zA-Z_$][a-zA-Z_$0-9]{0,6}$/), tie('sample'), {
      minKeys: 1,
      maxKeys: 6,
      noNullPrototype: true,
    }),
    sample: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'sample' },
      fc.constantFrom(...scalars, flag),
      fc.integer({ min: 1, max: 20 }).map(textOf),
      fc.tuple(tie('sample'), fc.integer({ min: 1, max: 5 })).map(([one, length]) => arrayOf(one, length)),
      tie('fields').map(structOf),
    ),
  }),
).sample;

/** What is read, in the form of the model. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Symbol.iterator in value) return Array.from(value as Iterable<unknown>, plain);
  const { toJSON } = value as { toJSON?: () => unknown };
  return typeof toJSON === 'function' ? plain(toJSON.call(value)) : value;
}

test('a struct of any schema holds what any object of that form would', () => {
  const cases = fc
    .dictionary(fc.stringMatching(/^f\d$/), samples, { minKeys: 1, maxKeys: 8, noNullPrototype: true })
    .chain((fields) => {
      const names = Object.keys(fields);
      const step = fc
        .constantFrom(...names)
        .chain((name) => fc.tuple(fc.constant(name), fields[name]!.values, fc.boolean()));
      const initial = fc.record(Object.fromEntries(names.map((name) => [name, fields[name]!.values])), {
        requiredKeys: [],
      });
      return fc.record({ fields: fc.constant(fields), initial, steps: fc.array(step, { maxLength: 20 }) });
    });
  let steps = 0;
  fc.assert(
    fc.property(cases, (one) => {
      const { fields, initial } = one;
      const schema = Object.fromEntries(Object.entries(fields).map(([name, { type }]) => [name, type]));
      const Type = struct(schema) as unknown as StructType<Record<string, 'f64'>>;
      new Type()[Symbol.dispose](); // the type's description stays
      const lends = Object.values(fields).some((sample) => sample.lends === true);
      (lends ? (body: () => void) => body() : leavesNothing)(() => {
        const zero = Object.fromEntries(Object.entries(fields).map(([name, sample]) => [name, sample.zero]));
        const model: Record<string, unknown> = { ...zero, ...initial };
        const structs = Type.array(3);
        const alone = new Type(initial as Record<string, number>);
        structs.set(1, initial as Record<string, number>);
        for (const [name, value, through] of one.steps) {
          (alone as unknown as Record<string, unknown>)[name] = value;
          const element: Record<string, unknown> = structs.get(1);
          if (through) element[name] = value;
          else structs.set(1, alone);
          model[name] = value;
          if (through) structs.set(1, { ...model } as Record<string, number>);
          assert.deepEqual(plain(alone[name]), value);
          steps++;
        }
        assert.deepEqual(plain(Type.toObject(alone)), model);
        if (one.steps.length > 0) assert.deepEqual(plain(structs.get(1)), model);
        // Its neighbours are as they were.
        for (const index of [0, 2]) assert.deepEqual(plain(structs.get(index)), zero);
        structs.fill(alone);
        for (const each of structs) assert.deepEqual(plain(each), model);
        structs[Symbol.dispose]();
        alone[Symbol.dispose]();
      });
    }),
    { numRuns: 300 },
  );
  assert.ok(steps > 300, `only ${steps} fields were set`);
});

test('fields lie where a C compiler would put them', () => {
  assert.equal(struct({ a: 'u8' }).byteLength, 4);
  assert.equal(struct({ a: 'u8', b: 'f64' }).byteLength, 16);
  assert.equal(struct({ a: 'f64', b: 'u8', c: 'u16', d: 'bool' }).byteLength, 16);
  assert.equal(struct({ a: text(3) }).byteLength, 12);
  assert.equal(struct({ a: 'u8', b: array('i32', 3), c: Lock }).byteLength, 20);
  const Inner = struct({ x: 'f64' });
  assert.equal(struct({ a: 'u8', b: Inner, c: array(Inner, 2) }).byteLength, 32);
});

// --- edges -------------------------------------------------------------------------------------------------

test('a value that does not fit is refused, and nothing changes', () => {
  const Inner = struct({ x: 'i8', name: text(2) }, { name: 'Inner' });
  const All = struct(
    {
      ...{ i8: 'i8', u8: 'u8', i16: 'i16', u16: 'u16', i32: 'i32', u32: 'u32', i64: 'i64', u64: 'u64' },
      ...{ f32: 'f32', f64: 'f64', bool: 'bool', text: text(3), inner: Inner, list: array('u8', 2) },
      ...{ inners: array(Inner, 2), lock: Lock, barrier: Barrier },
    },
    { name: 'All' },
  );
  const all = new All();
  const before = JSON.stringify(All.toObject(all), (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  const bad: readonly (readonly [string, unknown, ErrorConstructor])[] = [
    ...['i8', 'u8', 'i16', 'u16', 'i32', 'u32'].flatMap((field) => [
      ...[1.5, NaN, Infinity, 2 ** 32, -(2 ** 31) - 1].map((value) => [field, value, RangeError] as const),
      ...['5', null, undefined, 5n, {}].map((value) => [field, value, TypeError] as const),
    ]),
    ...(['u8', 'u16', 'u32'] as const).map((field) => [field, -1, RangeError] as const),
    ...(
      [
        ['i8', 128],
        ['i8', -129],
        ['u8', 256],
        ['i16', 32_768],
        ['u16', 65_536],
      ] as const
    ).map(([field, value]) => [field, value, RangeError] as const),
    ['i32', 2 ** 31, RangeError],
    ...(
      [
        ['i64', 2n ** 63n],
        ['u64', -1n],
        ['u64', 2n ** 64n],
      ] as const
    ).map(([field, value]) => [field, value, RangeError] as const),
    ...['i64', 'u64'].map((field) => [field, 5, TypeError] as const),
    ...['f32', 'f64'].map((field) => [field, '5', TypeError] as const),
    ...[1, 0, 'true', null].map((value) => ['bool', value, TypeError] as const),
    ...[5, null, ['a']].map((value) => ['text', value, TypeError] as const),
    ['text', 'four', RangeError],
    ...[5, null, 'text', { y: 1 }, { x: '1' }].map((value) => ['inner', value, TypeError] as const),
    ['inner', { x: 1, name: 'long' }, RangeError],
    ...[5, null, 'ab', ['1']].map((value) => ['list', value, TypeError] as const),
    ['list', [1, 2, 3], RangeError],
    ['list', [1, 256], RangeError],
    ['inners', [{ x: 1 }, { x: 2, name: 'abc' }], RangeError],
    ['inners', [{ x: 1 }, { z: 2 }], TypeError],
    ...[5, {}, new Semaphore()].map((value) => ['lock', value, TypeError] as const),
    ['barrier', new Lock(), TypeError],
    ['missing', 1, TypeError],
  ];
  for (const [field, value, error] of bad) {
    const what = `${field} = ${String(value)}`;
    const named = (thrown: unknown): boolean => {
      assert.ok(thrown instanceof error, `${what}: ${String(thrown)}`);
      assert.match(thrown.message, new RegExp(field === 'inner' ? 'Inner|inner' : field), what);
      return true;
    };
    assert.throws(() => ((all as unknown as Record<string, unknown>)[field] = value), named, what);
    if (value !== undefined) assert.throws(() => new All({ i32: 7, [field]: value }), named, `new: ${what}`);
  }
  const after = JSON.stringify(All.toObject(all), (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  assert.equal(after, before);
});

test('messages name the field and say what it takes', () => {
  const Account = struct({ balance: 'f64', owner: text(5), lock: Lock }, { name: 'Account' });
  const account = new Account();
  const messages: readonly [() => unknown, string][] = [
    [
      () => (account.balance = '5' as unknown as number),
      'Account.balance is of type f64 and takes a number, not "5"',
    ],
    [() => (account.owner = 'Adelaide'), 'Account.owner has room for 5 characters, and "Adelaide" has 8'],
    [
      () => (account.lock = new Semaphore() as unknown as Lock),
      'Account.lock refers to a Lock and takes one, or null, not a Semaphore',
    ],
    [
      () => new Account({ blance: 1 } as object),
      'Account has no field blance; the fields of Account are balance, owner, lock',
    ],
    [() => Object.assign(account, { blance: 1 }), 'Account has no field blance that could be set to 1'],
    [
      () => new Account(5 as unknown as object),
      'Account takes an Account or an object with values for its fields, not 5',
    ],
    [
      () => struct({ x: 'f65' as 'f64' }, { name: 'Point' }),
      'the type of Point.x must be one of i8, u8, i16, u16, i32, u32, i64, u64, f32, f64, bool, text(n), array(type, n), a struct, or a class of heddle\'s such as Lock, not "f65"',
    ],
    [
      () => struct({ x: Number as unknown as 'f64' }, { name: 'Point' }),
      "the type of Point.x is written 'f64', not the function Number",
    ],
    [
      () => new (class extends Account {})(),
      'Account cannot be extended: other threads get an Account and not an object of your class. Write functions that take an Account instead of methods',
    ],
  ];
  for (const [attempt, message] of messages) assert.throws(attempt, { message });
});

test('bad schemas are refused', () => {
  const bad: readonly (readonly [unknown, ErrorConstructor])[] = [
    ...[null, undefined, 'f64', [], ['f64'], 5].map((schema) => [schema, TypeError] as const),
    [{}, TypeError],
    ...[5, null, undefined, 'x', {}, Map, () => 1].map((type) => [{ x: type }, TypeError] as const),
    ...['constructor', 'toJSON', 'then'].map((name) => [{ [name]: 'f64' }, TypeError] as const),
  ];
  for (const [schema, error] of bad) assert.throws(() => struct(schema as Schema), error);
  for (const length of [0, -1, 1.5, NaN, 2 ** 31]) {
    assert.throws(() => text(length), RangeError);
    assert.throws(() => array('f64', length), RangeError);
  }
  assert.throws(() => struct({ x: array('x' as 'f64', 1) }), TypeError);
  assert.throws(() => struct({ x: array('f64', 2 ** 28) }), RangeError);
  assert.throws(() => struct({ x: 'f64' }, { name: 5 as unknown as string }), TypeError);
  const Point = struct({ x: 'f64' });
  for (const length of [-1, 1.5, NaN]) assert.throws(() => Point.array(length), RangeError);
  assert.throws(() => Point.array(2 ** 40), OutOfMemoryError);
  assert.equal(Point.array(0).length, 0);
  assert.throws(() => Point.array(0).get(0), RangeError);
  for (const index of [-1, 3, 0.5, NaN, '1']) assert.throws(() => Point.array(3).get(index as number), Error);
});

test('names of fields may be anything else', () => {
  const names = ['name', 'address', 'length', 'toString', 'a b', '0', 'ü', 'hasOwnProperty', 'value', 'get'];
  const Odd = struct(Object.fromEntries(names.map((name) => [name, 'i32'])) as Record<string, 'i32'>);
  const odd = new Odd();
  names.forEach((name, k) => (odd[name] = k));
  names.forEach((name, k) => assert.equal(odd[name], k));
});

test('structs with the same fields and name are of one type', () => {
  assert.equal(struct({ a: 'i32', b: 'f64' }), struct({ a: 'i32', b: 'f64' }));
  assert.notEqual(struct({ a: 'i32', b: 'f64' }), struct({ b: 'f64', a: 'i32' }));
  assert.notEqual(struct({ a: 'i32' }, { name: 'A' }), struct({ a: 'i32' }, { name: 'B' }));
  assert.equal(struct({ a: 'i32' }, { name: 'A' }).name, 'A');
  assert.ok(Object.isFrozen(struct({ a: 'i32' }).schema));
});

// --- crossing ----------------------------------------------------------------------------------------------

function cross<T>(value: T): T {
  return takePayload(writePayload(value, 'value')) as T;
}

test('a struct and each of its parts crosses as the same memory', () => {
  const Inner = struct({ x: 'f64', tags: array('i16', 3) });
  const Outer = struct({
    ...{ inner: Inner, list: array(Inner, 4), names: array(text(5), 2), bits: array('bool', 3) },
    ...{ numbers: array('f32', 5), grid: array(array(Inner, 2), 2) },
  });
  Outer.array(1)[Symbol.dispose]();
  const before = bytesUsed();
  const outer = new Outer();
  const outers = Outer.array(3);
  assert.equal(cross(outer), outer);
  assert.equal(cross(outers), outers);
  assert.equal(cross({ deep: [outer] }).deep[0], outer);
  for (const one of [outer, outers.get(2)]) {
    cross(one.inner).x = 1.5;
    assert.equal(one.inner.x, 1.5);
    cross(one.list.get(3)).x = 2.5;
    assert.equal(one.list.get(3).x, 2.5);
    cross(one.list).get(2).x = 3.5;
    assert.equal(one.list.get(2).x, 3.5);
    cross(one.names).set(1, 'name');
    assert.deepEqual([...one.names], ['', 'name']);
    cross(one.bits).set(2, true);
    assert.deepEqual([...one.bits], [false, false, true]);
    cross(one.numbers)[4] = 4.5;
    cross(one.numbers.subarray(1, 3))[1] = 5.5;
    assert.deepEqual([...one.numbers], [0, 0, 5.5, 0, 4.5]);
    cross(one.list.get(1).tags)[2] = -6;
    assert.equal(one.list.get(1).tags[2], -6);
    cross(one.grid).get(1).get(0).x = 7;
    cross(one.grid.get(1)).get(1).x = 8;
    assert.deepEqual(
      [...one.grid.get(1)].map(({ x }) => x),
      [7, 8],
    );
    assert.deepEqual(cross(one.grid.get(1).get(1)), one.grid.get(1).get(1));
  }
  assert.equal(outers.get(1).inner.x, 0);
  const both = cross([outer.inner, outer.inner, outers]);
  assert.equal(both[2], outers);
  outer[Symbol.dispose]();
  outers[Symbol.dispose]();
  assert.ok(bytesUsed() > before, 'typed arrays that were handed out keep the memory');
});

test('typed arrays over a struct behave as typed arrays do', () => {
  const Sensor = struct({ samples: array('f32', 4), counts: array('u64', 2), bytes: array('u8', 3) });
  const sensor = new Sensor({ samples: [1, 2, 3], counts: [5n], bytes: new Uint8Array([7, 8]) });
  assert.ok(sensor.samples instanceof Float32Array);
  assert.ok(sensor.counts instanceof BigUint64Array);
  assert.deepEqual([...sensor.bytes], [7, 8, 0]);
  assert.deepEqual(sensor.samples.slice(1), new Float32Array([2, 3, 0]));
  assert.notEqual(sensor.samples.slice().buffer, memory);
  assert.deepEqual(
    sensor.samples.map((x) => x * 2),
    new Float32Array([2, 4, 6, 0]),
  );
  sensor.samples.subarray(2).fill(9);
  assert.deepEqual([...sensor.samples], [1, 2, 9, 9]);
  sensor.samples = sensor.samples.subarray(1);
  assert.deepEqual([...sensor.samples], [2, 9, 9, 0]);
  Atomics.add(sensor.counts, 1, 3n);
  assert.deepEqual([...sensor.counts], [5n, 3n]);
  // A view of the heap that no struct stands behind does not cross.
  assert.throws(() => writePayload(new Uint8Array(sensor.bytes.buffer, 0, 1), 'value'), CloneError);
});

// --- what fields refer to ----------------------------------------------------------------------------------

test('a field has a shared object from its first use on', () => {
  const Job = struct(
    { lock: Lock, queue: Queue<number>, slots: Semaphore, barrier: Barrier },
    { name: 'Job' },
  );
  new Job()[Symbol.dispose]();
  leavesNothing(() => {
    const job = new Job();
    assert.deepEqual(Job.toObject(job), { lock: null, queue: null, slots: null, barrier: null });
    assert.equal(job.lock, job.lock);
    assert.equal(job.lock.name, 'Job.lock');
    job.lock.acquire().release();
    job.queue.put(5);
    assert.equal(job.queue.get(), 5);
    assert.equal(job.slots.value, 1);
    assert.equal(job.barrier, null);
    const barrier = new Barrier(2);
    job.barrier = barrier;
    assert.equal(job.barrier, barrier);
    job.barrier = null;
    assert.equal(job.barrier, null);
    const [first, other] = [job.lock, new Lock({ name: 'other' })];
    job.lock = other;
    assert.equal(job.lock, other);
    const copy = new Job(job);
    assert.notEqual(copy.lock, other, 'a copy has a lock of its own');
    for (const handle of [first, other, barrier, job.queue, job.slots, copy.lock]) disposeHandle(handle);
    assert.equal(job.lock.name, 'other', 'the struct keeps it');
    job.lock[Symbol.dispose]();
    copy[Symbol.dispose]();
    job[Symbol.dispose]();
  });
});

test('a struct in a queue keeps what its fields refer to', () => {
  const Job = struct({ lock: Lock, list: array(struct({ lock: Lock }), 2) });
  new Job()[Symbol.dispose]();
  leavesNothing(() => {
    const queue = new Queue<unknown>();
    const jobs = Job.array(2);
    jobs.get(1).list.get(1).lock = new Lock({ name: 'deep' });
    jobs.get(1).list.get(1).lock[Symbol.dispose]();
    queue.put(jobs.get(1));
    jobs[Symbol.dispose]();
    const job = queue.get() as InstanceType<typeof Job>;
    assert.equal(job.list.get(1).lock.name, 'deep');
    assert.notEqual(job.list.get(0).lock, job.list.get(1).lock);
    for (const { lock } of job.list) lock[Symbol.dispose]();
    disposeHandle(queue);
    const array = partOf(job)?.whole;
    assert.ok(array instanceof StructMemory);
    array.dispose(); // it came back with the struct
    assert.throws(() => job.list, DisposedError);
  });
});

test('what stands in a lock field stays when a struct is set as a whole', () => {
  const Job = struct({ state: 'i32', lock: Lock, barrier: Barrier }, { name: 'Job' });
  const jobs = Job.array(3);
  const lock = jobs.get(1).lock;
  assert.equal(lock.name, 'Job[1].lock');
  const barrier = new Barrier(2);
  jobs.get(1).barrier = barrier;
  jobs.set(1, { state: 5 });
  assert.equal(jobs.get(1).lock, lock);
  assert.equal(jobs.get(1).barrier, null, 'what it cannot make anew is zero');
  jobs.get(1).barrier = barrier;
  jobs.set(2, jobs.get(1));
  assert.notEqual(jobs.get(2).lock, lock);
  assert.equal(jobs.get(2).barrier, barrier);
  jobs.fill(jobs.get(1));
  assert.equal(jobs.get(1).lock, lock);
  assert.equal(new Set(Array.from(jobs, (job) => job.lock)).size, 3);
  const other = new Lock();
  jobs.set(0, { lock: other });
  assert.equal(jobs.get(0).lock, other);
});

// --- what users give is read once, and checked as it is read -----------------------------------------------

test('a struct of another type, and what is no plain object, is refused', () => {
  const Short = struct({ name: text(2) }, { name: 'Short' });
  const Long = struct({ name: text(400) }, { name: 'Long' });
  class WithGetter {
    get name(): string {
      return 'x'.repeat(400);
    }
  }
  const others = [new Long({ name: 'x'.repeat(400) }), new Map(), [5], new WithGetter(), new Date()];
  for (const value of others) {
    assert.throws(
      () => new Short(value as object),
      /^TypeError: Short takes a Short or an object with values/,
    );
    assert.throws(
      () => Short.array(1).set(0, value as object),
      /^TypeError: \[0\] takes a Short or an object/,
    );
  }
  // A class's own properties are data.
  class Named {
    name = 'ab';
  }
  assert.equal(new Short(new Named()).name, 'ab');
});

test('iterators and getters are asked once', () => {
  const Inner = struct({ name: text(2), x: 'i8' });
  const All = struct({ xs: array('f64', 3), names: array(text(2), 2), inner: Inner });
  function* numbers(): Generator<number> {
    yield* [1, 2, 3];
  }
  const all = new All({ xs: numbers(), names: new Set(['a', 'b']).values() });
  assert.deepEqual([...all.xs, ...all.names], [1, 2, 3, 'a', 'b']);
  let asked = 0;
  const values = {
    get name() {
      return ++asked === 1 ? 'ok' : 'x'.repeat(300);
    },
  };
  all.inner = values as unknown as InstanceType<typeof Inner>;
  assert.deepEqual([asked, all.inner.name], [1, 'ok']);
  function* endless(): Generator<number> {
    for (;;) yield 1;
  }
  assert.throws(() => (all.xs = endless() as unknown as Float64Array), RangeError);
  assert.deepEqual([...all.xs], [1, 2, 3]);
});

test('code of the user’s that runs meanwhile changes nothing', () => {
  const Point = struct({ x: 'i32', y: 'i32' }, { name: 'Point' });
  const points = Point.array(2);
  const trap = {
    get x() {
      points[Symbol.dispose]();
      return 7;
    },
  };
  assert.throws(() => points.set(0, trap), { code: 'HEDDLE_DISPOSED' });
  const lock = new Lock();
  lock[Symbol.dispose]();
  const Job = struct({ state: 'i32', lock: Lock });
  const jobs = Job.array(1);
  assert.throws(() => jobs.set(0, { state: 7, lock }), { code: 'HEDDLE_DISPOSED' });
  assert.equal(jobs.get(0).state, 0, 'refused as a whole');
});

test('a value may refer to what it replaces', () => {
  const Item = struct({ order: 'i32' });
  const Box = struct({ items: array(Item, 4), a: Item, b: Item, u: array('i16', 2), v: array('i16', 2) });
  const box = new Box({ items: [3, 1, 0, 2].map((order) => ({ order })) });
  box.items = [...box.items].sort((a, b) => a.order - b.order) as unknown as typeof box.items;
  assert.deepEqual(
    Array.from(box.items, ({ order }) => order),
    [0, 1, 2, 3],
  );
  const boxes = Box.from([{ a: { order: 1 }, b: { order: 2 }, u: [1, 1], v: [2, 2] }]);
  const one = boxes.get(0);
  boxes.set(0, { a: one.b, b: one.a, u: one.v, v: one.u });
  assert.deepEqual([one.a.order, one.b.order, [...one.u], [...one.v]], [2, 1, [2, 2], [1, 1]]);
});

test('arrays are made from values, and cut without copying', () => {
  const Point = struct({ x: 'i32', tags: array(text(2), 4) }, { name: 'Point' });
  const points = Point.from([{ x: 1 }, { x: 2 }, { x: 3, tags: ['a', 'b', 'c'] }]);
  assert.throws(
    () => Point.from([{ x: 1 }, { x: '2' as unknown as number }]),
    /^TypeError: \[1\]\.x is of type i32/,
  );
  const rest = points.subarray(1);
  assert.equal(rest.length, 2);
  rest.get(0).x = 7;
  assert.equal(points.get(1).x, 7);
  assert.equal(cross(rest).get(1).x, 3);
  cross(points.subarray(-1)).get(0).x = 8;
  assert.equal(points.get(2).x, 8);
  assert.deepEqual([...points.get(2).tags.subarray(1, 3)], ['b', 'c']);
  cross(points.get(2).tags.subarray(1, 3)).set(1, 'z');
  assert.deepEqual([...points.get(2).tags], ['a', 'b', 'z', '']);
  assert.deepEqual(
    [points.subarray(5), points.subarray(2, 1), points.subarray(0, -2)].map(({ length }) => length),
    [0, 0, 1],
  );
  assert.throws(() => points.subarray(0.5), RangeError);
});

test('brackets on an array, and properties that are none, are refused', () => {
  const Point = struct({ x: 'i32' }, { name: 'Point' });
  const points = Point.array(2) as unknown as Record<string, unknown>;
  assert.throws(() => points['0'], { message: 'a FixedArray is read with get(0), not with [0]' });
  assert.throws(() => (points['0'] = 1), {
    message: 'a FixedArray is written with set(0, value), not with [0]',
  });
  assert.throws(() => (points['size'] = 1), {
    message: 'a FixedArray has no property size that could be set',
  });
  assert.equal(points['size'], undefined);
  const point = new Point();
  assert.ok(point instanceof Object && point instanceof Point);
  assert.equal((point as unknown as Record<string, unknown>)['y'], undefined);
  const stands = new Proxy(point, {});
  assert.throws(() => stands.x, { message: /this is no struct, but an object that stands for one/ });
});

test('many types in one program, and types in types in types', () => {
  let type: FieldType = 'f64';
  for (let depth = 0; depth < 25; depth++) type = struct({ inner: type }, { name: `Type${depth}` });
  const Deep = type as unknown as new () => object;
  let deep = new Deep() as { inner: unknown };
  while (typeof deep.inner === 'object') deep = deep.inner as typeof deep;
  deep.inner = 5;
  assert.equal(deep.inner, 5);
  for (let k = 0; k < 20; k++) {
    const Own = struct({ [`field${k}`]: 'f64' }, { name: `Own${k}` });
    const own = new Own({ [`field${k}`]: k });
    assert.equal(own[`field${k}`], k);
  }
});

test('a struct that was disposed of while typed arrays over it exist can be received again', () => {
  const Sensor = struct({ samples: array('f32', 2), n: 'i32' }, { name: 'Sensor' });
  const sensor = new Sensor({ n: 5 });
  const { samples } = sensor;
  const payload = writePayload(sensor, 'value');
  sensor[Symbol.dispose]();
  assert.throws(() => sensor.n, DisposedError);
  const again = takePayload(payload) as InstanceType<typeof Sensor>;
  assert.equal(again.n, 5);
  samples[1] = 2;
  assert.equal(again.samples[1], 2);
  const printed = new Sensor();
  const before = bytesUsed();
  assert.match(inspect(printed), /samples/);
  printed[Symbol.dispose]();
  assert.ok(bytesUsed() < before, 'printing it keeps nothing');
});

test('a struct that was disposed of says so', () => {
  const Point = struct(
    { x: 'f64', tags: array('u8', 2), inner: struct({ y: 'i8' }), lock: Lock },
    { name: 'Point' },
  );
  const point = new Point();
  const points = Point.array(2);
  const { inner } = point;
  const element = points.get(1);
  const { tags } = point;
  for (const one of [point, points]) {
    one[Symbol.dispose]();
    one[Symbol.dispose]();
  }
  element[Symbol.dispose](); // a part goes with its whole
  const uses: (() => unknown)[] = [
    () => point.x,
    () => (point.x = 1),
    () => point.tags,
    () => (point.tags = [1] as unknown as Uint8Array<ArrayBuffer>),
    () => point.lock,
    () => point.inner,
    () => inner.y,
    () => Point.toObject(point),
    () => new Point(point),
    () => points.get(0),
    () => points.set(0, {}),
    () => element.x,
    ...[point, points, inner, element, tags].map((value) => () => writePayload(value, 'value')),
  ];
  for (const use of uses) assert.throws(use, { code: 'HEDDLE_DISPOSED' }, String(use));
  assert.equal(inspect(point), 'Point { disposed }');
  assert.equal(inspect(points), 'FixedArray { disposed }');
});

test('prints as what it is', () => {
  const Point = struct({ x: 'f64', name: text(9), lock: Lock }, { name: 'Point' });
  const point = new Point({ x: 1.5, name: 'here' });
  assert.equal(inspect(point), "Point { x: 1.5, name: 'here', lock: null }");
  assert.equal(inspect({ point }), "{ point: Point { x: 1.5, name: 'here', lock: null } }");
  assert.equal(JSON.stringify(point), '{"x":1.5,"name":"here","lock":null}');
  const flags = new (struct({ all: array('bool', 2) }))();
  assert.equal(inspect(flags.all), 'FixedArray(2) [ false, false ]');
  assert.match(inspect(Point.array(105)), / and 5 more$/);
  assert.equal(inspect(new (struct({ x: 'f64' }))()), 'Struct { x: 0 }');
});
