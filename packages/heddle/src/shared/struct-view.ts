/**
 * What users see of a struct: an object whose properties are the fields. It is a place in a struct's memory, and there
 * may be any number of views of one place; a struct that stands alone has one view in a thread, so that the same struct
 * received twice is `===`.
 *
 * A view that is a part of something larger crosses as `[place, offset]`: the index of its shape in the places of the
 * whole (struct-layout.ts), and where it begins, in bytes. The whole crosses as 0.
 */
import { describe } from '../base/arguments.js';
import { defineParts, type Part } from '../memory/part.js';
import type { Layout, Shape } from './struct-layout.js';
import type { StructMemory } from './struct-memory.js';

/** The word address at which a view's struct begins. @throws DisposedError */
export let startOf: (view: StructView) => number;
/** The memory that a view is a view of. */
export let memoryOf: (view: StructView) => StructMemory;
/** Whether something is a view of a struct with this layout. */
export let isViewOf: (value: unknown, layout: Layout) => value is StructView;

/** The base of every class that `struct` makes. Its state is private: every other name may be a field's. */
export abstract class StructView implements Disposable {
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
    startOf = (view) => {
      const { base } = view.#memory;
      if (base === 0) throw view.#memory.disposed();
      return base + view.#at;
    };
    memoryOf = (view) => view.#memory;
    isViewOf = (value, layout): value is StructView =>
      typeof value === 'object' && value !== null && #layout in value && value.#layout === layout;
    defineParts(StructView, (view) => {
      const memory = view.#memory;
      if (memory.base === 0) throw memory.disposed();
      if (memory.root === view) return { whole: memory, which: 0 };
      const own = view.#layout;
      return partAt(memory, (place) => place.form === 'struct' && place.layout === own, view.#at * 4);
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
 * Above all views: a property that no view has. Without it, a misspelt field would become a property of this one
 * view, and what is written to it would never reach the struct. Reading one gives `undefined`, as everywhere.
 */
Object.setPrototypeOf(
  StructView.prototype,
  new Proxy(Object.prototype, {
    set(_target, key, value, view) {
      throw new TypeError(
        `${(view as object).constructor.name} has no field ${String(key)} that could be set to ${describe(value)}`,
      );
    },
  }),
);
