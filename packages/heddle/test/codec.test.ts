import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import { MessageChannel, Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { CloneError, DisposedError, TimeoutError } from '../src/base/errors.js';
import { bytesUsed } from '../src/memory/allocator.js';
import { setForeignTransport } from '../src/memory/foreign.js';
import { bytes, i32, memory } from '../src/memory/heap.js';
import { disposeHandle } from '../src/memory/handles.js';
import { addressOf, Obj } from '../src/memory/object.js';
import { freePayload, readPayload, sharePayload, takePayload, writePayload } from '../src/memory/payload.js';
import { addWorker, startHeap, Token } from './fixtures/codec-heap.js';

startHeap();

/** What the supervisor would keep. */
const kept = new Map<number, object>();
setForeignTransport({
  keep: (id, value) => {
    structuredClone(value);
    kept.set(id, value);
  },
  fetch: (id) => {
    const value = kept.get(id);
    assert.ok(value);
    return value;
  },
  give: () => assert.fail('nothing is given away here'),
  take: () => assert.fail('nothing is given away here'),
  drop: (id) => kept.delete(id),
});

/** There and back; the heap is as before. */
function cross(value: unknown): unknown {
  const before = bytesUsed();
  const payload = writePayload(value, 'value');
  const first = readPayload(payload);
  const second = takePayload(payload);
  assert.equal(bytesUsed(), before, 'the heap is not as before');
  assert.ok(isDeepStrictEqual(first, second) || hasInvalidDate(first), 'read twice, it is not the same');
  return second;
}

/** `isDeepStrictEqual` takes no invalid date for another. */
function hasInvalidDate(value: unknown): boolean {
  return value instanceof Date && Number.isNaN(value.getTime());
}

function crossesLikeStructuredClone(value: unknown): void {
  const there = cross(value);
  const expected: unknown = structuredClone(value);
  assert.deepStrictEqual(there, expected);
  assert.ok(sameSharing(there, expected, new Map(), new Map()), 'references lead to other objects');
}

/** Whether two equal values have the same objects in the same places. */
function sameSharing(
  a: unknown,
  b: unknown,
  forth: Map<unknown, unknown>,
  back: Map<unknown, unknown>,
): boolean {
  if (typeof a !== 'object' || a === null) return true;
  if (forth.has(a) || back.has(b)) return forth.get(a) === b && back.get(b) === a;
  forth.set(a, b);
  back.set(b, a);
  const inside = (value: unknown): unknown[] =>
    value instanceof Map || value instanceof Set
      ? [...value].flat()
      : ArrayBuffer.isView(value)
        ? [value.buffer]
        : Object.values(value as object);
  const others = inside(b);
  return inside(a).every((item, index) => sameSharing(item, others[index], forth, back));
}

/** The error for a value that must not cross. Nothing is left behind. */
function refusal(value: unknown, path = 'value'): CloneError {
  const before = bytesUsed();
  try {
    freePayload(writePayload(value, path));
  } catch (error) {
    assert.ok(error instanceof CloneError, `${String(error)} is no CloneError`);
    assert.equal(bytesUsed(), before, 'a refused value left something behind');
    return error;
  }
  return assert.fail('it crossed');
}

function references(token: Token): number {
  return i32[addressOf(token) + Obj.REFS]!;
}

test('anything structured clone takes crosses as structured clone has it', () => {
  const anything = fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
    maxDepth: 4,
  });
  fc.assert(fc.property(anything, crossesLikeStructuredClone), { numRuns: 2000 });
});

test('strings of every length and width', () => {
  const unit = fc.oneof(
    fc.nat(0x7f).map((code) => String.fromCharCode(code)),
    fc.nat(0xff).map((code) => String.fromCharCode(code)),
    fc.nat(0xffff).map((code) => String.fromCharCode(code)), // lone surrogates among them
  );
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 200 }), (units) => {
      const text = units.join('');
      assert.equal(cross(text), text);
      assert.deepStrictEqual(cross({ [text]: text }), { [text]: text });
    }),
  );
  for (const character of ['a', 'é', '日', '\ud800', '😀']) {
    for (const length of [
      0, 1, 7, 8, 9, 16, 17, 24, 25, 31, 32, 33, 63, 64, 125, 126, 127, 128, 20_000, 1_000_000,
    ]) {
      const text = character.repeat(length);
      assert.ok(cross(text) === text, `${length} times ${character}`);
      if (length < 1000) assert.deepStrictEqual(cross({ [text]: 1 }), { [text]: 1 });
    }
  }
  const wide = '日本';
  assert.equal(cross(`${wide}a plain part`.slice(2)), 'a plain part');
});

