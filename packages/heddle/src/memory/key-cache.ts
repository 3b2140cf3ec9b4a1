/**
 * Property keys by their bytes. Messages repeat the same few keys in the same order, so most are found here without
 * a string being made; and the strings are *internalized*, the form in which V8 compares keys by address.
 */
import { SHORT, shortString } from './short-strings.js';

const SLOTS = 1024;

const strings: string[] = new Array<string>(SLOTS).fill('');
/** Bytes of each slot's key; an unused slot holds the empty key. */
const contents: Uint8Array = new Uint8Array(SLOTS * SHORT);
const lengths: Uint8Array = new Uint8Array(SLOTS);
/** The slot that was looked up after each slot the last time: a good guess for the next time. */
const followers: Uint16Array = new Uint16Array(SLOTS);
let previous = 0;

/** The key in `source` at `at`, of `length` latin1 bytes. */
export function keyAt(source: Buffer, at: number, length: number): string {
  if (length > SHORT) return source.toString('latin1', at, at + length);
  const guess = followers[previous]!;
  if (holds(guess, source, at, length)) {
    previous = guess;
    return strings[guess]!;
  }
  return keyAtSlow(source, at, length);
}

function keyAtSlow(source: Buffer, at: number, length: number): string {
  let hash = length;
  for (let k = 0; k < length; k++) hash = (Math.imul(hash, 31) + source[at + k]!) | 0;
  const slot = (hash ^ (hash >>> 10)) & (SLOTS - 1);
  followers[previous] = slot;
  previous = slot;
  if (!holds(slot, source, at, length)) {
    const text =
      at + SHORT > source.length
        ? source.toString('latin1', at, at + length)
        : shortString(source, at, length);
    // As a property of an object it is internalized, and read back it is that string.
    strings[slot] = Object.keys({ [text]: 0 })[0] ?? text;
    lengths[slot] = length;
    for (let k = 0; k < length; k++) contents[slot * SHORT + k] = source[at + k]!;
  }
  return strings[slot]!;
}

function holds(slot: number, source: Buffer, at: number, length: number): boolean {
  if (lengths[slot] !== length) return false;
  const base = slot * SHORT;
  for (let k = 0; k < length; k++) {
    if (contents[base + k] !== source[at + k]) return false;
  }
  return true;
}
