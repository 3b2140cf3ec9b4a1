/** Encodes the objects that are neither plain nor arrays. */
import { types } from 'node:util';
import { errorClassOf, inheritedName } from './error-classes.js';
import { foreignHandle } from './foreign.js';
import { memory } from './heap.js';
import type { Shared } from './object.js';
import { partOf, type Part } from './part.js';
import { mapKey, mapValue, Refusal, refuseObject, setItem, through } from './refusal.js';
import { Tag } from './tags.js';
import { kindOfView } from './views.js';

/** What is needed of the encoder. */
export interface Output {
  byte(value: number): void;
  count(value: number): void;
  double(value: number): void;
  string(text: string): void;
  /** Bytes without a tag. */
  raw(content: Uint8Array): void;
  /** Any value with all that is in it. */
  value(value: unknown): void;
  /** An object as its own enumerable properties. */
  plain(value: object): void;
  /** The given properties, leaving out those that cannot cross. */
  keyedIfPossible(value: object, keys: readonly string[]): void;
  /** Whether an object is given away with the value. */
  gives(value: object): boolean;
  /** Writes an object if it is given away and its bytes are not copied. */
  give(value: object): boolean;
  /** A shared object behind its tag. */
  mention(tag: number, handle: Shared): void;
  /** Gives a number to an object that exists only where the value is decoded. */
  unnamed(): void;
  /** Takes the number of the object just met back: it has none. */
  takeBack(value: object): void;
}

/** Prototypes of the user's own classes: their instances are data. Asking what an object is inside is slow. */
const plainClasses = new WeakSet<object>();

/** Encodes `value`, which has just been given its number. */
export function writeBuiltin(out: Output, value: object, prototype: object): void {
  if (plainClasses.has(prototype)) {
    out.plain(value);
    return;
  }
  if (out.give(value)) return;
  const part = partOf(value);
  if (part !== undefined) writePart(out, value, part);
  else if (types.isMap(value)) writeMap(out, value);
  else if (types.isSet(value)) writeSet(out, value);
  else if (types.isDate(value)) writeDate(out, value);
  else if (ArrayBuffer.isView(value)) writeView(out, value);
  else if (types.isArrayBuffer(value)) writeBuffer(out, value);
  else if (types.isRegExp(value)) writeRegExp(out, value);
  else if (types.isBoxedPrimitive(value)) writeBoxed(out, value);
  // Before errors: newer versions of node count it among them.
  else if (typeof DOMException === 'function' && value instanceof DOMException) writeDomException(out, value);
  else if (types.isNativeError(value)) writeError(out, value);
  else if (isForeign(value)) writeForeign(out, value);
  else if (isUsersClass(value, prototype)) {
    plainClasses.add(prototype);
    out.plain(value);
  } else if (value instanceof Error) writeError(out, value);
  else throw refuseObject(value);
}

/** A part of a shared object has no number: its identity is that of the whole. */
function writePart(out: Output, value: object, part: Part): void {
  out.takeBack(value);
  out.mention(Tag.PART, part.whole);
  out.value(part.which);
}

function writeMap(out: Output, value: ReadonlyMap<unknown, unknown>): void {
  // A copy first: a getter may change the map.
  const entries: unknown[] = [];
  Map.prototype.forEach.call(value, (item, key) => entries.push(key, item));
  out.byte(Tag.MAP);
  out.count(entries.length / 2);
  let k = 0;
  try {
    for (; k < entries.length; k++) out.value(entries[k]);
  } catch (error) {
    throw k % 2 === 0 ? through(error, mapKey, undefined) : through(error, mapValue, entries[k - 1]);
  }
}

function writeSet(out: Output, value: ReadonlySet<unknown>): void {
  const items: unknown[] = [];
  Set.prototype.forEach.call(value, (item) => items.push(item));
  out.byte(Tag.SET);
  out.count(items.length);
  try {
    for (const item of items) out.value(item);
  } catch (error) {
    throw through(error, setItem, undefined);
  }
}

function writeDate(out: Output, value: Date): void {
  out.byte(Tag.DATE);
  out.double(Date.prototype.getTime.call(value));
}

function writeRegExp(out: Output, value: RegExp): void {
  out.byte(Tag.REGEXP);
  out.string(value.source);
  out.string(value.flags);
}

// eslint-disable-next-line @typescript-eslint/no-wrapper-object-types -- these are what is meant
function writeBoxed(out: Output, value: Boolean | Number | String | BigInt | Symbol): void {
  const primitive = types.isStringObject(value)
    ? String.prototype.valueOf.call(value)
    : types.isNumberObject(value)
      ? Number.prototype.valueOf.call(value)
      : types.isBooleanObject(value)
        ? Boolean.prototype.valueOf.call(value)
        : types.isBigIntObject(value)
          ? BigInt.prototype.valueOf.call(value)
          : undefined;
  if (primitive === undefined)
    throw new Refusal('a Symbol object', 'symbols do not cross threads; pass a string');
  out.byte(Tag.BOXED);
  out.value(primitive);
}

// --- binary data -----------------------------------------------------------------------------------------

/** What newer versions of the language have. */
interface Resizable {
  readonly resizable?: boolean;
  readonly growable?: boolean;
  readonly maxByteLength?: number;
}

function writeBuffer(out: Output, value: ArrayBuffer): void {
  let content: Uint8Array;
  try {
    content = new Uint8Array(value);
  } catch {
    throw detached('an ArrayBuffer');
  }
  const { resizable, maxByteLength } = value as Resizable;
  if (resizable === true && maxByteLength !== undefined) {
    out.byte(Tag.RESIZABLE);
    out.count(content.byteLength);
    out.count(maxByteLength);
  } else {
    out.byte(Tag.BUFFER);
    out.count(content.byteLength);
  }
  out.raw(content);
}

