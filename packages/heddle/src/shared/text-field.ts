/**
 * Text in a field of a struct.
 *
 * | bytes | meaning |
 * | --- | --- |
 * | 0–3 | characters, as `length` of a string counts them; bit 31 is set if each takes two bytes |
 * | 4 … | one byte for each character (latin1), or two (UTF-16); room for two |
 *
 * A thread that reads while another writes may see some characters of each: guard the struct with a lock. It never
 * reads beyond the field, since whatever is in its first word was some text's length.
 */
import { describe } from '../base/arguments.js';
import { bytes, i32 } from '../memory/heap.js';
import { latin1At } from '../memory/short-strings.js';
import { Unfit } from './unfit.js';

const WIDE_BIT = 1 << 31;
const LENGTH_MASK: number = ~WIDE_BIT;
/** Only for strings that are two-byte inside does V8 look at more than the first character. */
const WIDE = /[\u0100-\uffff]/;

/** The methods of Buffer that do no more than they say; node's types do not list them. */
interface FastBuffer extends Buffer {
  ucs2Slice(start: number, end: number): string;
  latin1Write(text: string, offset: number, length: number): number;
  ucs2Write(text: string, offset: number, length: number): number;
}

/** Bytes of a field for so many characters. */
export function textBytes(length: number): number {
  return 4 + Math.ceil(length / 2) * 4;
}

/** The text in the field at a byte address. */
export function readText(at: number): string {
  const head = Atomics.load(i32, at / 4);
  const start = at + 4;
  return head < 0
    ? (bytes as FastBuffer).ucs2Slice(start, start + (head & LENGTH_MASK) * 2)
    : latin1At(bytes, start, head);
}

/** Writes a text that fits. */
export function writeText(at: number, text: string): void {
  const { length } = text;
  const start = at + 4;
  const wide = WIDE.test(text);
  if (wide) (bytes as FastBuffer).ucs2Write(text, start, length * 2);
  else (bytes as FastBuffer).latin1Write(text, start, length);
  Atomics.store(i32, at / 4, wide ? length | WIDE_BIT : length);
}

/** Returns `value` if it is a text that fits. @throws Unfit */
export function takeText(most: number, value: unknown): string {
  if (typeof value !== 'string')
    throw new Unfit(TypeError, `is text and takes a string, not ${describe(value)}`);
  if (value.length <= most) return value;
  throw new Unfit(
    RangeError,
    `has room for ${String(most)} characters, and ${describe(value)} has ${String(value.length)}`,
  );
}
