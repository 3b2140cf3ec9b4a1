/**
 * What users see of a struct: an object whose properties are the fields. It is a place in a struct's memory, and one
 * place may have any number of instances; a struct that stands alone has one in a thread, so that the same struct
 * received twice is `===`.
 *
 * An instance that is a part of something larger crosses as `[place, offset]`: the index of its shape in the places of
 * the whole (struct-layout.ts), and where it begins, in bytes. The whole crosses as 0.
 */
import { describe } from '../base/arguments.js';
import { defineParts, type Part } from '../memory/part.js';
import type { Layout, Shape } from './struct-layout.js';
import type { StructMemory } from './struct-memory.js';

/** The word address at which an instance's struct begins. @throws DisposedError */
export let startOf: (instance: StructInstance) => number;
/** The memory that an instance is a place in. */
export let memoryOf: (instance: StructInstance) => StructMemory;
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
      const { base } = instance.#memory;
      if (base === 0) throw instance.#memory.disposed();
      return base + instance.#at;
    };
    memoryOf = (instance) => instance.#memory;
    isInstance = (value, layout): value is StructInstance =>
      typeof value === 'object' && value !== null && #layout in value && value.#layout === layout;
    defineParts(StructInstance, (instance) => {
      const memory = instance.#memory;
      if (memory.base === 0) throw memory.disposed();
      if (memory.root === instance) return { whole: memory, which: 0 };
      const own = instance.#layout;
      return partAt(memory, (place) => place.form === 'struct' && place.layout === own, instance.#at * 4);
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

/** The part of a memory that has a certain shape and begins at an offset in bytes. */
export function partAt(memory: StructMemory, is: (place: Shape) => boolean, offset: number): Part {
  return { whole: memory, which: [memory.layout.places.findIndex(is), offset] };
}

/**
 * Above all instances: a property that none has. Without it, a misspelt field would become a property of this one
 * instance, and what is written to it would never reach the struct. Reading one gives `undefined`, as everywhere.
 */
Object.setPrototypeOf(
  StructInstance.prototype,
  new Proxy(Object.prototype, {
    set(_target, key, value, instance) {
      throw new TypeError(
        `${(instance as object).constructor.name} has no field ${String(key)} that could be set to ${describe(value)}`,
      );
    },
  }),
);
