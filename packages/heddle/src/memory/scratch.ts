/**
 * Where a value is encoded before its size is known: a growable stretch of this thread's own memory.
 *
 * Large pieces (binary data, long strings) are not copied into it. It remembers where they belong, and they are
 * copied once, straight to their place in the shared heap.
 */
import { CloneError } from '../base/errors.js';
import { bytes, i32, u8 } from './heap.js';
import {
  ALIGNED,
  ALIGNMENT,
  LONG_KEY,
  SHORT_KEY_MAX,
  SHORT_STRING,
  SHORT_STRING_MAX,
  SMALL_INT,
  Tag,
} from './tags.js';

/** The methods of Buffer that do no more than they say; node's types do not list them. */
interface FastBuffer extends Buffer {
  latin1Write(text: string, offset: number, length: number): number;
  ucs2Write(text: string, offset: number, length: number): number;
}

/** A piece that belongs behind the first `at` bytes of the scratch. */
interface Piece {
  readonly at: number;
  readonly content: Uint8Array | string;
  /** Bytes that were promised for it. */
  readonly size: number;
}

const FIRST_SIZE = 1 << 12;
/** A scratch larger than this is given back after use. */
const KEPT_SIZE = 1 << 20;
/** From this many bytes on, a piece is not copied into the scratch. */
const LARGE = 1 << 14;
/** Up to this many characters a loop beats the call of a Buffer method. */
const LOOP = 32;
/** Up to this many words a loop beats making a view to copy from. */
const LOOP_WORDS = 128;

/** Only for strings that are two-byte inside does V8 look at more than the first character. */
// eslint-disable-next-line no-control-regex -- a range, not a character
const WIDE = /[^\x00-\xff]/;

export class Scratch {
  private buffer = Buffer.allocUnsafeSlow(FIRST_SIZE) as FastBuffer;
  private words = new Int32Array(this.buffer.buffer);
  /** For numbers of several bytes, at any offset. */
  private view = new DataView(this.buffer.buffer);
  /** Bytes written here. */
  private used = 0;
  private pieces: Piece[] = [];
  /** Bytes of the pieces. */
  private apart = 0;

  /** Bytes that the whole takes, with its large pieces. */
  get length(): number {
    return this.used + this.apart;
  }

  /** Begins anew. */
  protected clear(): void {
    this.used = 0;
    if (this.pieces.length > 0) {
      this.pieces = [];
      this.apart = 0;
    }
    if (this.buffer.length > KEPT_SIZE) this.resize(FIRST_SIZE);
  }

  /** Writes the whole to an even word address of the shared heap, where there is room for it. Call it once. */
  copyTo(address: number): void {
    if (this.pieces.length > 0) this.copyPieces(address * 4);
    else if (this.used > LOOP_WORDS * 4) u8.set(this.buffer.subarray(0, this.used), address * 4);
    else {
      // Whole words: the few bytes behind the end are inside the block.
      const from = this.words;
      const to = i32;
      const count = (this.used + 3) >> 2;
      for (let k = 0; k < count; k++) to[address + k] = from[k]!;
    }
    this.clear();
  }

  private copyPieces(start: number): void {
    let to = start;
    let from = 0;
    for (const { at, content, size } of this.pieces) {
      u8.set(this.buffer.subarray(from, at), to);
      to += at - from;
      from = at;
      if (typeof content !== 'string') {
        if (content.byteLength !== size) {
          throw new CloneError(
            'a buffer was resized or detached by a getter while it was being passed; pass a copy',
            '',
          );
        }
        u8.set(content, to);
      } else if (size === content.length) {
        (bytes as FastBuffer).latin1Write(content, to, size);
      } else {
        (bytes as FastBuffer).ucs2Write(content, to, size);
      }
      to += size;
    }
    u8.set(this.buffer.subarray(from, this.used), to);
  }

  /** Where it stands, for {@link rewind}. */
  protected mark(): { used: number; pieces: number; apart: number } {
    return { used: this.used, pieces: this.pieces.length, apart: this.apart };
  }

  /** Forgets what was written since a mark. */
  protected rewind(mark: { used: number; pieces: number; apart: number }): void {
    this.used = mark.used;
    this.pieces.length = mark.pieces;
    this.apart = mark.apart;
  }

  /** Makes room for `count` more bytes. */
  private reserve(count: number): void {
    const needed = this.used + count;
    if (needed <= this.buffer.length) return;
    this.resize(Math.max(this.buffer.length * 2, Math.ceil(needed / FIRST_SIZE) * FIRST_SIZE));
  }

