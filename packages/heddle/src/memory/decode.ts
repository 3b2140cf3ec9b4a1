/** Turns the bytes that encode.ts made back into a value. The format is in tags.ts. */
import { DeadlockError, HeddleError } from '../base/errors.js';
import { freezeReport } from '../base/report.js';
import { createError } from './error-classes.js';
import { attach, foreignValue } from './foreign.js';
import { reach } from './heap.js';
import { keyAt } from './key-cache.js';
import { partIn } from './part.js';
import { latin1At } from './short-strings.js';
import { ALIGNED, ALIGNMENT, LONG_KEY, SHORT_STRING, SMALL_INT, Tag } from './tags.js';
import { receive } from './transfer.js';
import { viewOfKind } from './views.js';

/** The methods of Buffer that do no more than they say; node's types do not list them. */
interface FastBuffer extends Buffer {
  ucs2Slice(start: number, end: number): string;
}

const PROTO = '__proto__';

type Properties = Record<string, unknown>;

/** The source last used, mostly the heap, and a view of it for numbers at any offset. */
let viewed: Buffer | undefined;
let view: DataView = new DataView(new ArrayBuffer(0));

class Decoder {
  private readonly source: FastBuffer;
  private readonly view: DataView;
  private readonly start: number;
  private at: number;
  /** The objects so far, by their number. */
  private readonly objects: unknown[] = [];

  constructor(source: FastBuffer, start: number) {
    if (viewed !== source) {
      view = new DataView(source.buffer, source.byteOffset, source.byteLength);
      viewed = source;
    }
    this.source = source;
    this.view = view;
    this.start = start;
    this.at = start;
  }

  value(): unknown {
    const tag = this.source[this.at++]!;
    if (tag >= SMALL_INT) return tag - SMALL_INT;
    if (tag >= SHORT_STRING) return this.latin1(tag - SHORT_STRING);
    switch (tag) {
      case Tag.OBJECT:
        return this.keyed(this.begin({}));
      case Tag.ARRAY:
      case Tag.ARRAY_KEYED:
        return this.array(tag);
      case Tag.INT:
        return this.word();
      case Tag.FLOAT:
        return this.double();
      case Tag.TRUE:
        return true;
      case Tag.FALSE:
        return false;
      case Tag.NULL:
        return null;
      case Tag.UNDEFINED:
        return undefined;
      case Tag.LATIN1:
        return this.latin1(this.count());
      case Tag.REF:
        return this.objects[this.count()];
      case Tag.HANDLE:
        return attach(reach(this.word()));
      default:
        return this.rare(tag);
    }
  }

  private rare(tag: number): unknown {
    switch (tag) {
      case Tag.UTF16:
        return this.utf16(this.count());
      case Tag.BIGINT64:
        return this.bigint64();
      case Tag.BIGINT:
        return this.bigint();
      case Tag.MAP:
        return this.map();
      case Tag.SET:
        return this.set();
      case Tag.DATE:
        return this.begin(new Date(this.double()));
      case Tag.REGEXP:
        return this.begin(new RegExp(this.string(), this.string()));
      case Tag.BOXED:
        return this.begin(Object(this.value()) as object);
      case Tag.BUFFER:
        return this.begin(this.buffer(this.count()));
      case Tag.RESIZABLE:
        return this.begin(this.resizable());
      case Tag.VIEW:
      case Tag.VIEW_TO_END:
        return this.typed(tag);
      case Tag.ERROR:
        return this.error();
      case Tag.DOM_EXCEPTION:
        return this.domException();
      case Tag.FOREIGN:
        return foreignValue(reach(this.word()));
      case Tag.TRANSFERRED:
        return this.begin(receive(reach(this.word())));
      case Tag.PART:
        return partIn(attach(reach(this.word())), this.value());
      default:
        throw new HeddleError(`internal: no value begins with ${String(tag)}`);
    }
  }

  /** Gives an object its number. */
  private begin<T extends object>(value: T): T {
    this.objects.push(value);
    return value;
  }

  private count(): number {
    let value = this.source[this.at++]!;
    if (value < 0x80) return value;
    value &= 0x7f;
    for (let unit = 128; ; unit *= 128) {
      const part = this.source[this.at++]!;
      value += (part & 0x7f) * unit;
      if (part < 0x80) return value;
    }
  }

  private word(): number {
    const { at } = this;
    this.at = at + 4;
    return this.view.getInt32(at, true);
  }

  private double(): number {
    const { at } = this;
    this.at = at + 8;
    return this.view.getFloat64(at, true);
  }

