/** SharedMap, SharedList and SharedValue on a heap without threads: against models, at their edges, and after deaths. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CloneError, DeadlockError, DisposedError, OutOfMemoryError } from '../src/base/errors.js';
import { allocate, bytesUsed, free } from '../src/memory/allocator.js';
import { i32, pointer } from '../src/memory/heap.js';
import { disposeHandle } from '../src/memory/handles.js';
import { addressOf, Obj, type Shared } from '../src/memory/object.js';
import { hashOf } from '../src/shared/map-key.js';
import { E, forEachEntry, M, S, SHARDS, shardAt } from '../src/shared/raw-map.js';
import { Guarded } from '../src/shared/guarded.js';
import { L } from '../src/shared/raw-list.js';
import { SharedList } from '../src/shared/shared-list.js';
import { struct } from '../src/shared/struct.js';
import { SharedMap } from '../src/shared/shared-map.js';
import { SharedValue } from '../src/shared/shared-value.js';
import { startHeap, Token } from './fixtures/codec-heap.js';
import { deaths, dieIn } from './fixtures/dying.js';
import { soak } from './fixtures/waiting.js';

startHeap();
// Tables of handles are made once and kept: make enough for all tests.
Array.from({ length: 200 }, () => new Token()).forEach(disposeHandle);

const numRuns = soak ? 20_000 : 300;

/** The heap is afterwards as it was before. */
function leavesNothing(body: () => void): void {
  const before = bytesUsed();
  body();
  assert.equal(bytesUsed(), before, 'the heap is not as before');
}

/** Runs `body` with a handle, which is disposed of in the end; the heap is then as before. */
function using<H extends Shared>(make: () => H, body: (handle: H) => void): void {
  leavesNothing(() => {
    const handle = make();
    body(handle);
    disposeHandle(handle);
  });
}

const newMap = (): SharedMap<string | number, unknown> =>
  new SharedMap<string | number, unknown>(null, { name: 'map' });
const newList = (): SharedList<unknown> => new SharedList<unknown>(null, { name: 'list' });

const values = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -0, NaN, Infinity, 2 ** 31, -(2 ** 31), undefined, null, true, false, ''),
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.nat(3000).map((length) => 'x'.repeat(length)),
  fc.bigInt(),
  fc.uint8Array({ maxLength: 40 }),
  fc.nat(40_000).map((length) => new Uint8Array(length).fill(length)),
  fc.jsonValue(),
);

// --- SharedMap ---------------------------------------------------------------------------------------------

const keys = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom<string | number>('a', 'b', '1', 1, 2, 16, -1, 0, -0, '', '0', NaN, 1.5, 'NaN'),
  },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 60 }).map((n) => n * 16) },
  { weight: 1, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.string({ maxLength: 50 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 50 }) },
  { weight: 1, arbitrary: fc.nat(2000).map((length) => 'k'.repeat(length)) },
);

type MapStep =
  | { do: 'set' | 'getOrInsert' | 'compute' | 'update' | 'throwing'; key: string | number; value: unknown }
  | { do: 'get' | 'delete' | 'deleteIf' | 'keep'; key: string | number; value: unknown }
  | { do: 'many'; key: string | number; value: unknown; count: number }
  | { do: 'clear' | 'loop'; key: string | number; value: unknown };

const mapSteps = fc.array(
  fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({
        do: fc.constantFrom('set', 'set', 'getOrInsert', 'compute', 'update', 'throwing'),
        key: keys,
        value: values,
      }),
    },
    {
      weight: 14,
      arbitrary: fc.record({
        do: fc.constantFrom('get', 'delete', 'deleteIf', 'keep'),
        key: keys,
        value: values,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('many'), key: keys, value: values, count: fc.nat(300) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('clear', 'loop'), key: keys, value: values }) },
  ),
  { maxLength: 120, size: 'max' },
) as fc.Arbitrary<MapStep[]>;

function sameEntries(real: Map<unknown, unknown>, model: Map<unknown, unknown>): void {
  assert.equal(real.size, model.size);
  for (const [key, value] of model) {
    assert.ok(real.has(key), `${String(key)} is missing`);
    assert.deepStrictEqual(real.get(key), value);
  }
}