test('numbers', () => {
  const edges = [
    0,
    -0,
    1,
    -1,
    127,
    128,
    255,
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    -(2 ** 31) - 1,
    2 ** 32,
    2 ** 53,
  ];
  for (const value of [...edges, 0.1, 5e-324, Number.MAX_VALUE, Infinity, -Infinity, NaN]) {
    assert.ok(Object.is(cross(value), value), String(value));
  }
  fc.assert(fc.property(fc.double(), (value) => assert.ok(Object.is(cross(value), value))));
  fc.assert(fc.property(fc.bigInt(), (value) => assert.equal(cross(value), value)));
  for (const bits of [63n, 64n, 65n, 1000n, 100_000n]) {
    for (const value of [2n ** bits, 2n ** bits - 1n, -(2n ** bits), -(2n ** bits) - 1n])
      assert.equal(cross(value), value);
  }
});

test('objects keep their sharing and their cycles', () => {
  const kinds = ['object', 'array', 'map', 'set'] as const;
  const graph = fc.record({
    nodes: fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 60 }),
    edges: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.string({ maxLength: 3 })), { maxLength: 150 }),
  });
  fc.assert(
    fc.property(graph, ({ nodes, edges }) => {
      const made = nodes.map((kind) => {
        if (kind === 'object') return {};
        if (kind === 'array') return [] as unknown[];
        return kind === 'map' ? new Map<unknown, unknown>() : new Set();
      });
      for (const [a, b, key] of edges) {
        const from = made[a % made.length]!;
        const to = made[b % made.length]!;
        if (Array.isArray(from)) from.push(to);
        else if (from instanceof Map) from.set(from.size % 2 === 0 ? to : key, to);
        else if (from instanceof Set) from.add(to);
        else Object.defineProperty(from, key, { value: to, enumerable: true, configurable: true });
      }
      const there = cross(made);
      const expected = structuredClone(made);
      assert.ok(sameSharing(there, expected, new Map(), new Map()));
    }),
    { numRuns: 500 },
  );
});

test('arrays keep holes, length and named properties', () => {
  const match = /b(c)/d.exec('abc');
  const long = Array.from({ length: 500 }, (_, index) => index);
  const odd: unknown[] = Object.assign([1, , 3], { note: 'x', '-1': 2, '01': 3, '4294967295': 4 }); // eslint-disable-line no-sparse-arrays
  const values: unknown[] = [
    [],
    new Array(3),
    [undefined],
    [, 1], // eslint-disable-line no-sparse-arrays
    odd,
    match,
    Object.assign([...long], { note: 'x' }),
    Object.assign(new Array(200), { 7: 1, note: 2 }),
    Object.assign([], { note: [] }),
  ];
  for (const value of values) crossesLikeStructuredClone(value);
  const endless: number[] = [];
  endless[4_000_000_000] = 1;
  endless[5] = 2;
  const there = cross(endless) as number[];
  assert.equal(there.length, 4_000_000_001);
  assert.deepStrictEqual(Object.entries(there), [
    ['5', 2],
    ['4000000000', 1],
  ]);
});

test('a property named __proto__ is data', () => {
  const there = cross(JSON.parse('{"__proto__":{"admin":true},"a":1}')) as object;
  assert.equal(Object.getPrototypeOf(there), Object.prototype);
  assert.deepStrictEqual(Object.keys(there), ['__proto__', 'a']);
  const array = cross(
    Object.defineProperty([1], '__proto__', { value: { admin: true }, enumerable: true }),
  ) as object;
  assert.ok(Array.isArray(array) && Object.getPrototypeOf(array) === Array.prototype);
});

