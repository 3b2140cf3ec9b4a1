/**
 * Parts of shared objects as values of their own: a struct in an array of structs, a window on an array in a struct.
 *
 * A part has no handle and no count of references: it holds its whole, and crosses as the address of that and
 * whatever tells which part it is.
 */
import { HeddleError } from '../base/errors.js';
import { addressOf, kindOf, type Shared } from './object.js';

/** A method by this name tells what a value is a part of. */
const PART: unique symbol = Symbol('heddle.part');

/** What a value is a part of, and which one. `which` is plain data. */
export interface Part {
  readonly whole: Shared;
  readonly which: unknown;
}

/** Says of the instances of a class that they are parts, and of what. */
export function defineParts<T extends object>(
  { prototype }: { prototype: T },
  tell: (value: T) => Part,
): void {
  Object.defineProperty(prototype, PART, {
    value(this: T) {
      return tell(this);
    },
  });
}

/** What `value` is a part of; undefined if it is none. */
export function partOf(value: object): Part | undefined {
  return (value as { [PART]?: () => Part })[PART]?.();
}

/** The part of `whole` that `which` names. */
export function partIn(whole: Shared, which: unknown): unknown {
  const kind = kindOf(addressOf(whole));
  if (kind.part === undefined) throw new HeddleError(`internal: a ${kind.name} has no parts`);
  return kind.part(whole, which);
}