/** Every chain of the map is what it should be. */
function checkMap(map: SharedMap<string | number, unknown>): void {
  const address = addressOf(map);
  let total = 0;
  for (let n = 0; n < SHARDS; n++) {
    const shard = shardAt(address, n);
    if (i32[shard + S.TABLE] === 0) continue;
    let count = 0;
    const mask = i32[shard + S.MASK] ?? 0;
    const places = new Map<number, number>();
    for (let chain = 0; chain <= mask; chain++) {
      const side = i32[shard + S.SIDE] ?? 0;
      for (
        let entry = pointer(pointer(shard + S.TABLE) + chain);
        entry !== 0;
        entry = pointer(entry + E.NEXT + side)
      ) {
        assert.ok(!places.has(entry), 'an entry stands in two places');
        places.set(entry, chain);
      }
    }
    forEachEntry(shard, (entry) => {
      const hash = hashOf(i32[entry + E.HEAD] ?? 0, i32[entry + E.IDENTITY] ?? 0, address + M.SEED);
      assert.equal(hash >>> 28, n);
      assert.equal(places.get(entry), hash & mask);
      count++;
    });
    assert.equal(count, i32[shard + S.COUNT]);
    assert.ok(count <= mask + 2, 'chains are too long');
    total += count;
  }
  assert.equal(map.size, total);
}

class Thrown extends Error {}

/** One step on the map and on the model, which must answer alike. */
function mapStep(
  map: SharedMap<string | number, unknown>,
  model: Map<string | number, unknown>,
  step: MapStep,
): void {
  const { key, value } = step;
  switch (step.do) {
    case 'set':
      assert.equal(map.set(key, value), map);
      model.set(key, value);
      return;
    case 'get':
      assert.equal(map.has(key), model.has(key));
      assert.deepStrictEqual(map.get(key), model.get(key));
      return;
    case 'delete':
      assert.equal(map.delete(key), model.delete(key));
      return;
    case 'deleteIf':
    case 'keep': {
      const isGone = map.deleteIf(key, (there) => {
        assert.deepStrictEqual(there, model.get(key));
        return step.do === 'deleteIf';
      });
      assert.equal(isGone, step.do === 'deleteIf' && model.delete(key));
      return;
    }
    case 'getOrInsert':
    case 'compute': {
      const expected = model.has(key) ? model.get(key) : value;
      const real =
        step.do === 'getOrInsert'
          ? map.getOrInsert(key, value)
          : map.getOrInsertComputed(key, (its) => {
              assert.ok(Object.is(its, key === 0 ? 0 : key));
              return value;
            });
      assert.deepStrictEqual(real, expected);
      model.set(key, expected);
      return;
    }
    case 'update':
      assert.equal(
        map.update(key, (old) => {
          assert.deepStrictEqual(old, model.get(key));
          return value;
        }),
        value,
      );
      model.set(key, value);
      return;
    case 'throwing':
      assert.throws(() => {
        map.update(key, () => {
          throw new Thrown();
        });
      }, Thrown);
      return;
    case 'many':
      for (let n = 0; n < step.count; n++) {
        map.set(`many ${n}`, n);
        model.set(`many ${n}`, n);
      }
      for (let n = 0; n < step.count; n += 2)
        assert.equal(map.delete(`many ${n}`), model.delete(`many ${n}`));
      return;
    case 'clear':
      map.clear();
      model.clear();
      return;
    default:
      sameEntries(new Map(map), model);
      assert.deepStrictEqual(new Set(map.keys()), new Set(model.keys()));
      assert.equal([...map.values()].length, model.size);
  }
}

