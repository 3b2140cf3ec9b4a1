/**
 * How a function is named so that another thread can find it again, and what is known about functions here.
 */

/** A function of a module, found by importing the module. */
export interface ModuleTarget {
  readonly kind: 'module';
  /** URL of the module. */
  readonly module: string;
  /** The export it goes by. */
  readonly name: string;
  /** Its source text, where the name alone may not be enough. */
  readonly source?: string;
}

/** A function that uses nothing from around it, made again from its source text. */
export interface InlineTarget {
  readonly kind: 'inline';
  /** An expression whose value is the function. */
  readonly source: string;
  /** What the function calls itself; empty if it has no name. */
  readonly name: string;
  /** URL of the module it was written in, from which it imports. */
  readonly module?: string;
  /** Where the text stands in the file that people wrote, for stacks; line and column count from zero. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

/** Names a function for all threads. It consists of strings and numbers, so it crosses as it is. */
export type TargetRef = ModuleTarget | InlineTarget;

/** A function with any arguments. */
export type AnyFunction = (...args: never[]) => unknown;

/** The references of functions that were described, tagged or found in this thread. */
const known = new WeakMap<object, TargetRef>();

/** The reference of a function that has one already. */
export function knownTarget(fn: object): TargetRef | undefined {
  return known.get(fn);
}

/** Says how a function is named. What was said first holds: a tag by `task()` precedes all else. */
export function rememberTarget(fn: object, ref: TargetRef): TargetRef {
  const before = known.get(fn);
  if (before !== undefined) return before;
  known.set(fn, ref);
  return ref;
}
