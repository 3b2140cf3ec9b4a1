/** How values in the memory of structs are read and written: the interface between structs, arrays and what is in them. */
import type { Part } from '../memory/part.js';
import type { StructMemory } from './struct-memory.js';
import { Unfit } from './unfit.js';

/**
 * How values of one shape are read and written. Offsets are bytes from the beginning of the memory.
 *
 * Writing has two steps. `take` checks what a user gives, and keeps it: it reads everything once, and runs whatever code
 * of the user's there is in getters and iterators. `write` then puts what was taken in its place and runs none. So a
 * value that is refused anywhere inside leaves everything as it was, and so does one that refers to what it replaces.
 */
export interface Access<Taken = unknown> {
  /** Bytes. */
  readonly size: number;
  readonly read: (memory: StructMemory, offset: number) => unknown;
  /** @throws Unfit */
  readonly take: (value: unknown) => Taken;
  /** Takes the value at a place. */
  readonly copy: (memory: StructMemory, offset: number) => Taken;
  readonly write: (memory: StructMemory, offset: number, taken: Taken) => void;
  /** Sets all of it to zero, but for fields that have a lock, a queue … of their own. */
  readonly clear: (memory: StructMemory, offset: number) => void;
  /** The value as plain data, for people and for JSON. */
  readonly toPlain: (memory: StructMemory, offset: number) => unknown;
}

/** The access to an array's elements, which also tells how the array crosses. */
export interface ElementAccess extends Access {
  readonly partOfArray: (memory: StructMemory, offset: number, length: number) => Part;
}

/**
 * Takes a value for the place that users know as `root`.
 * @throws TypeError, RangeError, and what the user's code throws
 */
export function takeFor<Taken>(access: Pick<Access<Taken>, 'take'>, root: string, value: unknown): Taken {
  try {
    return access.take(value);
  } catch (error) {
    throw error instanceof Unfit ? error.toError(root) : error;
  }
}