describe('SharedMap', () => {
  test('does what a plain Map would, in any order of operations', () => {
    fc.assert(
      fc.property(mapSteps, (steps) => {
        using(newMap, (map) => {
          const model = new Map<string | number, unknown>();
          for (const step of steps) mapStep(map, model, step);
          checkMap(map);
          sameEntries(map.snapshot(), model);
        });
      }),
      { numRuns },
    );
  });

  test('grows and shrinks', () => {
    using(newMap, (map) => {
      const before = bytesUsed();
      for (let n = 0; n < 50_000; n++) map.set(n, n);
      checkMap(map);
      assert.ok(bytesUsed() - before > 50_000 * 32);
      for (let n = 0; n < 50_000; n++) assert.equal(map.get(n), n);
      for (let n = 0; n < 49_990; n++) assert.equal(map.delete(n), true);
      checkMap(map);
      assert.ok(bytesUsed() - before < 50_000, `${bytesUsed() - before} bytes are left`);
      assert.deepEqual(
        [...map.keys()].sort(),
        [...Array(10).keys()].map((n) => 49_990 + n),
      );
    });
  });

  test('spreads regular keys evenly', () => {
    const families: Record<string, (n: number) => string | number> = {
      'one after another': (n) => n,
      'multiples of 16': (n) => n * 16,
      'multiples of 65536': (n) => (n * 65_536) | 0,
      negative: (n) => -n,
      fractions: (n) => n + 0.5,
      'large numbers': (n) => n * 2 ** 33,
      'numbered names': (n) => `key${n}`,
      'names that end alike': (n) => `${n}/index.html`,
      wide: (n) => `ключ ${n}`,
    };
    for (const [name, family] of Object.entries(families)) {
      using(newMap, (map) => {
        const count = 8192;
        const different = new Set(Array.from({ length: count }, (_, n) => family(n)));
        for (const key of different) map.set(key, 0);
        assert.equal(map.size, different.size);
        let longest = 0;
        for (let n = 0; n < SHARDS; n++) {
          const shard = shardAt(addressOf(map), n);
          const inShard = i32[shard + S.COUNT] ?? 0;
          // A binomial distribution: 512 expected, deviation 22.
          assert.ok(
            Math.abs(inShard - different.size / SHARDS) < 8 * Math.sqrt(different.size / SHARDS),
            `${name}: ${inShard} in a shard`,
          );
          const chains = new Map<number, number>();
          forEachEntry(shard, (entry) => {
            const hash = hashOf(
              i32[entry + E.HEAD] ?? 0,
              i32[entry + E.IDENTITY] ?? 0,
              addressOf(map) + M.SEED,
            );
            const chain = hash & (i32[shard + S.MASK] ?? 0);
            chains.set(chain, (chains.get(chain) ?? 0) + 1);
          });
          longest = Math.max(longest, ...chains.values());
        }
        assert.ok(longest <= 12, `${name}: a chain of ${longest}`);
      });
    }
  });

  test('keys that are neither strings nor numbers are refused', () => {
    using(newMap, (map) => {
      const key = { id: 1 } as unknown as string;
      const refused = {
        name: 'TypeError',
        message: /must be a string or a number, not an Object; use an id/,
      };
      assert.throws(() => map.set(key, 1), refused);
      assert.throws(() => map.get(key), refused);
      assert.throws(() => map.has(key), refused);
      assert.throws(() => map.delete(key), refused);
      assert.throws(() => map.update(key, () => 1), refused);
      assert.throws(() => map.deleteIf(key, () => true), refused);
      assert.throws(() => map.getOrInsert(key, 1), refused);
      assert.throws(() => map.getOrInsertComputed(key, () => 1), refused);
      for (const odd of [undefined, null, true, Symbol('s'), 1n, () => 1])
        assert.throws(() => map.set(odd as unknown as string, 1), TypeError);
      assert.equal(map.size, 0);
    });
  });

  test('values that cannot cross are named, and nothing has happened', () => {
    using(newMap, (map) => {
      map.set('a', 1);
      const bad = { save: (): void => undefined };
      const named = (path: string) => (error: unknown) => error instanceof CloneError && error.path === path;
      assert.throws(() => map.set('a', bad), named('value.save'));
      assert.throws(() => map.update('a', () => bad), named('value.save'));
      assert.throws(() => map.update('b', () => Promise.resolve(1)), named('value'));
      assert.throws(() => map.getOrInsert('b', bad), named('value.save'));
      assert.throws(() => map.getOrInsertComputed('b', () => bad), named('value.save'));
      assert.deepEqual([...map], [['a', 1]]);
      leavesNothing(() => {
        assert.throws(
          () =>
            new SharedMap<string, unknown>([
              ['x', [1]],
              ['y', bad],
            ]),
          named('entries[1][1].save'),
        );
        assert.throws(() => new SharedMap([[{}, 1]] as never), TypeError);
        assert.throws(() => new SharedMap([1] as never), /pairs of a key and a value, not 1/);
        assert.throws(() => new SharedMap({ name: 'x' } as never), /options come second/);
        assert.throws(() => new SharedMap(null, { name: 1 } as never), TypeError);
      });
    });
  });

  test('may be changed while it is gone through', () => {
    using(newMap, (map) => {
      for (let n = 0; n < 1000; n++) map.set(n, n);
      const seen = new Set<unknown>();
      for (const [key, value] of map) {
        assert.equal(seen.has(key), false);
        seen.add(key);
        assert.equal(value, map.get(key));
        const n = Number(key);
        if (n % 2 === 0 && n < 1000) map.delete(n).valueOf();
        map.set(n + 10_000, 0);
        map.update(n % 2 === 1 ? n : 1, (old) => old);
      }
      for (let n = 1; n < 1000; n += 2) assert.ok(seen.has(n));
      map.forEach((value, key, its) => {
        assert.equal(its, map);
        assert.equal(its.get(key), value);
        its.clear();
      });
      assert.equal(map.size, 0);
      const [first] = map.set('only', 1);
      assert.deepEqual(first, ['only', 1]);
    });
  });

  test('holds the handles in its values, and lets them go', () => {
    const token = new Token();
    const references = (): number | undefined => i32[addressOf(token) + Obj.REFS];
    using(newMap, (map) => {
      map.set('a', token).set('b', [token, token]);
      assert.equal(references(), 4);
      assert.equal(map.get('a'), token);
      assert.deepEqual(map.snapshot().get('b'), [token, token]);
      map.update('a', () => 1);
      assert.equal(references(), 3);
      assert.equal(
        map.deleteIf('b', (value) => Array.isArray(value)),
        true,
      );
      assert.equal(references(), 1);
      map.set('c', { token });
      map.clear();
      assert.equal(references(), 1);
      map.set('d', token);
    });
    assert.equal(references(), 1);
    disposeHandle(token);
  });
});