test('only own enumerable string keys cross, of any class', () => {
  class Base {
    inherited = 1;
    method(): void {}
  }
  class User extends Base {
    #secret = 2;
    name = 'x';
    get computed(): number {
      return this.#secret;
    }
  }
  assert.deepStrictEqual(cross(new User()), { inherited: 1, name: 'x' });
  assert.deepStrictEqual(cross(Object.create({ above: 1 })), {});
  assert.deepStrictEqual(cross({ [Symbol('s')]: 1, a: 2 }), { a: 2 });
  assert.deepStrictEqual(cross(Object.create(null, { a: { value: 1, enumerable: true }, b: { value: 2 } })), {
    a: 1,
  });
  const objectPrototype = Object.prototype as unknown as Record<string, unknown>;
  objectPrototype['polluted'] = 1;
  try {
    assert.deepStrictEqual(Object.keys(cross({ a: 1 }) as object), ['a']);
  } finally {
    delete objectPrototype['polluted'];
  }
});

test('the other data of the language', () => {
  const values: unknown[] = [
    new Date(0),
    new Date(8.64e15),
    /a\/b/giu,
    /./,
    new Map<unknown, unknown>([
      [NaN, 1],
      [{}, new Map()],
    ]),
    new Set([-0, 'x', undefined]),
    Object(true),
    Object(false),
    Object(''),
    Object('text'),
    Object(-0),
    Object(10n ** 30n),
    (() => arguments_(1, 'x'))(),
  ];
  for (const value of values) crossesLikeStructuredClone(value);
  assert.ok(hasInvalidDate(cross(new Date(NaN))));
  const sticky = /a/gy;
  sticky.lastIndex = 5;
  assert.equal((cross(sticky) as RegExp).lastIndex, 0);
  const shared = Object('x') as object;
  const [one, two] = cross([shared, shared]) as [object, object];
  assert.equal(one, two);
});

function arguments_(...list: unknown[]): unknown {
  return [...list];
}

test('values of another realm', () => {
  const context = createContext({});
  const foreign = runInContext(
    `({ o: { a: [1, , 2] }, m: new Map([[1, new Date(5)]]), r: /x/g, t: new Uint8Array([1, 2]), e: new TypeError('far') })`,
    context,
  ) as Record<string, unknown>;
  const there = cross(foreign) as Record<string, unknown>;
  assert.ok(there['e'] instanceof TypeError);
  assert.equal(there['e'].message, 'far');
  delete there['e'];
  delete foreign['e'];
  assert.deepStrictEqual(there, structuredClone(foreign));
});

// --- binary data -------------------------------------------------------------------------------------------

test('buffers and every kind of view', () => {
  const buffer = new ArrayBuffer(64);
  new Uint8Array(buffer).forEach((_, index, all) => (all[index] = index));
  const classes = [
    Uint8Array,
    Int8Array,
    Uint8ClampedArray,
    Uint16Array,
    Int16Array,
    Uint32Array,
    Int32Array,
  ];
  const wide = [Float32Array, Float64Array, BigInt64Array, BigUint64Array];
  const views = [...classes, ...wide].map((View) => new View(buffer, 8, 2));
  crossesLikeStructuredClone([...views, new DataView(buffer, 3, 7), buffer]);
  crossesLikeStructuredClone([buffer, ...views]);
  crossesLikeStructuredClone(new Uint8Array(0));
  class Samples extends Float32Array {}
  assert.deepStrictEqual(cross(new Samples([1, 2])), new Float32Array([1, 2]));
  for (const size of [1, 63, 64, 65, 511, 16_383, 16_384, 16_385, 5_000_001]) {
    const data = Uint8Array.from({ length: size }, (_, index) => (index * 31) >> 3);
    assert.deepStrictEqual(cross(['x', data, 'y', data.slice(1), 'z']), ['x', data, 'y', data.slice(1), 'z']);
  }
});

test('a Buffer crosses as a Uint8Array over its own bytes', () => {
  const there = cross(Buffer.from('abc')) as Uint8Array;
  assert.equal(Object.getPrototypeOf(there), Uint8Array.prototype);
  assert.deepStrictEqual([...there], [97, 98, 99]);
  assert.equal(there.buffer.byteLength, 3);
  const next = [1];
  const [, first, second] = cross([Buffer.from('ab'), next, next]) as unknown[];
  assert.equal(first, second);
});

