/**
 * Short strings from their bytes. `String.fromCharCode` with one argument for each character is compiled to a few
 * stores, where a call of a Buffer method costs a tenth of a microsecond however short the string is.
 */

/** Characters that {@link shortString} takes at most. */
export const SHORT = 24;

const chars = String.fromCharCode;

/** Buffer's method that does no more than it says; node's types do not list it. */
interface FastBuffer extends Buffer {
  latin1Slice(start: number, end: number): string;
}

/** The string of `length` latin1 bytes at `start`, however long. */
export function latin1At(source: Buffer, start: number, length: number): string {
  // Near the end of the source there may be too few bytes for shortString to read.
  return length > SHORT || start + SHORT > source.length
    ? (source as FastBuffer).latin1Slice(start, start + length)
    : shortString(source, start, length);
}

/** The string of `length` latin1 bytes at `at`, at most {@link SHORT}. It reads up to {@link SHORT} bytes. */
export function shortString(source: Uint8Array, at: number, length: number): string {
  return length > 16
    ? upTo24(source, at, length)
    : length > 8
      ? upTo16(source, at, length)
      : upTo8(source, at, length);
}

function upTo8(source: Uint8Array, at: number, length: number): string {
  const a = source[at]!;
  const b = source[at + 1]!;
  const c = source[at + 2]!;
  const d = source[at + 3]!;
  const e = source[at + 4]!;
  const f = source[at + 5]!;
  const g = source[at + 6]!;
  const h = source[at + 7]!;
  switch (length) {
    case 0:
      return '';
    case 1:
      return chars(a);
    case 2:
      return chars(a, b);
    case 3:
      return chars(a, b, c);
    case 4:
      return chars(a, b, c, d);
    case 5:
      return chars(a, b, c, d, e);
    case 6:
      return chars(a, b, c, d, e, f);
    case 7:
      return chars(a, b, c, d, e, f, g);
    default:
      return chars(a, b, c, d, e, f, g, h);
  }
}

function upTo16(source: Uint8Array, at: number, length: number): string {
  const a = source[at]!;
  const b = source[at + 1]!;
  const c = source[at + 2]!;
  const d = source[at + 3]!;
  const e = source[at + 4]!;
  const f = source[at + 5]!;
  const g = source[at + 6]!;
  const h = source[at + 7]!;
  const i = source[at + 8]!;
  const j = source[at + 9]!;
  const k = source[at + 10]!;
  const l = source[at + 11]!;
  const m = source[at + 12]!;
  const n = source[at + 13]!;
  const o = source[at + 14]!;
  const p = source[at + 15]!;
  switch (length) {
    case 9:
      return chars(a, b, c, d, e, f, g, h, i);
    case 10:
      return chars(a, b, c, d, e, f, g, h, i, j);
    case 11:
      return chars(a, b, c, d, e, f, g, h, i, j, k);
    case 12:
      return chars(a, b, c, d, e, f, g, h, i, j, k, l);
    case 13:
      return chars(a, b, c, d, e, f, g, h, i, j, k, l, m);
    case 14:
      return chars(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
    case 15:
      return chars(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
    default:
      return chars(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
  }
}

function upTo24(source: Uint8Array, at: number, length: number): string {
  const a = source[at]!;
  const b = source[at + 1]!;
  const c = source[at + 2]!;
  const d = source[at + 3]!;
  const e = source[at + 4]!;
  const f = source[at + 5]!;
  const g = source[at + 6]!;
  const h = source[at + 7]!;
  const i = source[at + 8]!;
  const j = source[at + 9]!;
  const k = source[at + 10]!;
  const l = source[at + 11]!;
  const m = source[at + 12]!;
  const n = source[at + 13]!;
  const o = source[at + 14]!;
  const p = source[at + 15]!;
  const q = source[at + 16]!;
  const r = source[at + 17]!;
  const s = source[at + 18]!;
  const t = source[at + 19]!;
  const u = source[at + 20]!;
  const v = source[at + 21]!;
  const w = source[at + 22]!;
  const x = source[at + 23]!;
  switch (length) {
    case 17:
      return chars(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q);
    case 18:
      return chars(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r);
    case 19:
      return chars(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s);
    case 20:
      return chars(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t);
    case 21:
      return chars(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u);
    case 22:
      return chars(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v);
    case 23:
      return chars(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w);
    default:
      return chars(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x);
  }
}
