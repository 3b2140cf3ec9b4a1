/**
 * Property keys by their bytes. Messages repeat the same few keys, so most are found here without a string being
 * made; and the strings are *internalized*, the form in which V8 compares keys by address.
 */

/** Keys up to this many bytes are kept. */
const LONGEST = 24;
const SLOTS = 1024;

const strings: string[] = new Array<string>(SLOTS).fill('');
/** Bytes of each slot's key; unused slots hold the empty key. */
const contents: Uint8Array = new Uint8Array(SLOTS * LONGEST);
const lengths: Uint8Array = new Uint8Array(SLOTS);

/** The key in `source` from `at` on, `length` latin1 bytes long. */
export function keyAt(source: Buffer, at: number, length: number): string {
  if (length > LONGEST) return source.toString('latin1', at, at + length);
  let hash = length;
  for (let k = 0; k < length; k++) hash = (Math.imul(hash, 31) + source[at + k]!) | 0;
  const slot = (hash ^ (hash >>> 10)) & (SLOTS - 1);
  if (lengths[slot] !== length) return learn(source, at, length, slot);
  const base = slot * LONGEST;
  for (let k = 0; k < length; k++) {
    if (contents[base + k] !== source[at + k]) return learn(source, at, length, slot);
  }
  return strings[slot]!;
}

function learn(source: Buffer, at: number, length: number, slot: number): string {
  const text = source.toString('latin1', at, at + length);
  // As a property of an object it is internalized, and read back it is that string.
  const key = Object.keys({ [text]: 0 })[0] ?? text;
  strings[slot] = key;
  lengths[slot] = length;
  for (let k = 0; k < length; k++) contents[slot * LONGEST + k] = source[at + k]!;
  return key;
}