/**
 * A view crosses with the whole buffer under it, as structured clone has it, so that views over one buffer still
 * share it. The exception is node's Buffer, which is mostly a cut from a pool that strangers share: it crosses as
 * a Uint8Array over its own bytes.
 */
function writeView(out: Output, value: ArrayBufferView): void {
  const kind = kindOfView(value);
  if (kind < 0) throw refuseObject(value);
  const buffer = value.buffer as ArrayBufferLike & Resizable;
  if (buffer === memory)
    throw new Refusal("a view over heddle's own memory", 'use sharedArray() for memory to share');
  if (!isUsable(value)) throw detached('a view');
  const { byteOffset, byteLength } = value;
  const length = (value as { length?: number }).length ?? byteLength;
  if (
    byteLength < buffer.byteLength &&
    Buffer.isBuffer(value) &&
    types.isArrayBuffer(buffer) &&
    !out.gives(buffer)
  ) {
    out.byte(Tag.VIEW);
    out.byte(kind);
    out.count(0);
    out.count(byteLength);
    out.byte(Tag.BUFFER);
    out.unnamed();
    out.count(byteLength);
    out.raw(new Uint8Array(buffer, byteOffset, byteLength));
    return;
  }
  // Whether a view follows its buffer's length cannot be asked; one that reaches to the end is taken to.
  const toEnd =
    (buffer.resizable ?? buffer.growable) === true && byteOffset + byteLength === buffer.byteLength;
  out.byte(toEnd ? Tag.VIEW_TO_END : Tag.VIEW);
  out.byte(kind);
  out.count(byteOffset);
  if (!toEnd) out.count(length);
  try {
    out.value(buffer);
  } catch (error) {
    throw through(error, () => '.buffer', undefined);
  }
}

/** False if the buffer is detached, or has shrunk below the view. */
function isUsable(value: ArrayBufferView): boolean {
  try {
    // Both throw then, by the language.
    if (types.isDataView(value)) return value.byteLength >= 0;
    if (value.byteLength === 0) Uint8Array.prototype.keys.call(value as Uint8Array);
    return true;
  } catch {
    return false;
  }
}

function detached(what: string): Refusal {
  return new Refusal(
    `${what} whose memory is gone`,
    'its buffer was transferred or shrunk; pass it before, or pass a copy',
  );
}

// --- errors ----------------------------------------------------------------------------------------------

/**
 * An error is never kept from crossing by what hangs on it: data of it that cannot cross is left out, since the
 * error itself matters more.
 */
function writeError(out: Output, value: Error): void {
  const name = errorClassOf(value);
  out.byte(Tag.ERROR);
  out.string(name);
  const enumerable = Object.keys(value);
  const hidden = ['message', 'stack', 'cause', 'errors'].filter(
    (key) => Object.hasOwn(value, key) && !enumerable.includes(key),
  );
  if (!enumerable.includes('name') && value.name !== inheritedName(name)) hidden.unshift('name');
  if (!Object.hasOwn(value, 'message') && value.message !== '') hidden.unshift('message');
  out.keyedIfPossible(value, hidden);
  out.keyedIfPossible(value, enumerable);
}

function writeDomException(out: Output, value: DOMException): void {
  out.byte(Tag.DOM_EXCEPTION);
  out.string(value.message);
  out.string(value.name);
  out.string(String(value.stack));
}

// --- what is not data ------------------------------------------------------------------------------------

/** The property by which node marks classes that it can clone. */
const NODE_CLONE = 'messaging_clone_symbol';

interface WithWebAssembly {
  readonly WebAssembly?: { readonly Module: new () => object; readonly Memory: new () => object };
}

/** Whether `postMessage` carries the object as what it is, not as its properties. */
function isForeign(value: object): boolean {
  if (types.isSharedArrayBuffer(value) || types.isKeyObject(value)) return true;
  const { WebAssembly: wasm } = globalThis as WithWebAssembly;
  if (wasm !== undefined && (value instanceof wasm.Module || value instanceof wasm.Memory)) return true;
  for (let at: object | null = value; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    if (Object.getOwnPropertySymbols(at).some((symbol) => symbol.description === NODE_CLONE)) return true;
  }
  return false;
}

function writeForeign(out: Output, value: object): void {
  if (value === memory) throw new Refusal("heddle's own memory", 'use sharedArray() for memory to share');
  out.takeBack(value);
  let handle;
  try {
    handle = foreignHandle(value);
  } catch (error) {
    if (error instanceof Error && error.name === 'DataCloneError') throw refuseObject(value);
    throw error;
  }
  out.mention(Tag.FOREIGN, handle);
}

const IteratorPrototype: unknown = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));

/** Whether all classes that the object is of are written in JavaScript and are none of the platform's globals. */
function isUsersClass(value: object, prototype: object): boolean {
  if (types.isPromise(value) || types.isGeneratorObject(value) || types.isExternal(value)) return false;
  let at = prototype;
  for (;;) {
    const above = Object.getPrototypeOf(at) as object | null;
    if (above === null) return true; // Object.prototype, of this realm or another
    if (at === IteratorPrototype || at === Error.prototype) return false;
    const constructor: unknown = Object.getOwnPropertyDescriptor(at, 'constructor')?.value;
    if (typeof constructor === 'function' && isPlatforms(constructor)) return false;
    at = above;
  }
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- any function at all
function isPlatforms(constructor: Function): boolean {
  return (
    Function.prototype.toString.call(constructor).endsWith('{ [native code] }') ||
    (globalThis as Record<string, unknown>)[constructor.name] === constructor
  );
}