interface Resizable extends ArrayBuffer {
  readonly resizable: boolean;
  readonly maxByteLength: number;
  resize(length: number): void;
}
const ResizableBuffer = ArrayBuffer as unknown as new (
  length: number,
  o: { maxByteLength: number },
) => Resizable;

test('resizable buffers stay resizable, and views that reach to their end follow them', () => {
  const buffer = new ResizableBuffer(8, { maxByteLength: 32 });
  const all = new Uint8Array(buffer);
  const part = new Uint8Array(buffer, 2, 2);
  all.set([1, 2, 3, 4, 5, 6, 7, 8]);
  const [there, thereAll, therePart] = cross([buffer, all, part]) as [Resizable, Uint8Array, Uint8Array];
  assert.ok(there.resizable);
  assert.equal(there.maxByteLength, 32);
  assert.deepStrictEqual([...thereAll], [1, 2, 3, 4, 5, 6, 7, 8]);
  there.resize(16);
  assert.equal(thereAll.length, 16);
  assert.equal(therePart.length, 2);
});

test('memory that is gone is refused', () => {
  const view = new Uint8Array(8);
  const data = new DataView(view.buffer);
  structuredClone(view.buffer, { transfer: [view.buffer] });
  assert.equal(refusal([view]).path, 'value[0]');
  assert.equal(refusal({ data }).path, 'value.data');
  assert.equal(refusal(view.buffer).path, 'value');
  const buffer = new ResizableBuffer(8, { maxByteLength: 8 });
  const beyond = new Uint8Array(buffer, 4, 4);
  buffer.resize(2);
  assert.equal(refusal(beyond).path, 'value');
  const shrinking = new Uint8Array(100_000);
  const sly = {
    shrinking,
    get later(): number {
      structuredClone(shrinking.buffer, { transfer: [shrinking.buffer] });
      return 1;
    },
  };
  refusal(sly);
});

