import type { Named } from '../base/arguments.js';
import { checkFunction, checkOptions, describe } from '../base/arguments.js';
import { i32, i64 } from '../memory/heap.js';
import type { Kind, MadeBy } from '../memory/object.js';
import { adopt, disposeHandle } from '../memory/handles.js';
import { addressOf, Attach, createObject, defineKind, KindId, Obj, Shared } from '../memory/object.js';

/** What an {@link Atomic} can hold. */
export type AtomicKind = 'i32' | 'u32' | 'i64' | 'f64' | 'bool';

/** The JavaScript type of an {@link Atomic}'s value. */
export type AtomicValue<K extends AtomicKind> = K extends 'bool'
  ? boolean
  : K extends 'i64'
    ? bigint
    : number;

/** Which of {@link CELLS} the object is; written once, by its maker. */
const TYPE = Obj.BODY;
/** The value: one word, or two for the 64-bit kinds. Atomics only. */
const VALUE = Obj.BODY + 2;
const WORDS: number = Obj.BODY + 4;

/** How one kind lies in memory. `bits` and `value` turn a value into what is compared and exchanged, and back. */
interface Cell {
  readonly kind: AtomicKind;
  check(value: unknown): boolean;
  load(at: number): unknown;
  /** Exchanges if the bits at `at` are those of `expected`; returns the old value. */
  compareExchange(at: number, expected: unknown, value: unknown): unknown;
  exchange(at: number, value: unknown): unknown;
  /** The sum as the kind holds it, or undefined if the kind has no arithmetic. */
  sum(value: unknown, delta: unknown): unknown;
  isSame(a: unknown, b: unknown): boolean;
}

const CELLS: readonly Cell[] = [
  {
    kind: 'i32',
    check: (value) => typeof value === 'number' && value === (value | 0),
    load: (at) => Atomics.load(i32, at),
    compareExchange: (at, expected, value) =>
      Atomics.compareExchange(i32, at, expected as number, value as number),
    exchange: (at, value) => Atomics.exchange(i32, at, value as number),
    sum: (value, delta) => ((value as number) + (delta as number)) | 0,
    isSame: Object.is,
  },
  {
    kind: 'u32',
    check: (value) => typeof value === 'number' && value === value >>> 0,
    load: (at) => Atomics.load(i32, at) >>> 0,
    compareExchange: (at, expected, value) =>
      Atomics.compareExchange(i32, at, (expected as number) | 0, (value as number) | 0) >>> 0,
    exchange: (at, value) => Atomics.exchange(i32, at, (value as number) | 0) >>> 0,
    sum: (value, delta) => ((value as number) + (delta as number)) >>> 0,
    isSame: Object.is,
  },
  {
    kind: 'i64',
    check: (value) => typeof value === 'bigint' && value === BigInt.asIntN(64, value),
    load: (at) => Atomics.load(i64, at >> 1),
    compareExchange: (at, expected, value) =>
      Atomics.compareExchange(i64, at >> 1, expected as bigint, value as bigint),
    exchange: (at, value) => Atomics.exchange(i64, at >> 1, value as bigint),
    sum: (value, delta) => BigInt.asIntN(64, (value as bigint) + (delta as bigint)),
    isSame: Object.is,
  },
  {
    kind: 'f64',
    check: (value) => typeof value === 'number',
    load: (at) => toFloat(Atomics.load(i64, at >> 1)),
    compareExchange: (at, expected, value) =>
      toFloat(Atomics.compareExchange(i64, at >> 1, toBits(expected as number), toBits(value as number))),
    exchange: (at, value) => toFloat(Atomics.exchange(i64, at >> 1, toBits(value as number))),
    sum: (value, delta) => (value as number) + (delta as number),
    isSame: Object.is,
  },
  {
    kind: 'bool',
    check: (value) => typeof value === 'boolean',
    load: (at) => Atomics.load(i32, at) === 1,
    compareExchange: (at, expected, value) =>
      Atomics.compareExchange(i32, at, expected === true ? 1 : 0, value === true ? 1 : 0) === 1,
    exchange: (at, value) => Atomics.exchange(i32, at, value === true ? 1 : 0) === 1,
    sum: () => undefined,
    isSame: Object.is,
  },
];

const floatBits = new DataView(new ArrayBuffer(8));

/** The bits of a float, with one pattern for all NaNs, so that a NaN can be compared and exchanged. */
function toBits(value: number): bigint {
  floatBits.setFloat64(0, Number.isNaN(value) ? NaN : value);
  return floatBits.getBigInt64(0);
}

function toFloat(bits: bigint): number {
  floatBits.setBigInt64(0, bits);
  return floatBits.getFloat64(0);
}

const kind: Kind = defineKind({
  id: KindId.ATOMIC,
  name: 'Atomic',
  handles: () => Atomic,
  attach: (address) => new Atomic(new Attach(address) as unknown as 'i32'),
});

/**
 * One number or flag that all threads see and change in single steps.
 *
 * Nothing here blocks. *Happens before*: all operations on one atomic have one order that all threads agree on, and
 * everything before a write happens before everything after an operation that sees it.
 *
 * Values are checked, not wrapped: storing 2 ** 40 in an `i32` is an error. `add` and `sub` wrap around as the kind
 * does. `i64` has bigints.
 *
 * @example
 * ```ts
 * const hits = new Atomic('i32');
 * hits.add(1);
 * const peak = new Atomic('f64');
 * peak.update((value) => Math.max(value, sample));
 * ```
 */