// --- SharedList --------------------------------------------------------------------------------------------

interface ListStep {
  do: string;
  n: number;
  value: unknown;
  more: unknown[];
}

const listSteps = fc.array(
  fc.record({
    do: fc.constantFrom(
      'push',
      'push',
      'push',
      'pushMany',
      'pop',
      'shift',
      'shift',
      'insert',
      'remove',
      'set',
      'get',
      'update',
      'all',
      'clear',
      'burst',
    ),
    n: fc.nat(40),
    value: values,
    more: fc.array(values, { maxLength: 6 }),
  }),
  { maxLength: 150, size: 'max' },
) as fc.Arbitrary<ListStep[]>;

function listStep(
  list: SharedList<unknown>,
  model: unknown[],
  { do: action, n, value, more }: ListStep,
): void {
  switch (action) {
    case 'push':
      assert.equal(list.push(value), model.push(value));
      return;
    case 'pushMany':
      assert.equal(list.push(...more), model.push(...more));
      return;
    case 'pop':
      assert.deepStrictEqual(list.pop(), model.pop());
      return;
    case 'shift':
      assert.deepStrictEqual(list.shift(), model.shift());
      return;
    case 'insert':
      if (n > model.length) assert.throws(() => list.insert(n, value), RangeError);
      else {
        list.insert(n, value);
        model.splice(n, 0, value);
      }
      return;
    case 'remove':
      if (n >= model.length) assert.throws(() => list.remove(n), RangeError);
      else assert.deepStrictEqual(list.remove(n), model.splice(n, 1)[0]);
      return;
    case 'set':
      if (n >= model.length) assert.throws(() => list.set(n, value), RangeError);
      else {
        list.set(n, value);
        model[n] = value;
      }
      return;
    case 'get':
      if (n >= model.length) assert.throws(() => list.get(n), RangeError);
      else assert.deepStrictEqual(list.get(n), model[n]);
      assert.deepStrictEqual(list.at(n - 20), model.at(n - 20));
      return;
    case 'update':
      if (n >= model.length) assert.throws(() => list.update(n, () => value), RangeError);
      else {
        list.update(n, (old) => {
          assert.deepStrictEqual(old, model[n]);
          return value;
        });
        model[n] = value;
      }
      return;
    case 'clear':
      if (n > 10) return;
      list.clear();
      model.length = 0;
      return;
    case 'burst':
      for (let k = 0; k < n * 5; k++) {
        list.push(k);
        model.push(k);
      }
      for (let k = 0; k < n * 4; k++) assert.deepStrictEqual(list.shift(), model.shift());
      return;
    default:
      assert.deepStrictEqual(list.toArray(), model);
      assert.deepStrictEqual([...list], model);
  }
}

