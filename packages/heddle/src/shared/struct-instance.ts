/**
 * What users see of a struct: an object whose properties are the fields. It is a place in a struct's memory, and one
 * place may have any number of instances; a struct that stands alone has one in a thread, so that the same struct
 * received twice is `===`.
 *
 * Parts of something larger cross as plain data, with a *place*, the index of a shape in the places of the whole
 * (struct-layout.ts), and an offset in bytes:
 *
 * | part | crosses as |
 * | --- | --- |
 * | the whole | 0 |
 * | a struct | `[place, offset]` |
 * | numbers of an array | `[kind, offset, length]` (window.ts) |
 * | other elements of an array | `[place, offset, length, 1]`, with the place of an element |
 */
import { describe } from '../base/arguments.js';
import { defineParts, type Part } from '../memory/part.js';
import { refuseOthers } from './strict-prototype.js';
import type { Layout, Shape } from './struct-layout.js';
import type { StructMemory } from './struct-memory.js';

/** The word address at which an instance's struct begins. @throws DisposedError */
export let startOf: (instance: StructInstance) => number;
/** The memory that an instance is a place in. */
export let memoryOf: (instance: StructInstance) => StructMemory;
/** Whether something is a struct. */
export let isStruct: (value: object) => value is StructInstance;
/** Whether something is an instance of the struct with this layout. */
export let isInstance: (value: unknown, layout: Layout) => value is StructInstance;

/** The base of every class that `struct` makes. Its state is private: every other name may be a field's. */
export abstract class StructInstance implements Disposable {
  readonly #memory: StructMemory;
  /** Words from the beginning of the memory. */
  readonly #at: number;
  readonly #layout: Layout;

  /** @internal */
  constructor(memory: StructMemory, at: number, layout: Layout) {
    this.#memory = memory;
    this.#at = at;
    this.#layout = layout;
  }

  static {
    startOf = (instance) => {
      if (!(#memory in instance)) throw noStruct(instance);
      const { base } = instance.#memory;
      if (base === 0) throw instance.#memory.disposed();
      return base + instance.#at;
    };
    memoryOf = (instance) => {
      if (!(#memory in instance)) throw noStruct(instance);
      return instance.#memory;
    };
    isStruct = (value): value is StructInstance => #memory in value;
    isInstance = (value, layout): value is StructInstance =>
      typeof value === 'object' && value !== null && #layout in value && value.#layout === layout;
    defineParts(StructInstance, (instance) => {
      const memory = memoryOf(instance);
      if (memory.base === 0) throw memory.disposed();
      if (memory.root === instance) return { whole: memory, which: 0 };
      const own = instance.#layout;
      return partAt(
        memory,
        (place) => place.form === 'struct' && place.layout === own,
        (startOf(instance) - memory.base) * 4,
      );
    });
  }

  /**
   * Gives this thread's handle back at once, instead of when it is collected as garbage; using the struct afterwards
   * throws DisposedError. A struct in an array or in another struct goes with that.
   */
  [Symbol.dispose](): void {
    if (this.#memory.root === this) this.#memory.dispose();
  }
}

/** The error for something that has a struct's properties and is none: a proxy, or an object that inherits from one. */
export function noStruct(value: object): TypeError {
  return new TypeError(
    `this is no struct, but an object that stands for one or inherits from it (${describe(value)}): use the struct itself`,
  );
}

/**
 * The part of a memory that has a certain shape and begins at an offset in bytes: a struct, or if `length` is given so
 * many elements of an array.
 */
export function partAt(
  memory: StructMemory,
  is: (place: Shape) => boolean,
  offset: number,
  length?: number,
): Part {
  const place = memory.layout.places.findIndex(is);
  return { whole: memory, which: length === undefined ? [place, offset] : [place, offset, length, 1] };
}

refuseOthers(StructInstance, {
  set: (of, key, value) =>
    new TypeError(`${of.constructor.name} has no field ${key} that could be set to ${describe(value)}`),
});
