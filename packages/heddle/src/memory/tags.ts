/**
 * The byte format of an encoded value.
 *
 * A value is one tag byte and what the table says. `n` is a count in seven-bit groups, lowest first, the top bit
 * set on all but the last; `f64`, `i32` and `u32` are little-endian. `value` is a whole value, nested.
 *
 * | tag | followed by |
 * | --- | --- |
 * | 0x80 … 0xff | nothing: the integer 0 … 127 |
 * | 0x40 … 0x7f | a string of 0 … 63 characters, one byte each (latin1) |
 * | END | nothing: ends a list of keys; never a value |
 * | UNDEFINED, NULL, TRUE, FALSE | nothing |
 * | INT | i32 |
 * | FLOAT | f64 |
 * | BIGINT64 | eight bytes: a bigint of 64 bits |
 * | BIGINT | a string value: any other bigint, in hexadecimal with its sign |
 * | LATIN1 | n, then n bytes: a string of characters below 256 |
 * | UTF16 | n, then 2n bytes: any other string, lone surrogates and all |
 * | REF | n: the object that was the n-th to begin, see below |
 * | OBJECT | keys: a plain object |
 * | ARRAY | n, then n values; HOLES may stand in place of a value, and then keys follow instead of the rest |
 * | ARRAY_KEYED | the same, and keys at the end in any case |
 * | MAP | n, then n times a key and its value |
 * | SET | n, then n values |
 * | DATE | f64, NaN if invalid |
 * | REGEXP | two string values: source, flags |
 * | BOXED | a primitive value: a Boolean, Number, String or BigInt object |
 * | BUFFER | n, then n bytes: an ArrayBuffer |
 * | RESIZABLE | n, the most it can grow to as another n, then n bytes: a resizable ArrayBuffer |
 * | VIEW | kind (views.ts), n offset, n elements, and its buffer as a value |
 * | VIEW_TO_END | the same without elements: a view that follows its buffer's length |
 * | ERROR | class as a string value, keys that are not enumerable, keys that are |
 * | DOM_EXCEPTION | three string values: message, name, stack |
 * | HANDLE | u32: the address of a shared object |
 * | FOREIGN | u32: the address of a foreign value (foreign.ts) |
 * | TRANSFERRED | u32: the address of what stands for a buffer or a port that is given away (transfer.ts) |
 * | PART | u32: the address of a shared object, and a value that names a part of it (part.ts) |
 *
 * The bytes of an ArrayBuffer, if they are {@link ALIGNED} or more, begin at the next multiple of {@link ALIGNMENT}
 * from the start of the encoding, with zeros before them: V8 copies between shared and other memory three times as
 * fast by whole words.
 *
 * *keys* is any number of a key and its value, then END. A key is one byte 1 … 126, its length plus one, and that
 * many bytes of latin1; or {@link LONG_KEY} and a string value.
 *
 * Objects are numbered from 0 in the order in which they begin, each as its tag is written; that is every value
 * from OBJECT on but HANDLE, FOREIGN and PART, whose identity is that of their address.
 */
export const Tag = {
  END: 0,
  UNDEFINED: 1,
  NULL: 2,
  TRUE: 3,
  FALSE: 4,
  INT: 5,
  FLOAT: 6,
  BIGINT64: 7,
  BIGINT: 8,
  LATIN1: 9,
  UTF16: 10,
  REF: 11,
  HOLES: 12,
  OBJECT: 16,
  ARRAY: 17,
  ARRAY_KEYED: 18,
  MAP: 19,
  SET: 20,
  DATE: 21,
  REGEXP: 22,
  BOXED: 23,
  BUFFER: 24,
  RESIZABLE: 25,
  VIEW: 26,
  VIEW_TO_END: 27,
  ERROR: 28,
  DOM_EXCEPTION: 29,
  HANDLE: 30,
  FOREIGN: 31,
  PART: 32,
  TRANSFERRED: 33,
} as const;

/** A tag from here on is a short string, and its length the rest. */
export const SHORT_STRING = 0x40;
/** Characters that such a string has at most. */
export const SHORT_STRING_MAX = 0x3f;
/** A tag from here on is a small integer, and its value the rest. */
export const SMALL_INT = 0x80;
/** Characters of a key that fits behind a length byte. */
export const SHORT_KEY_MAX = 125;
/** Stands in place of a key's length: a string value follows. */
export const LONG_KEY = 0xff;

/** From this many bytes on, those of an ArrayBuffer are aligned. */
export const ALIGNED = 64;
/** What they are aligned to. */
export const ALIGNMENT = 8;