describe('SharedList', () => {
  test('does what a plain array would, in any order of operations', () => {
    fc.assert(
      fc.property(listSteps, (steps) => {
        using(newList, (list) => {
          const model: unknown[] = [];
          for (const step of steps) {
            listStep(list, model, step);
            assert.equal(list.length, model.length);
          }
          assert.deepStrictEqual(list.toArray(), model);
        });
      }),
      { numRuns },
    );
  });

  test('grows by doubling, and gives back what it does not need', () => {
    using(newList, (list) => {
      const before = bytesUsed();
      const count = 100_000;
      const capacities = new Set<number | undefined>();
      for (let n = 0; n < count; n++) {
        list.push(n);
        capacities.add(i32[addressOf(list) + L.CAPACITY]);
      }
      assert.ok(capacities.size <= 17, `it has moved ${capacities.size} times`);
      assert.ok(bytesUsed() - before >= count * 16);
      // As a queue, it stays as large as it is.
      for (let n = 0; n < count * 3; n++) {
        assert.equal(list.shift(), n < count ? n : count - n - 1);
        list.push(-n - 1);
      }
      assert.ok(bytesUsed() - before < count * 64);
      for (let n = 0; n < count - 1; n++) list.pop();
      assert.ok(bytesUsed() - before < 1000, `${bytesUsed() - before} bytes are left`);
    });
  });

  test('indices and values that are none', () => {
    using(newList, (list) => {
      list.push('a', 'b');
      for (const index of [2, -1, 0.5, NaN, Infinity]) {
        assert.throws(() => list.get(index), RangeError);
        assert.throws(() => list.set(index, 1), RangeError);
        assert.throws(() => list.remove(index), RangeError);
        assert.throws(() => list.update(index, () => 1), RangeError);
      }
      assert.throws(() => list.insert(3, 1), /no item 3 in this SharedList of 2; at\(\) gives undefined/);
      assert.throws(() => list.get('0' as never), TypeError);
      assert.throws(() => list.at('0' as never), TypeError);
      assert.throws(() => list.update(0, 1 as never), TypeError);
      assert.deepEqual(
        [list.at(-1), list.at(-2), list.at(-3), list.at(2), list.at(NaN), list.at(0.7)],
        ['b', 'a', undefined, undefined, 'a', 'a'],
      );
      const bad = { save: (): void => undefined };
      const named = (path: string) => (error: unknown) => error instanceof CloneError && error.path === path;
      const big = 'x'.repeat(1000);
      assert.throws(() => list.push(bad), named('items[0].save'));
      assert.throws(() => list.push(big, [1], bad), named('items[2].save'));
      assert.throws(() => list.set(0, bad), named('value.save'));
      assert.throws(() => list.set(9, big), RangeError);
      assert.throws(() => list.insert(9, big), RangeError);
      assert.throws(() => list.insert(0, bad), named('value.save'));
      assert.throws(() => list.update(0, () => bad), named('value.save'));
      leavesNothing(() => {
        assert.throws(() => new SharedList([big, bad]), named('items[1].save'));
        assert.throws(() => new SharedList({ name: 'x' } as never), /options come second/);
      });
      assert.equal(list.push(), 2);
      assert.deepEqual(list.toArray(), ['a', 'b']);
    });
  });

  test('an update of an item that goes meanwhile', () => {
    using(newList, (list) => {
      list.push('a', 'b');
      assert.throws(() => {
        list.update(1, () => {
          list.pop();
          return 'c';
        });
      }, DeadlockError);
      assert.deepEqual(list.toArray(), ['a']);
      // What it changes elsewhere does not concern it.
      list.update(0, () => {
        list.push('d');
        list.set(1, 'e');
        list.insert(1, 'f');
        list.remove(2);
        return 'c';
      });
      assert.deepEqual(list.toArray(), ['c', 'f']);
    });
  });
});