  private bigint64(): bigint {
    const { at } = this;
    this.at = at + 8;
    return this.view.getBigInt64(at, true);
  }

  private bigint(): bigint {
    const text = this.string();
    return text.startsWith('-') ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
  }

  private string(): string {
    return this.value() as string;
  }

  private utf16(length: number): string {
    const start = this.at;
    this.at = start + length * 2;
    return this.source.ucs2Slice(start, this.at);
  }

  private latin1(length: number): string {
    const start = this.at;
    this.at = start + length;
    return latin1At(this.source, start, length);
  }

  /** The key that begins with the byte `head`. */
  private key(head: number): string {
    if (head === LONG_KEY) return this.string();
    const start = this.at;
    this.at = start + head - 1;
    return keyAt(this.source, start, head - 1);
  }

  /** Reads properties into `target`, to their END. */
  private keyed<T extends object>(target: T): T {
    for (let head = this.source[this.at++]!; head !== Tag.END; head = this.source[this.at++]!) {
      const key = this.key(head);
      const value = this.value();
      // An assignment would set the prototype. Its length comes first, for a comparison of strings takes longer.
      if (head === PROTO.length + 1 && key === PROTO) define(target, key, value, true);
      else (target as Properties)[key] = value;
    }
    return target;
  }

  private defined(target: object, enumerable: boolean): void {
    for (let head = this.source[this.at++]!; head !== Tag.END; head = this.source[this.at++]!) {
      define(target, this.key(head), this.value(), enumerable);
    }
  }

  private array(tag: number): unknown[] {
    const length = this.count();
    const array = this.begin([] as unknown[]);
    for (let k = 0; k < length; k++) {
      if (this.source[this.at] === Tag.HOLES) {
        this.at++;
        array.length = length;
        return this.keyed(array);
      }
      array.push(this.value());
    }
    return tag === Tag.ARRAY_KEYED ? this.keyed(array) : array;
  }

  private map(): Map<unknown, unknown> {
    const map = this.begin(new Map());
    for (let left = this.count(); left > 0; left--) map.set(this.value(), this.value());
    return map;
  }

  private set(): Set<unknown> {
    const set = this.begin(new Set());
    for (let left = this.count(); left > 0; left--) set.add(this.value());
    return set;
  }

  // --- binary data ---------------------------------------------------------------------------------------

  private buffer(length: number): ArrayBuffer {
    // Without the zeros that a new ArrayBuffer would first be filled with.
    const bytes = Buffer.allocUnsafeSlow(length);
    this.copyInto(bytes);
    return bytes.buffer;
  }

  private resizable(): ArrayBuffer {
    const length = this.count();
    const Class = ArrayBuffer as unknown as new (
      length: number,
      options: { maxByteLength: number },
    ) => ArrayBuffer;
    const buffer = new Class(length, { maxByteLength: this.count() });
    this.copyInto(new Uint8Array(buffer, 0, length));
    return buffer;
  }

  private copyInto(target: Uint8Array): void {
    const { source, start } = this;
    const length = target.length;
    if (length >= ALIGNED) this.at = start + Math.ceil((this.at - start) / ALIGNMENT) * ALIGNMENT;
    const { at } = this;
    this.at = at + length;
    if (length >= ALIGNED) target.set(source.subarray(at, at + length));
    else for (let k = 0; k < length; k++) target[k] = source[at + k]!;
  }

  private typed(tag: number): ArrayBufferView {
    const number = this.objects.push(undefined) - 1; // its number is before its buffer's
    const View = viewOfKind(this.source[this.at++]!);
    const offset = this.count();
    const length = tag === Tag.VIEW ? this.count() : undefined;
    const buffer = this.value() as ArrayBufferLike;
    return (this.objects[number] =
      length === undefined ? new View(buffer, offset) : new View(buffer, offset, length));
  }

  // --- errors --------------------------------------------------------------------------------------------

  private error(): Error {
    const error = this.begin(createError(this.string()));
    this.defined(error, false);
    this.defined(error, true);
    if (error instanceof DeadlockError) freezeReport(error.report);
    return error;
  }

  private domException(): DOMException {
    const error = this.begin(new DOMException(this.string(), this.string()));
    define(error, 'stack', this.string(), false);
    return error;
  }
}

function define(target: object, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(target, key, { value, enumerable, configurable: true, writable: true });
}

/**
 * Decodes the value that begins at byte `start`. Every mention of a shared object takes a reference of its own;
 * those that the encoded value holds stay as they are, so it can be decoded again, or released, whatever happens.
 */
export function decode(source: Buffer, start: number): unknown {
  return new Decoder(source as FastBuffer, start).value();
}