export class Atomic<K extends AtomicKind> extends Shared implements Disposable {
  readonly #cell: Cell;

  /**
   * @param kind what it holds
   * @param initial 0 or false if omitted
   * @throws TypeError for an unknown kind; RangeError if `initial` is no value of the kind
   */
  constructor(kind: K, initial?: AtomicValue<K>, options?: Named) {
    if ((kind as unknown) instanceof Attach) {
      super((kind as unknown as Attach).address);
      this.#cell = CELLS[i32[this.address + TYPE]!]!; // written by the maker from the same list
      return;
    }
    const cell = CELLS.find((one) => one.kind === kind);
    if (cell === undefined) {
      throw new TypeError(
        `an Atomic is of kind ${CELLS.map((one) => one.kind).join(', ')}, not ${describe(kind)}`,
      );
    }
    if (initial !== undefined) checkValue(cell, initial);
    super(makeAtomic(cell, options, new.target));
    this.#cell = cell;
    adopt(this, this.address);
    if (initial !== undefined) cell.exchange(this.address + VALUE, initial);
  }

  /** What it holds. */
  get kind(): K {
    return this.#cell.kind as K;
  }

  /** The value now. */
  load(): AtomicValue<K> {
    return this.#cell.load(addressOf(this) + VALUE) as AtomicValue<K>;
  }

  /** Replaces the value. @throws RangeError if it is no value of the kind */
  store(value: AtomicValue<K>): void {
    this.exchange(value);
  }

  /** Replaces the value and returns the old one. @throws RangeError if it is no value of the kind */
  exchange(value: AtomicValue<K>): AtomicValue<K> {
    return this.#cell.exchange(addressOf(this) + VALUE, checkValue(this.#cell, value)) as AtomicValue<K>;
  }

  /**
   * Replaces the value if it is `expected`, and returns the old one: it was replaced if that is `expected`.
   *
   * @throws RangeError if either is no value of the kind
   */
  compareExchange(expected: AtomicValue<K>, value: AtomicValue<K>): AtomicValue<K> {
    checkValue(this.#cell, expected);
    checkValue(this.#cell, value);
    return this.#cell.compareExchange(addressOf(this) + VALUE, expected, value) as AtomicValue<K>;
  }

  /** Adds `delta` and returns the old value. @throws RangeError for a bool or a delta that is no value of the kind */
  add(delta: AtomicValue<K>): AtomicValue<K> {
    return this.#shift(delta, delta);
  }

  /** Subtracts `delta` and returns the old value. @throws RangeError as {@link add} */
  sub(delta: AtomicValue<K>): AtomicValue<K> {
    return this.#shift(delta, negate(delta));
  }

  /**
   * Replaces the value by `fn` of it, in one step, and returns the new value. `fn` is called again if another thread
   * changed the value meanwhile, so it should only compute.
   *
   * @throws RangeError if `fn` returns no value of the kind, and whatever `fn` throws; the value is unchanged then
   */
  update(fn: (value: AtomicValue<K>) => AtomicValue<K>): AtomicValue<K> {
    checkFunction('fn', fn);
    const cell = this.#cell;
    const at = addressOf(this) + VALUE;
    for (;;) {
      const old = cell.load(at) as AtomicValue<K>;
      const next = checkValue(cell, fn(old)) as AtomicValue<K>;
      if (cell.isSame(cell.compareExchange(at, old, next), old)) return next;
    }
  }

  #shift(delta: AtomicValue<K>, by: AtomicValue<K>): AtomicValue<K> {
    const cell = this.#cell;
    if (cell.kind === 'bool')
      throw new RangeError('an Atomic of kind bool has no arithmetic; use exchange or update');
    checkValue(cell, delta);
    const at = addressOf(this) + VALUE;
    if (cell.kind === 'i32' || cell.kind === 'u32') {
      const old = Atomics.add(i32, at, by as number);
      return (cell.kind === 'i32' ? old : old >>> 0) as AtomicValue<K>;
    }
    for (;;) {
      const old = cell.load(at);
      if (cell.isSame(cell.compareExchange(at, old, cell.sum(old, by)), old)) return old as AtomicValue<K>;
    }
  }

  /** Gives this thread's handle back at once. Using it afterwards throws DisposedError. */
  [Symbol.dispose](): void {
    disposeHandle(this);
  }

  protected override describeState(): string {
    return `${this.#cell.kind} ${String(this.load())}`;
  }
}

function makeAtomic(cell: Cell, options: Named | undefined, maker: MadeBy): number {
  const address = createObject(kind, WORDS, checkOptions(options).name, maker);
  i32[address + TYPE] = CELLS.indexOf(cell);
  return address;
}

function checkValue(cell: Cell, value: unknown): unknown {
  if (cell.check(value)) return value;
  throw new RangeError(`${describe(value)} is no value of an Atomic of kind ${cell.kind}`);
}

function negate<T>(value: T): T {
  return (typeof value === 'bigint' ? -value : typeof value === 'number' ? -value : value) as T;
}