// --- SharedValue -------------------------------------------------------------------------------------------

test('SharedValue holds any value, and one at a time', () => {
  fc.assert(
    fc.property(fc.array(values, { minLength: 1 }), (all) => {
      using(
        () => new SharedValue<unknown>(all[0], { name: 'value' }),
        (value) => {
          let last = all[0];
          for (const next of all) {
            assert.deepStrictEqual(value.get(), last);
            value.set(next);
            assert.deepStrictEqual(value.get(), next);
            assert.equal(
              value.update((old) => {
                assert.deepStrictEqual(old, next);
                return last;
              }),
              last,
            );
            value.set(next);
            last = next;
          }
        },
      );
    }),
    { numRuns },
  );
});

test('SharedValue: what cannot cross', () => {
  leavesNothing(() => {
    const named = (path: string) => (error: unknown) => error instanceof CloneError && error.path === path;
    assert.throws(() => new SharedValue({ f: () => 1 }), named('value.f'));
    const value = new SharedValue<unknown>('as it was, and long enough for a payload');
    assert.throws(() => value.set({ f: () => 1 }), named('value.f'));
    assert.throws(() => value.update(() => ({ f: () => 1 })), named('value.f'));
    assert.throws(() => value.update(() => Promise.resolve()), named('value'));
    assert.throws(() => value.update(1 as never), TypeError);
    assert.equal(value.get(), 'as it was, and long enough for a payload');
    disposeHandle(value);
  });
});

// --- code of the user's in the middle ----------------------------------------------------------------------

test('an update that changes its own value is told so', () => {
  leavesNothing(() => {
    const map = new SharedMap<string | number, number>([['a', 1]]);
    const told = (error: unknown): boolean =>
      error instanceof DeadlockError && error.message.includes('Return the new value instead');
    assert.throws(() => map.update('a', (n = 0) => map.update('a', (m = 0) => m + 1) + n), told);
    assert.throws(() => map.update('a', (n = 0) => map.set('a', n + 1).size), told);
    assert.throws(() => map.update('a', () => Number(map.delete('a'))), told);
    assert.throws(() => map.update('a', () => map.getOrInsert('a', 1)), told);
    assert.throws(() => map.deleteIf('a', (n) => map.set('a', n + 1).has('a')), told);
    map.set(NaN, 1);
    assert.throws(() => map.update(NaN, (n = 0) => map.set(NaN, n + 1).size), told);
    assert.throws(() => {
      map.update('a', () => {
        map.clear();
        return 1;
      });
    }, told);
    assert.equal(map.size, 0);
    // Other keys, and its own key as it was, are no matter.
    assert.equal(
      map.update('a', (n = 0) => {
        map.set('b', 5);
        map.update('c', () => 6);
        return n + (map.get('b') ?? 0);
      }),
      5,
    );
    disposeHandle(map);
    const value = new SharedValue(1);
    assert.throws(() => value.update((n) => value.update((m) => m + 1) + n), told);
    assert.throws(() => {
      value.update((n) => {
        value.set(n + 1);
        return 0;
      });
    }, told);
    assert.equal(value.get(), 3);
    disposeHandle(value);
  });
});

test('what is encoded may use the same structures', () => {
  leavesNothing(() => {
    const map = new SharedMap<string, unknown>();
    const list = new SharedList<unknown>();
    const value = new SharedValue<unknown>(0);
    const sly = {
      get inner(): string {
        map.set('from inside, with a key that is long', 'and a value that is longer than a cell');
        list.push('from inside', { n: 1 });
        value.set([1, 2, 3]);
        return map.has('outside') ? 'second' : 'first';
      },
    };
    map.set('outside', sly);
    list.push(sly, 'x', sly);
    value.set(sly);
    assert.equal(map.getOrInsert('third', sly), sly);
    assert.deepEqual(map.get('third'), { inner: 'second' });
    assert.deepEqual(map.get('outside'), { inner: 'first' });
    assert.deepEqual(value.get(), [1, 2, 3]); // the last that was encoded stored it
    assert.deepEqual(list.toArray().slice(-3, -2), [{ n: 1 }]);
    assert.equal(list.length, 2 + 2 + 2 + 3 + 2 + 2);
    [map, list, value].forEach(disposeHandle);
  });
});

