/**
 * Why a value cannot cross, on its way from where that was found up to where encoding began. Each level that it
 * passes adds its step of the path, so a path costs nothing unless it is needed.
 */
import { describe, withArticle } from '../base/arguments.js';
import { CloneError } from '../base/errors.js';

/** Users never see it: encode() turns it into a CloneError. */
export class Refusal extends Error {
  /** From the inside to the outside. */
  readonly steps: string[] = [];
  readonly what: string;
  readonly why: string;

  /** Reads as `args[0].save is ${what}: ${why}`. */
  constructor(what: string, why: string) {
    super(what);
    this.what = what;
    this.why = why;
  }

  /** The error for the user. `root` is where encoding began, such as `result`; without one, the first step is. */
  toError(root: string): CloneError {
    const steps = this.steps.reverse().join('');
    const path = root === '' ? steps.replace(/^\./, '') : root + steps;
    return new CloneError(`${path} is ${this.what}: ${this.why}`, path);
  }
}

/** Adds a step to a refusal on its way out; other errors stay as they are. To be thrown again. */
export function through<K>(error: unknown, step: (key: K) => string, key: K): unknown {
  if (error instanceof Refusal) error.steps.push(step(key));
  return error;
}

/** `.name`, `[0]` or `["odd key"]`. */
export function property(key: string | number): string {
  if (typeof key === 'number' || /^(0|[1-9]\d{0,9})$/.test(key)) return `[${String(key)}]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** `.get("name")`: the value of a map's entry. */
export function mapValue(key: unknown): string {
  return `.get(${describe(key)})`;
}

/** `(map key)`: a key of a map. */
export function mapKey(): string {
  return '(map key)';
}

/** `(set item)`: a member of a set. */
export function setItem(): string {
  return '(set item)';
}

const ADVICE: readonly (readonly [string, string])[] = [
  ['Promise', 'await it first, and pass what it gives'],
  ['WeakMap', 'weak collections cannot be listed; pass a Map'],
  ['WeakSet', 'weak collections cannot be listed; pass a Set'],
  ['WeakRef', 'pass the object itself: value.deref()'],
  ['Generator', 'its state cannot be copied; pass an array of what it yields, or put that into a Queue'],
  ['AsyncGenerator', 'its state cannot be copied; put what it yields into a Queue'],
  ['URL', 'pass its href, and make a new URL from it'],
  ['URLSearchParams', 'pass it as a string'],
  ['Headers', 'pass its entries as an array'],
  ['AbortSignal', 'cancel the thread or the future instead: cancel() reaches every wait in it'],
  ['AbortController', 'cancel the thread or the future instead: cancel() reaches every wait in it'],
  ['Iterator', 'its state cannot be copied; pass an array of what it yields'],
];

/** A function or a symbol. */
export function refusePrimitive(value: unknown): Refusal {
  return typeof value === 'function'
    ? new Refusal(
        describe(value),
        'functions do not cross threads; pass data and call an exported function in the thread',
      )
    : new Refusal(describe(value), 'symbols do not cross threads; pass a string');
}

/** An object of the language's or the platform's that holds more than data. */
export function refuseObject(value: object): Refusal {
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  const named = (value as { constructor?: { name?: unknown } }).constructor?.name;
  const name = kind === 'Object' && typeof named === 'string' ? named : kind;
  const advice = ADVICE.find(([known]) => name === known || (known === 'Iterator' && name.endsWith(known)));
  return new Refusal(
    withArticle(name),
    advice?.[1] ??
      'objects of this class hold more than data and do not cross threads; pass the data they are made from',
  );
}