test("heddle's own memory is never given out", () => {
  assert.match(refusal([bytes]).message, /^value\[0\] is a view over heddle's own memory: /);
  assert.match(refusal([memory]).message, /^value\[0\] is heddle's own memory: /);
});

test('a hundred megabytes', () => {
  const numbers = new Float64Array(8_000_000).fill(1.5);
  const texts = { latin: 'é'.repeat(20_000_000), wide: '日'.repeat(10_000_000) };
  const before = bytesUsed();
  const payload = writePayload([numbers, texts], 'value');
  const [thereNumbers, thereTexts] = takePayload(payload) as [Float64Array, typeof texts];
  assert.equal(bytesUsed(), before);
  assert.ok(Buffer.from(numbers.buffer).equals(Buffer.from(thereNumbers.buffer)));
  assert.ok(thereTexts.latin === texts.latin && thereTexts.wide === texts.wide);
});

// --- errors ------------------------------------------------------------------------------------------------

test('errors of known classes stay themselves, and no constructor runs', () => {
  for (const Class of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
    const error = new Class('broken', { cause: { why: 1 } });
    const there = cross(error) as Error;
    assert.equal(Object.getPrototypeOf(there), Class.prototype);
    assert.deepStrictEqual([there.message, there.stack, there.cause], ['broken', error.stack, { why: 1 }]);
    assert.deepStrictEqual(Object.keys(there), []);
    assert.equal(String(there), String(error));
  }
  const late = cross(new TimeoutError('late')) as TimeoutError;
  assert.ok(late instanceof TimeoutError);
  assert.deepStrictEqual([late.name, late.code, late.message], ['TimeoutError', 'HEDDLE_TIMEOUT', 'late']);
  const many = cross(new AggregateError([new TypeError('a'), 5], 'many')) as AggregateError;
  assert.ok(many instanceof AggregateError && many.errors[0] instanceof TypeError);
  assert.equal(many.errors[1], 5);
  const aborted = cross(new DOMException('stop', 'AbortError')) as DOMException;
  assert.ok(aborted instanceof DOMException);
  assert.deepStrictEqual([aborted.name, aborted.message, aborted.code], ['AbortError', 'stop', 20]);
});

test('errors of other classes keep name, message, stack and data', () => {
  let made = 0;
  class PaymentError extends TypeError {
    readonly code = 'E_PAY';
    readonly details = { amount: 5 };
    constructor() {
      super('not paid');
      made++;
      this.name = 'PaymentError';
    }
  }
  const error = new PaymentError();
  const there = cross(error) as PaymentError;
  assert.equal(Object.getPrototypeOf(there), TypeError.prototype);
  assert.deepStrictEqual(Object.fromEntries(Object.entries(there)), {
    code: 'E_PAY',
    details: { amount: 5 },
    name: 'PaymentError',
  });
  assert.equal(there.stack, error.stack);
  assert.equal(made, 1);
  class Quiet extends Error {
    override get message(): string {
      return 'computed';
    }
  }
  Object.defineProperty(Quiet.prototype, 'name', { value: 'Quiet' });
  const quiet = cross(new Quiet()) as Error;
  assert.deepStrictEqual([quiet.name, quiet.message, Object.keys(quiet)], ['Quiet', 'computed', []]);
});

test('what hangs on an error and cannot cross is left out', () => {
  const token = new Token();
  const loop = Object.assign(
    new Error('outer') as Error & Record<string, unknown>,
    {
      retry: () => 1,
      request: { url: 'x', token, send: () => 1 },
      status: 500,
      shared: {},
    } as Record<string, unknown>,
  );
  Object.defineProperty(loop, 'broken', { get: () => assert.fail('a getter'), enumerable: true });
  Object.defineProperty(loop, 'again', { get: () => loop['shared'], enumerable: true });
  loop.cause = loop;
  const there = cross(loop) as typeof loop;
  assert.deepStrictEqual(Object.keys(there), ['status', 'shared', 'again', 'cause']);
  assert.equal(there['again'], there['shared']);
  assert.equal(there.cause, there);
  assert.equal(references(token), 1);
});

// --- what is refused ---------------------------------------------------------------------------------------

test('a refusal names the path and says what to do', () => {
  const save = (): void => {};
  assert.equal(
    refusal([{ user: { save } }], 'args').message,
    'args[0].user.save is the function save: functions do not cross threads; ' +
      'pass data and call an exported function in the thread',
  );
  assert.equal(refusal([{ user: { save } }], 'args').path, 'args[0].user.save');
  assert.equal(
    refusal(Promise.resolve(1), 'result').message,
    'result is a Promise: await it first, and pass what it gives',
  );
  assert.equal(
    refusal({ id: Symbol('x') }, 'item').message,
    'item.id is Symbol(x): symbols do not cross threads; pass a string',
  );
});

test('every step of a path', () => {
  const step = fc.oneof(
    fc
      .constantFrom('name', '$', '_x1', 'é')
      .map((key) => ({ text: `.${key}`, wrap: (v: unknown) => ({ [key]: v }) })),
    fc.constantFrom('odd key', '', '1a', 'a-b', '"').map((key) => ({
      text: `[${JSON.stringify(key)}]`,
      wrap: (v: unknown) => ({ before: 1, [key]: v }),
    })),
    fc.nat(3).map((index) => ({
      text: `[${index}]`,
      wrap: (v: unknown) => [...Array.from({ length: index }, () => ({})), v, 'after'],
    })),
    fc.constant({ text: '[7]', wrap: (v: unknown) => Object.assign(new Array(9), { 7: v }) as unknown }),
    fc.constant({ text: '.note', wrap: (v: unknown) => Object.assign([1, 2], { note: v }) as unknown }),
    fc.constant({
      text: '.get("k")',
      wrap: (v: unknown) =>
        new Map<unknown, unknown>([
          [1, 2],
          ['k', v],
        ]),
    }),
    fc.constant({
      text: '(map key)',
      wrap: (v: unknown) =>
        new Map<unknown, unknown>([
          [1, 2],
          [v, 1],
        ]),
    }),
    fc.constant({ text: '(set item)', wrap: (v: unknown) => new Set([1, v]) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
      const value = steps.reduceRight<unknown>(
        (inner, { wrap }) => wrap(inner),
        () => 1,
      );
      const path = `args${steps.map(({ text }) => text).join('')}`;
      const error = refusal(value, 'args');
      assert.equal(error.path, path);
      assert.ok(error.message.startsWith(`${path} is a function: `), error.message);
    }),
  );
});

test('whatever holds more than data is refused', () => {
  function* numbers(): Generator<number> {
    yield 1;
  }
  async function* later(): AsyncGenerator<number> {
    yield 1;
  }
  const values: Record<string, unknown> = {
    'the function Thing': class Thing {
      x = 1;
    },
    'a Symbol': Object(Symbol('x')) as unknown,
    'a Promise': Promise.resolve(),
    'a WeakMap': new WeakMap(),
    'a WeakSet': new WeakSet(),
    'a WeakRef': new WeakRef({}),
    'a FinalizationRegistry': new FinalizationRegistry(() => {}),
    'a Generator': numbers(),
    'an AsyncGenerator': later(),
    'an Array Iterator': [].values(),
    'a Map Iterator': new Map().keys(),
    'an Intl.NumberFormat': new Intl.NumberFormat(),
    'a URL': new URL('https://example.com/'),
    'an AbortSignal': new AbortController().signal,
  };
  for (const [what, value] of Object.entries(values)) {
    assert.ok(refusal([value]).message.startsWith(`value[0] is ${what}`), refusal([value]).message);
  }
  assert.match(refusal(new Proxy(() => 1, {})).message, /^value is a function: /);
});

test('an error of a getter passes unchanged, and one may use heddle', () => {
  const token = new Token();
  const before = bytesUsed();
  const broken = new RangeError('mine');
  const value = {
    token,
    get inner(): unknown {
      return cross({ token, list: [1, 2, 3] });
    },
    big: new Uint8Array(100_000),
    get fails(): unknown {
      throw broken;
    },
  };
  assert.throws(
    () => writePayload([value, value], 'args'),
    (error) => error === broken,
  );
  assert.equal(references(token), 1);
  const works = {
    token,
    get inner(): unknown {
      return cross([token, 'x'.repeat(50)]);
    },
    after: [token],
  };
  assert.deepStrictEqual(cross(works), { token, inner: [token, 'x'.repeat(50)], after: [token] });
  assert.equal(references(token), 1);
  assert.equal(bytesUsed(), before);
});

test('nesting beyond the stack is an error that leaves nothing behind', () => {
  const before = bytesUsed();
  let deep: unknown = new Token();
  for (let depth = 0; depth < 100_000; depth++) deep = { deep };
  assert.throws(() => writePayload(deep, 'value'), RangeError);
  assert.ok(bytesUsed() > before); // the token alone
  crossesLikeStructuredClone([1]);
});

// --- handles -----------------------------------------------------------------------------------------------

test('a handle arrives as this thread has it, and every mention holds a reference', () => {
  const token = new Token();
  const before = bytesUsed();
  const payload = writePayload({ token, list: [token, new Map([[token, token]])] }, 'value');
  assert.equal(references(token), 5);
  const there = readPayload(payload) as { token: Token; list: [Token, Map<Token, Token>] };
  assert.equal(there.token, token);
  assert.equal(there.list[0], token);
  assert.equal(there.list[1].get(token), token);
  assert.equal(references(token), 5);
  freePayload(payload);
  assert.equal(references(token), 1);
  assert.equal(takePayload(writePayload(token, 'value')), token);
  assert.equal(references(token), 1);
  assert.equal(bytesUsed(), before);
});

test('a payload keeps an object that no thread has a handle to any more', () => {
  const before = bytesUsed();
  const token = new Token();
  const payload = writePayload([token, token, token], 'value');
  disposeHandle(token);
  const [a, b] = takePayload(payload) as [Token, Token];
  assert.equal(a, b);
  assert.equal(a.name, 'token');
  assert.equal(references(a), 1);
  disposeHandle(a);
  assert.equal(bytesUsed(), before);
});

test('a payload with several references goes with the last', () => {
  const before = bytesUsed();
  const token = new Token();
  for (const handles of [0, 1, 2, 3]) {
    const value = [1.5, 'x'.repeat(handles), ...new Array<Token>(handles).fill(token)];
    const payload = writePayload(value, 'value');
    sharePayload(payload);
    sharePayload(payload);
    assert.deepEqual(takePayload(payload), value);
    freePayload(payload);
    assert.equal(references(token), 1 + handles);
    assert.deepEqual(takePayload(payload), value);
    assert.equal(references(token), 1);
  }
  disposeHandle(token);
  assert.equal(bytesUsed(), before);
});

test('a disposed handle does not cross', () => {
  const before = bytesUsed();
  const other = new Token();
  const token = new Token();
  disposeHandle(token);
  assert.throws(() => writePayload([other, token], 'args'), DisposedError);
  const late = new Token();
  const sly = {
    late,
    get dispose(): number {
      disposeHandle(late);
      return 1;
    },
  };
  assert.throws(() => writePayload([other, sly], 'args'), DisposedError);
  assert.equal(references(other), 1);
  disposeHandle(other);
  assert.equal(bytesUsed(), before);
});

test('a value after many others that mention objects and fail', () => {
  const token = new Token();
  const before = bytesUsed();
  const random = fc.anything({ withMap: true, withSet: true });
  fc.assert(
    fc.property(random, fc.boolean(), (value, fails) => {
      const sent = [token, value, { token }, fails ? (): number => 1 : 1];
      if (fails) refusal(sent);
      else cross(sent);
      return references(token) === 1 && bytesUsed() === before;
    }),
    { numRuns: 500 },
  );
});

// --- foreign values ----------------------------------------------------------------------------------------

test("the platform's own objects and foreign memory cross as they are", () => {
  const memoryOfMine = new SharedArrayBuffer(64);
  const key = createSecretKey(Buffer.from('secret'));
  const blob = new Blob(['text']);
  const view = new Int32Array(memoryOfMine, 8, 2);
  const sent = { memoryOfMine, key, blob, view, again: [memoryOfMine, blob] };
  const payload = writePayload(sent, 'value');
  const there = takePayload(payload) as typeof sent;
  assert.equal(there.memoryOfMine, memoryOfMine);
  assert.equal(there.key, key);
  assert.equal(there.blob, blob);
  assert.deepStrictEqual(there.again, [memoryOfMine, blob]);
  assert.equal(there.view.buffer, memoryOfMine);
  assert.deepStrictEqual([there.view.byteOffset, there.view.length], [8, 2]);
  const used = bytesUsed();
  assert.equal((cross([memoryOfMine]) as unknown[])[0], memoryOfMine);
  assert.equal(bytesUsed(), used, 'a value that is known already is not kept twice');
});

test('what postMessage cannot clone is refused by its path', () => {
  const keptBefore = kept.size;
  const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: new (o: object) => object } })
    .WebAssembly;
  assert.equal(refusal([new Memory({ initial: 1 })]).path, 'value[0]');
  assert.equal(kept.size, keptBefore);
});