test('a handle that is disposed of in the middle', () => {
  const gone = (error: unknown): boolean => error instanceof DisposedError;
  leavesNothing(() => {
    const disposing = (handle: Shared): unknown => ({
      text: 'x'.repeat(100),
      get bad(): number {
        disposeHandle(handle);
        return 1;
      },
    });
    const inMap = (action: (map: SharedMap<string, unknown>) => unknown): void => {
      const map = new SharedMap<string, unknown>([['a', 'x'.repeat(100)]]);
      assert.throws(() => action(map), gone);
    };
    inMap((map) => map.set('a', disposing(map)));
    inMap((map) => map.getOrInsert('b', disposing(map)));
    inMap((map) => map.getOrInsertComputed('b', () => (disposeHandle(map), 'x'.repeat(100))));
    inMap((map) => map.update('a', () => disposing(map)));
    inMap((map) => map.update('a', () => (disposeHandle(map), 'x'.repeat(100))));
    inMap((map) => map.deleteIf('a', () => (disposeHandle(map), true)));
    inMap((map) => [...map.keys()].forEach(() => (disposeHandle(map), map.get('a'))));
    inMap((map) => {
      map.set('b', 1);
      for (const _ of map) disposeHandle(map);
    });
    const inList = (action: (list: SharedList<unknown>) => unknown): void => {
      const list = new SharedList<unknown>(['x'.repeat(100)]);
      assert.throws(() => action(list), gone);
    };
    inList((list) => list.push(disposing(list)));
    inList((list) => list.push(disposing(list), 'x'.repeat(100)));
    inList((list) => list.set(0, disposing(list)));
    inList((list) => list.insert(0, disposing(list)));
    inList((list) => list.update(0, () => disposing(list)));
    const value = new SharedValue<unknown>(1);
    assert.throws(() => value.set(disposing(value)), gone);
    for (const action of [() => value.get(), () => value.set(1), () => value.update(() => 1)])
      assert.throws(action, gone);
    assert.match(String(value), /disposed/);
  });
});

test('no memory: nothing has changed', () => {
  const map = new SharedMap<number, unknown>();
  const list = new SharedList<unknown>();
  const hoard: number[] = [];
  try {
    for (let n = 0; n < 2000; n++) {
      map.set(n, n);
      list.push(n);
    }
    // All that is left, in smaller and smaller pieces.
    for (let size = 2 ** 26; size >= 8;) {
      try {
        hoard.push(allocate(size));
      } catch {
        size >>= 1;
      }
    }
    const text = 'x'.repeat(20);
    const full = (error: unknown): boolean => error instanceof OutOfMemoryError;
    assert.throws(() => {
      for (let n = 2000; ; n++) map.set(n, n);
    }, full);
    assert.throws(() => map.set(1, text), full);
    assert.throws(() => map.update(1, () => text), full);
    assert.throws(() => map.update(-1, () => 1), full);
    assert.throws(() => {
      for (;;) list.push(1);
    }, full);
    assert.throws(() => list.push(text), full);
    assert.throws(() => list.push(...Array.from({ length: 5000 }, (_, n) => n)), full);
    assert.equal(map.get(1), 1);
    checkMap(map);
    const { length } = list;
    assert.equal(list.toArray().length, length);
    for (let n = 0; n < 2000; n++) assert.equal(map.delete(n), true);
    for (let n = 0; n < 2000; n++) assert.equal(list.shift(), n);
    checkMap(map);
  } finally {
    hoard.forEach(free);
  }
  [map, list].forEach(disposeHandle);
});

test('a chain of objects that hold each other is freed, however long', () => {
  leavesNothing(() => {
    let next: unknown = null;
    for (let n = 0; n < 50_000; n++) {
      const value = new SharedValue<unknown>({ n, next }, { name: '' });
      if (next !== null) disposeHandle(next as SharedValue<unknown>);
      next = value;
    }
    disposeHandle(next as SharedValue<unknown>);
  });
});