  private resize(size: number): void {
    const old = this.buffer;
    this.buffer = Buffer.allocUnsafeSlow(size) as FastBuffer;
    this.words = new Int32Array(this.buffer.buffer);
    this.view = new DataView(this.buffer.buffer);
    if (this.used > 0) this.buffer.set(old.subarray(0, this.used));
  }

  /** One byte. */
  byte(value: number): void {
    if (this.used === this.buffer.length) this.reserve(1);
    this.buffer[this.used++] = value;
  }

  /** A count from 0 to 2 ** 53 - 1. */
  count(value: number): void {
    this.reserve(8);
    let rest = value;
    // Division, since shifts would cut it off at 32 bits.
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.buffer[this.used++] = (rest % 128) | 0x80;
    this.buffer[this.used++] = rest;
  }

  number(value: number): void {
    this.reserve(9);
    const whole = value | 0;
    if (whole === value && (whole !== 0 || 1 / value > 0)) {
      if (whole >= 0 && whole < SMALL_INT) {
        this.buffer[this.used++] = SMALL_INT + whole;
      } else {
        this.buffer[this.used] = Tag.INT;
        this.view.setInt32(this.used + 1, whole, true);
        this.used += 5;
      }
    } else {
      this.buffer[this.used] = Tag.FLOAT;
      this.view.setFloat64(this.used + 1, value, true);
      this.used += 9;
    }
  }

  /** A float without a tag. */
  double(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.used, value, true);
    this.used += 8;
  }

  bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) {
      this.byte(Tag.BIGINT);
      // Hexadecimal goes back and forth in linear time.
      this.string(value.toString(16));
      return;
    }
    this.reserve(9);
    this.buffer[this.used] = Tag.BIGINT64;
    this.view.setBigInt64(this.used + 1, value, true);
    this.used += 9;
  }

  /** The address of a shared object behind its tag. */
  address(tag: number, value: number): void {
    this.reserve(5);
    this.buffer[this.used] = tag;
    this.view.setInt32(this.used + 1, value, true);
    this.used += 5;
  }

  /** A string with its tag. */
  string(text: string): void {
    const length = text.length;
    if (length > LOOP) {
      this.stringSlow(text);
      return;
    }
    this.reserve(length + 1);
    const { buffer, used } = this;
    buffer[used] = SHORT_STRING + length;
    for (let k = 0; k < length; k++) {
      const code = text.charCodeAt(k);
      if (code > 0xff) {
        this.stringSlow(text);
        return;
      }
      buffer[used + 1 + k] = code;
    }
    this.used = used + 1 + length;
  }

  private stringSlow(text: string): void {
    const length = text.length;
    const wide = WIDE.test(text);
    const size = wide ? length * 2 : length;
    if (!wide && length <= SHORT_STRING_MAX) {
      this.byte(SHORT_STRING + length);
    } else {
      this.byte(wide ? Tag.UTF16 : Tag.LATIN1);
      this.count(length);
    }
    if (size >= LARGE) {
      this.setApart(text, size);
      return;
    }
    this.reserve(size);
    if (wide) this.buffer.ucs2Write(text, this.used, size);
    else this.buffer.latin1Write(text, this.used, size);
    this.used += size;
  }

  /** A property key. */
  key(text: string): void {
    const length = text.length;
    this.reserve(length + 1);
    const { buffer, used } = this;
    let k = 0;
    if (length <= SHORT_KEY_MAX) {
      buffer[used] = length + 1;
      for (; k < length; k++) {
        const code = text.charCodeAt(k);
        if (code > 0xff) break;
        buffer[used + 1 + k] = code;
      }
    }
    if (k === length) {
      this.used = used + 1 + length;
    } else {
      buffer[used] = LONG_KEY;
      this.used = used + 1;
      this.string(text);
    }
  }

  /** Bytes without a tag, aligned if they are many. Large ones are read only in {@link copyTo}. */
  raw(content: Uint8Array): void {
    const size = content.byteLength;
    if (size >= ALIGNED) while (this.length % ALIGNMENT !== 0) this.byte(0);
    if (size >= LARGE) {
      this.setApart(content, size);
      return;
    }
    this.reserve(size);
    this.buffer.set(content, this.used);
    this.used += size;
  }

  private setApart(content: Uint8Array | string, size: number): void {
    this.pieces.push({ at: this.used, content, size });
    this.apart += size;
  }
}
