import { checkCount } from '../base/arguments.js';
import { INSPECT, type Inspect } from '../memory/object.js';
import { defineParts } from '../memory/part.js';
import { type ElementAccess, takeFor } from './access.js';
import { refuseOthers } from './strict-prototype.js';
import type { StructMemory } from './struct-memory.js';
import type { FixedArray } from './struct-types.js';

/** Elements that are printed of a longer array. */
const PRINTED = 100;

/** See {@link FixedArray}, which is what users know of it. */
export class Elements<T, I = T | Partial<T>> implements FixedArray<T, I> {
  readonly length: number;
  readonly #memory: StructMemory;
  /** Bytes from the beginning of the memory. */
  readonly #at: number;
  readonly #element: ElementAccess;

  /** @internal */
  constructor(memory: StructMemory, at: number, length: number, element: ElementAccess) {
    this.#memory = memory;
    this.#at = at;
    this.#element = element;
    this.length = length;
  }

  static {
    defineParts(Elements, (array) => {
      const memory = array.#used();
      return memory.root === array
        ? { whole: memory, which: 0 }
        : array.#element.partOfArray(memory, array.#at, array.length);
    });
  }

  get(index: number): T {
    return this.#element.read(this.#memory, this.#place(index)) as T;
  }

  set(index: number, value: I): void {
    this.#place(index); // first of all: what is wrong with the index comes before what is wrong with the value
    const taken = takeFor(this.#element, `[${index}]`, value);
    this.#element.write(this.#memory, this.#place(index), taken);
  }

  fill(value: I): this {
    const taken = takeFor(this.#element, '[]', value);
    const memory = this.#used();
    const { size } = this.#element;
    const end = this.#at + this.length * size;
    for (let place = this.#at; place < end; place += size) this.#element.write(memory, place, taken);
    return this;
  }

  subarray(begin: number = 0, end: number = this.length): Elements<T, I> {
    const first = this.#bound('begin', begin);
    const length = Math.max(0, this.#bound('end', end) - first);
    return new Elements(this.#used(), this.#at + first * this.#element.size, length, this.#element);
  }

  /** An end of a piece, as Array's `slice` has it: negative ones count from the end, others are cut off. */
  #bound(what: string, index: number): number {
    checkCount(what, Math.abs(index), 0, Number.MAX_SAFE_INTEGER);
    return index < 0 ? Math.max(0, this.length + index) : Math.min(index, this.length);
  }

  /** Where an element begins, in bytes from the beginning of the memory. */
  #place(index: number): number {
    // Whole and in range, at once; what is wrong with it is found out by checkCount.
    if (!(index >>> 0 === index && index < this.length)) {
      if (this.length === 0) throw new RangeError('this array has no elements');
      checkCount('index', index, 0, this.length - 1);
    }
    this.#used();
    return this.#at + index * this.#element.size;
  }

  #used(): StructMemory {
    const memory = this.#memory;
    if (memory.base === 0) throw memory.disposed();
    return memory;
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let index = 0; index < this.length; index++) yield this.get(index);
  }

  toJSON(): unknown[] {
    return this.#plain(this.length);
  }

  /** How `console.log` prints it. */
  inspect(inspect: (value: unknown) => string): string {
    if (this.#memory.base === 0) return 'FixedArray { disposed }';
    const elements = this.#plain(Math.min(this.length, PRINTED));
    const rest = this.length - elements.length;
    const more = rest === 0 ? '' : ` and ${rest} more`;
    return `FixedArray(${this.length}) ${inspect(elements)}${more}`;
  }

  /** The first elements as plain data. */
  #plain(length: number): unknown[] {
    return Array.from({ length }, (_, index) => this.#element.toPlain(this.#memory, this.#place(index)));
  }

  [Symbol.dispose](): void {
    if (this.#memory.root === this) this.#memory.dispose();
  }
}

Object.defineProperty(Elements.prototype, INSPECT, {
  value(this: Elements<unknown>, _depth: number, options: object, inspect: Inspect) {
    return this.inspect((value) => inspect(value, options));
  },
});

refuseOthers(Elements, {
  set: (_, key) =>
    new TypeError(
      /^\d+$/.test(key)
        ? `a FixedArray is written with set(${key}, value), not with [${key}]`
        : `a FixedArray has no property ${key} that could be set`,
    ),
  index: (_, key) => new TypeError(`a FixedArray is read with get(${key}), not with [${key}]`),
});