test('what was found by trying to break it stays mended', () => {
  const map = new SharedMap<string, unknown>([['k', [1]]]);
  assert.deepEqual([map.take('k'), map.take('k'), map.size], [[1], undefined, 0]);
  const list = new SharedList<string>();
  for (let n = 0; n < 3000; n++) list.push('several at a time', 'and', 'again');
  assert.equal(list.length, 9000);
  const Point = struct({ x: 'i32' });
  const point = new Point({ x: 1 });
  const guarded = new Guarded(point);
  const guard = guarded.acquire();
  assert.equal(guard.value, point);
  const before = bytesUsed();
  guard.release();
  assert.equal(bytesUsed(), before, 'a struct is not written back');
  guarded.with((value) => (value.x = 2));
  assert.equal(point.x, 2);
});

// --- deaths ------------------------------------------------------------------------------------------------

/** Values that are decoded without the caches of this thread's own, which a death in the middle spoils. */
function someValue(n: number): unknown {
  return n % 3 === 0 ? n : n % 3 === 1 ? `a text, ${n}, that does not fit into a cell` : [n, [n]];
}

test(`SharedMap is whole after ${deaths} deaths, and the step in hand was made or not`, () => {
  const map = new SharedMap<string | number, unknown>();
  const model = new Map<string | number, unknown>();
  let n = 0;
  for (let death = 0; death < deaths; death++) {
    let step: { key: string | number; value: unknown } | 'clear' | undefined;
    dieIn(() => {
      for (;;) {
        n = (Math.imul(n, 1_103_515_245) + 12_345) & 0x7fff_ffff;
        const key = n % 5 === 0 ? `key ${n % 601}` : n % 601;
        const value = (n >> 8) % 4 === 0 ? undefined : someValue(n);
        step = (n >> 10) % 500 === 0 ? 'clear' : { key, value };
        if (step === 'clear') {
          map.clear();
          model.clear();
        } else if (value === undefined) {
          map.delete(key);
          model.delete(key);
        } else {
          if ((n >> 12) % 3 === 0) map.update(key, () => value);
          else map.set(key, value);
          model.set(key, value);
        }
        step = undefined;
      }
    });
    checkMap(map);
    const real = map.snapshot();
    if (step === 'clear') {
      if (real.size === 0) model.clear();
    } else if (step !== undefined) {
      const { key, value } = step;
      if (!real.has(key)) {
        if (value === undefined) model.delete(key);
      } else if (value !== undefined && JSON.stringify(real.get(key)) === JSON.stringify(value))
        model.set(key, value);
    }
    sameEntries(real, model);
  }
  disposeHandle(map);
});

test(`SharedList is whole after ${deaths} deaths, and the step in hand was made or not`, () => {
  const list = new SharedList<unknown>();
  let model: unknown[] = [];
  let n = 0;
  for (let death = 0; death < deaths; death++) {
    let after: unknown[] = [];
    dieIn(() => {
      for (;;) {
        n = (Math.imul(n, 1_103_515_245) + 12_345) & 0x7fff_ffff;
        const value = someValue(n);
        const place = model.length === 0 ? 0 : (n >> 8) % model.length;
        const action = model.length > 300 ? 6 + ((n >> 5) % 3) : (n >> 5) % 10;
        after = [...model];
        if (action < 2) after.push(value);
        else if (action < 3) after.push(value, n, value);
        else if (action < 5) after.splice(place, 0, value);
        else if (action < 6 && after.length > 0) after[place] = value;
        else if (action < 7 && after.length > 0) after.splice(place, 1);
        else if (action < 8) after.shift();
        else if (action < 9) after.pop();
        else if (n % 200 === 0) after = [];
        if (action < 2) list.push(value);
        else if (action < 3) list.push(value, n, value);
        else if (action < 5) list.insert(place, value);
        else if (action < 6 && model.length > 0) list.set(place, value);
        else if (action < 7 && model.length > 0) list.remove(place);
        else if (action < 8) list.shift();
        else if (action < 9) list.pop();
        else if (n % 200 === 0) list.clear();
        model = after;
      }
    });
    const real = list.toArray();
    try {
      assert.deepStrictEqual(real, model);
    } catch {
      assert.deepStrictEqual(real, after);
      model = after;
    }
  }
  disposeHandle(list);
});
