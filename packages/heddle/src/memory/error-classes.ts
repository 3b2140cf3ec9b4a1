/**
 * The classes of errors that stay themselves when they cross. An error of any other class arrives as the nearest
 * of these that it extends.
 */
import * as heddle from '../base/errors.js';
import { withFrames } from '../base/site.js';

type ErrorClass = abstract new (...args: never[]) => Error;

const classes = new Map<string, ErrorClass>();
const names = new Map<unknown, string>();

/** Makes a class known, by its name. Each module that has one of its own does so once. */
function defineErrorClass(known: ErrorClass): void {
  classes.set(known.name, known);
  names.set(known.prototype, known.name);
}

[
  Error,
  AggregateError,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  ...Object.values(heddle),
].forEach(defineErrorClass);

/** The name under which an error's class is known. */
export function errorClassOf(error: Error): string {
  let prototype: unknown = Object.getPrototypeOf(error);
  while (prototype !== null) {
    const name = names.get(prototype);
    if (name !== undefined) return name;
    prototype = Object.getPrototypeOf(prototype);
  }
  return classes.has(error.name) ? error.name : 'Error'; // of another realm, such as a vm context
}

/** An error of the class with this name, without its constructor having run, and without a message. */
export function createError(name: string): Error {
  // Its stack is replaced at once.
  return withFrames(0, () => Reflect.construct(Error, [], classes.get(name) ?? Error) as Error);
}

/** The name that an error of this class has if it says nothing else. */
export function inheritedName(className: string): string {
  const prototype = (classes.get(className) ?? Error).prototype as Error;
  return prototype.name;
}
