import { checkCount } from '../base/arguments.js';
import { INSPECT, type Inspect } from '../memory/object.js';
import { defineParts } from '../memory/part.js';
import type { ElementAccess } from './access.js';
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
      const memory = array.#memory;
      if (memory.base === 0) throw memory.disposed();
      return memory.root === array
        ? { whole: memory, which: 0 }
        : array.#element.partOfArray(memory, array.#at, array.length);
    });
  }

  get(index: number): T {
    return this.#element.read(this.#memory, this.#place(index)) as T;
  }

  set(index: number, value: I): void {
    const place = this.#place(index);
    this.#element.check(value, `[${String(index)}]`);
    this.#element.write(this.#memory, place, value);
  }

  fill(value: I): this {
    for (let index = 0; index < this.length; index++) this.set(index, value);
    return this;
  }

  #place(index: number): number {
    // Whole and in range, at once; what is wrong with it is found out by checkCount.
    if (!(index >>> 0 === index && index < this.length)) {
      if (this.length === 0) throw new RangeError('this array has no elements');
      checkCount('index', index, 0, this.length - 1);
    }
    const memory = this.#memory;
    if (memory.base === 0) throw memory.disposed();
    return this.#at + index * this.#element.size;
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
    const more = rest === 0 ? '' : ` and ${String(rest)} more`;
    return `FixedArray(${String(this.length)}) ${inspect(elements)}${more}`;
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
