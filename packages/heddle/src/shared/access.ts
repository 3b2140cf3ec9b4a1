/** The interface between arrays and structs, and the values in them. */
import type { Part } from '../memory/part.js';
import type { StructMemory } from './struct-memory.js';

/** How values of one shape are read and written. */
export interface Access {
  /** Bytes. */
  readonly size: number;
  read(memory: StructMemory, offset: number): unknown;
  /** @throws TypeError, RangeError */
  check(value: unknown, path: string): void;
  /** Writes a value that has been checked. */
  write(memory: StructMemory, offset: number, value: unknown): void;
  /** Sets all of it to zero. */
  clear(memory: StructMemory, offset: number): void;
  /** The value as plain data, for people and for JSON. */
  toPlain(memory: StructMemory, offset: number): unknown;
}

/** The access to an array's elements, which also tells how the array crosses. */
export interface ElementAccess extends Access {
  partOfArray(memory: StructMemory, offset: number, length: number): Part;
}
