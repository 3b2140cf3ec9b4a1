/**
 * Keys of a SharedMap: numbers and strings, compared as a Map's are: 0 and -0 are one key, and so are all NaNs.
 *
 * | key | {@link KeyForm} | identity | data |
 * | --- | --- | --- | --- |
 * | a 32-bit integer | INT | the integer | none |
 * | any other number | FLOAT | its hash | the float, two words |
 * | a string of latin1 characters | LATIN1 | its hash | the characters, and zeros to the end of the last word |
 * | any other string | UTF16 | its hash | the same, two bytes each |
 *
 * The *head* of a key is its form in bits 0–2 and the number of characters from bit 3. Two keys are the same if their
 * heads, identities and data are. The key of an operation is made ready before a mutex is taken, as this thread's *key
 * draft*.
 *
 * The hash is HalfSipHash-1-3 (Jean-Philippe Aumasson and Daniel J. Bernstein, "SipHash: a fast short-input PRF",
 * 2012, in its 32-bit form), keyed with random words of each map: who chooses keys cannot choose them so that they all
 * fall into one chain. Departure: the length is not hashed, so up to four strings that differ only in zeros at their end
 * share a chain.
 */
import { describe } from '../base/arguments.js';
import { i32 } from '../memory/heap.js';
import { SHORT, shortString } from '../memory/short-strings.js';

const KeyForm = { INT: 0, FLOAT: 1, LATIN1: 2, UTF16: 3 } as const;
const FORM_MASK = 7;
const LENGTH_SHIFT = 3;
/** Up to this many characters a loop is faster than Buffer's methods. */
const LOOP = 32;
/** Only for strings that are two-byte inside does V8 look at more than the first character. */
const WIDE = /[\u0100-\uffff]/;

/** The methods of Buffer that do no more than they say; node's types do not list them. */
interface FastBuffer extends Buffer {
  latin1Slice(start: number, end: number): string;
  ucs2Slice(start: number, end: number): string;
  latin1Write(text: string, offset: number, length: number): number;
  ucs2Write(text: string, offset: number, length: number): number;
}

// --- the key draft ----------------------------------------------------------------------------------------

/** The draft's head, identity and hash, and how many words of data it has. */
export let head = 0;
export let identity = 0;
export let hash = 0;
export let dataWords = 0;
/** Another number for each key draft: tells whether the one of before is still there. */
export let draftNumber = 0;
/** Its data. It grows with the longest key. */
let words = new Int32Array(256);
let floats = new Float64Array(words.buffer);
let text = Buffer.from(words.buffer) as FastBuffer;

/** @throws TypeError if `key` is neither a string nor a number */
export function checkKey(key: unknown): void {
  if (typeof key !== 'number' && typeof key !== 'string') {
    throw new TypeError(
      `a key of a SharedMap must be a string or a number, not ${describe(key)}; use an id of it as the key`,
    );
  }
}

/** Makes `key` this thread's key draft; the random words at `seed` key its hash. @throws TypeError as {@link checkKey} */
export function draftKey(key: unknown, seed: number): void {
  draftNumber = (draftNumber + 1) | 0;
  if (typeof key === 'number') {
    const int = key | 0;
    if (int === key) {
      head = KeyForm.INT;
      identity = int;
      dataWords = 0;
      hash = hashInteger(int, seed);
      return;
    }
    head = KeyForm.FLOAT;
    dataWords = 2;
    floats[0] = key;
    if (Number.isNaN(key)) words[1] = words[0] = -1; // one pattern for all of them
    hash = identity = hashWords(words, 2, seed);
  } else {
    checkKey(key);
    draftText(key as string);
    hash = identity = hashWords(words, dataWords, seed);
  }
}

function draftText(key: string): void {
  const { length } = key;
  if (length > LOOP) {
    draftLong(key);
    return;
  }
  dataWords = (length + 3) >> 2;
  if (dataWords > 0) words[dataWords - 1] = 0;
  for (let k = 0; k < length; k++) {
    const code = key.charCodeAt(k);
    if (code > 0xff) {
      draftLong(key);
      return;
    }
    text[k] = code;
  }
  head = KeyForm.LATIN1 | (length << LENGTH_SHIFT);
}

function draftLong(key: string): void {
  const { length } = key;
  const isWide = WIDE.test(key);
  const size = isWide ? length * 2 : length;
  dataWords = Math.ceil(size / 4);
  if (dataWords > words.length) {
    words = new Int32Array(dataWords * 2);
    floats = new Float64Array(words.buffer);
    text = Buffer.from(words.buffer) as FastBuffer;
  }
  words[dataWords - 1] = 0;
  if (isWide) text.ucs2Write(key, 0, size);
  else text.latin1Write(key, 0, size);
  head = (isWide ? KeyForm.UTF16 : KeyForm.LATIN1) | (length << LENGTH_SHIFT);
}

/** Whether the draft's data is what stands at `at` in the heap. */
export function hasData(at: number): boolean {
  const heap = i32;
  for (let k = 0; k < dataWords; k++) if (heap[at + k] !== words[k]) return false;
  return true;
}

/** Writes the draft's data to `at` in the heap. */
export function writeData(at: number): void {
  const heap = i32;
  for (let k = 0; k < dataWords; k++) heap[at + k] = words[k]!;
}

// --- keys that are stored ---------------------------------------------------------------------------------

/** How many words of data a key has, by its head. */
export function dataWordsOf(its: number): number {
  const form = its & FORM_MASK;
  if (form === KeyForm.INT) return 0;
  if (form === KeyForm.FLOAT) return 2;
  return Math.ceil((its >>> LENGTH_SHIFT) / (form === KeyForm.LATIN1 ? 4 : 2));
}

/** The hash of a key by its head and identity. */
export function hashOf(its: number, identity: number, seed: number): number {
  return its === KeyForm.INT ? hashInteger(identity, seed) : identity;
}

const float = new Float64Array(1);
const floatWords = new Int32Array(float.buffer);

/** The key with this head and identity, whose data begins at word `at` of `source`, which `bytes` are a view of. */
export function keyFrom(
  its: number,
  identity: number,
  source: Int32Array,
  bytes: Buffer,
  at: number,
): string | number {
  const length = its >>> LENGTH_SHIFT;
  const start = at * 4;
  switch (its & FORM_MASK) {
    case KeyForm.INT:
      return identity;
    case KeyForm.FLOAT:
      floatWords[0] = source[at]!;
      floatWords[1] = source[at + 1]!;
      return float[0]!;
    case KeyForm.LATIN1:
      return length <= SHORT && start + SHORT <= bytes.length
        ? shortString(bytes, start, length)
        : (bytes as FastBuffer).latin1Slice(start, start + length);
    default:
      return (bytes as FastBuffer).ucs2Slice(start, start + length * 2);
  }
}

// --- hashing ----------------------------------------------------------------------------------------------

const integer = new Int32Array(1);

function hashInteger(int: number, seed: number): number {
  integer[0] = int;
  return hashWords(integer, 1, seed);
}

/** The hash of `count` words, keyed with the two words at `seed`. */
function hashWords(source: Int32Array, count: number, seed: number): number {
  const k0 = i32[seed]!;
  const k1 = i32[seed + 1]!;
  let v0 = k0;
  let v1 = k1;
  let v2 = 0x6c79_6765 ^ k0;
  let v3 = 0x7465_6462 ^ k1;
  // A round for each word, and three to finish.
  for (let k = 0; k < count + 3; k++) {
    const word = k < count ? source[k]! : 0;
    if (k === count) v2 ^= 0xff;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return v1 ^ v3;
}
