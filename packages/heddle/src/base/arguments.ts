/** Checks of arguments. Bad input gets one clear error before anything has happened. */

/** A name shown in reports. */
export interface Named {
  /** Shown in reports and tables; the default is the class and the line that made it. */
  name?: string;
}

/** How an awaited wait may end early. */
export interface WaitOptions {
  /** Milliseconds. Omitted or `Infinity` waits for ever, `0` tries once. */
  timeout?: number;
  /** Ends the wait with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Returns `timeout`, with `undefined` as `Infinity`. `what`: what it is called.
 * @throws RangeError if it is negative or NaN; TypeError if it is no number.
 */
export function checkTimeout(timeout: number | undefined, what: string = 'timeout'): number {
  if (timeout === undefined) return Infinity;
  if (typeof timeout !== 'number') {
    throw new TypeError(`${what} must be a number of milliseconds, not ${describe(timeout)}`);
  }
  if (!(timeout >= 0)) {
    throw new RangeError(`${what} must be zero or more milliseconds, not ${String(timeout)}`);
  }
  return timeout;
}

/**
 * Returns a count that is a safe whole number in `[least, most]`.
 * @throws TypeError if it is no number; RangeError if it is out of range or not whole.
 */
export function checkCount(what: string, value: number, least: number, most: number = 0x0fff_ffff): number {
  if (typeof value !== 'number') throw new TypeError(`${what} must be a number, not ${describe(value)}`);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(
      `${what} must be a whole number from ${String(least)} to ${String(most)}, not ${String(value)}`,
    );
  }
  return value;
}

/** @throws TypeError if `value` is no function. */
export function checkFunction(what: string, value: unknown): void {
  if (typeof value !== 'function') throw new TypeError(`${what} must be a function, not ${describe(value)}`);
}

/** @throws TypeError if `value` is neither a boolean nor left out. */
export function checkFlag(what: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean')
    throw new TypeError(`${what} must be true or false, not ${describe(value)}`);
}

/** @throws TypeError if `signal` is neither an AbortSignal nor left out. */
export function checkSignal(signal: unknown): void {
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new TypeError(`signal must be an AbortSignal, not ${describe(signal)}`);
}

/** Reads an options object: `undefined` is `{}`. @throws TypeError if it is neither. */
export function checkOptions<T extends object>(value: T | undefined): Partial<T> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || (value as unknown) === null) {
    throw new TypeError(`options must be an object, not ${describe(value)}`);
  }
  return value;
}

/** A short telling form of any value, for messages. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
    case 'function':
      return value.name === '' ? 'a function' : `the function ${value.name}`;
    case 'object':
      return Array.isArray(value) ? 'an array' : withArticle(nameOfClass(value));
    case 'symbol':
      return value.toString();
    case 'undefined':
      return 'undefined';
    default:
      return typeof value === 'bigint' ? `${value}n` : (value as number | boolean).toString();
  }
}

/** `an Event`, `a Lock`; `a URL`. */
export function withArticle(noun: string): string {
  return `${/^[AEIOU](?!R)/.test(noun) ? 'an' : 'a'} ${noun}`;
}

function nameOfClass(value: object): string {
  const { constructor } = value as { constructor?: unknown };
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'object';
}