test('values go to a real worker and back', { timeout: 30_000 }, async () => {
  addWorker(1);
  const channel = new MessageChannel();
  const worker = new Worker(new URL('./fixtures/codec-worker.js', import.meta.url), {
    workerData: { memory, kept: channel.port2 },
    transferList: [channel.port2],
  });
  setForeignTransport({
    keep: (id, value) => channel.port1.postMessage({ id, value }),
    fetch: () => assert.fail('the maker has its own values'),
    give: () => assert.fail('nothing is given away here'),
    take: () => assert.fail('nothing is given away here'),
    drop: () => {},
  });
  try {
    const exchange = async (value: unknown): Promise<unknown> => {
      worker.postMessage(writePayload(value, 'value'));
      const [address] = (await once(worker, 'message')) as [number];
      return takePayload(address);
    };
    const token = new Token();
    const data = { text: 'é日', list: [1, , 3], map: new Map([[1, { a: new Date(7) }]]) }; // eslint-disable-line no-sparse-arrays
    assert.deepStrictEqual(await exchange(data), data);
    const [sameToken] = (await exchange([token, token])) as Token[];
    assert.equal(sameToken, token);
    const cell = new Int32Array(new SharedArrayBuffer(16), 4, 1);
    const [buffer, view] = (await exchange([cell.buffer, cell])) as [SharedArrayBuffer, Int32Array];
    assert.equal(buffer, cell.buffer);
    assert.equal(view.buffer, cell.buffer);
    assert.equal(cell[0], 1);
    // Beyond what the worker's views reached when it began.
    const large = new Uint8Array(40_000_000).fill(3);
    const back = (await exchange(large)) as Uint8Array;
    assert.equal(Buffer.compare(back, large), 0);
  } finally {
    channel.port1.close();
    await worker.terminate();
  }
});
