/**
 * Access to values of every shape (access.ts): for elements of arrays and for values given as a whole. The properties of
 * structs (field-property.ts) take a shorter way to numbers.
 */
import { describe } from '../base/arguments.js';
import { bytes, i32, memory as heap } from '../memory/heap.js';
import type { Kind, Shared } from '../memory/object.js';
import type { Access, ElementAccess } from './access.js';
import { Elements } from './fixed-array.js';
import { type Blank, peekHandle, readHandle, takeHandle, writeHandle } from './handle-field.js';
import { type Scalar, scalars, takeScalar } from './scalars.js';
import { ARRAYS, type ScalarType } from './shared-array.js';
import { isNumeric, type Shape } from './struct-layout.js';
import type { StructMemory } from './struct-memory.js';
import { partAt } from './struct-instance.js';
import { readText, takeText, writeText } from './text-field.js';
import { through, Unfit } from './unfit.js';
import { openWindow } from './window.js';

const accesses = new Map<Shape, ElementAccess>();

/** The access to values of a shape. `path` is how objects are called that are made there. */
export function accessTo(shape: Shape, path: string): ElementAccess {
  let access = accesses.get(shape);
  if (access === undefined) {
    const partOfArray: ElementAccess['partOfArray'] = (memory, offset, length) =>
      partAt(memory, (place) => isSame(place, shape), offset, length);
    access = { ...accessOf(shape, path), partOfArray };
    accesses.set(shape, access);
  }
  return access;
}

function isSame(one: Shape, other: Shape): boolean {
  return one === other || (one.form === 'struct' && other.form === 'struct' && one.layout === other.layout);
}

function accessOf(shape: Shape, path: string): Access {
  switch (shape.form) {
    case 'scalar':
      return scalarAccess(shape.type);
    case 'text':
      return textAccess(shape) as Access;
    case 'handle':
      return handleAccess(shape.kind, path) as Access;
    case 'struct':
      return structAccess(shape, path);
    case 'array':
      return isNumeric(shape) && shape.of.form === 'scalar'
        ? (numericAccess(shape.of.type as ScalarType, shape.length) as Access)
        : (arrayAccess(shape, path) as Access);
  }
}

function byteOf(memory: StructMemory, offset: number): number {
  return memory.base * 4 + offset;
}

function fillZero(memory: StructMemory, offset: number, size: number): void {
  const at = byteOf(memory, offset);
  bytes.fill(0, at, at + size);
}

function scalarAccess(type: Scalar): Access {
  const { size, read, write } = scalars[type];
  const get = (memory: StructMemory, offset: number): unknown => read(byteOf(memory, offset) / size);
  return {
    size,
    read: get,
    take: (value) => takeScalar(type, value),
    copy: get,
    write: (memory, offset, value) => write(byteOf(memory, offset) / size, value as never),
    clear: (memory, offset) => fillZero(memory, offset, size),
    toPlain: get,
  };
}

function textAccess({ length, size }: { length: number; size: number }): Access<string> {
  const get = (memory: StructMemory, offset: number): string => readText(byteOf(memory, offset));
  return {
    size,
    read: get,
    take: (value) => takeText(length, value),
    copy: get,
    write: (memory, offset, value) => writeText(byteOf(memory, offset), value),
    clear: (memory, offset) => Atomics.store(i32, memory.base + offset / 4, 0),
    toPlain: get,
  };
}

/**
 * What a handle field is given where a struct is copied, or set as a whole and nothing is said of the field: a field
 * that has a lock of its own keeps it. Otherwise two structs would share one, or a lock that somebody holds would go.
 */
const KEEP = Symbol('keep');

function handleAccess(kind: Kind, path: string): Access<Shared | null | typeof KEEP> {
  const { blank } = kind;
  const peek = (memory: StructMemory, offset: number): Shared | null =>
    peekHandle(memory, memory.base + offset / 4);
  const write = (memory: StructMemory, offset: number, value: Shared | null): void =>
    writeHandle(memory, memory.base + offset / 4, value);
  return {
    size: 4,
    read: blank === undefined ? peek : (...place) => readOrMake(blank, path, ...place),
    take: (value) => takeHandle(kind, value),
    copy: blank === undefined ? peek : () => KEEP,
    write: (memory, offset, value) => {
      if (value !== KEEP) write(memory, offset, value);
    },
    clear: blank === undefined ? (memory, offset) => write(memory, offset, null) : () => undefined,
    toPlain: peek, // looking at a struct makes no locks
  };
}

function readOrMake(blank: Blank, path: string, memory: StructMemory, offset: number): Shared {
  return readHandle(memory, memory.base + offset / 4, blank, () => {
    const { count, layout } = memory;
    if (count < 0) return path;
    const element = `${layout.name}[${String(Math.floor(offset / layout.size))}]`;
    return path.startsWith(`${layout.name}.`)
      ? element + path.slice(layout.name.length)
      : `${path} of ${element}`;
  });
}

// --- arrays ----------------------------------------------------------------------------------------------

/** Numbers, read as a typed array. What is taken is an array of them, or a typed array of the very kind. */
function numericAccess(type: ScalarType, length: number): Access<ArrayLike<unknown>> {
  const { size: one, write } = scalars[type];
  const size = one * length;
  const Plain = ARRAYS[type];
  /** Without holding the memory: for a moment. */
  const look = (memory: StructMemory, offset: number): Int32Array =>
    new Plain(heap, byteOf(memory, offset), length) as Int32Array;
  return {
    size,
    read: (memory, offset) => openWindow(type, memory, byteOf(memory, offset), length),
    take: (value) => {
      // Its numbers fit: they come from elements of the same type.
      if (value instanceof Plain && value.length <= length) return value.slice();
      return itemsOf(value, length, (item) => takeScalar(type, item));
    },
    copy: (memory, offset) => look(memory, offset).slice(),
    write: (memory, offset, items) => {
      const start = byteOf(memory, offset) / one;
      if (ArrayBuffer.isView(items)) look(memory, offset).set(items as unknown as Int32Array);
      else for (let k = 0; k < items.length; k++) write(start + k, items[k] as never);
      fillZero(memory, offset + items.length * one, size - items.length * one);
    },
    clear: (memory, offset) => fillZero(memory, offset, size),
    toPlain: (memory, offset) => Array.from(look(memory, offset)),
  };
}

/** Anything else. */
function arrayAccess({ of, length, size }: Shape & { form: 'array' }, path: string): Access<unknown[]> {
  const element = accessTo(of, `${path}[]`);
  const each = <R>(offset: number, action: (place: number, index: number) => R): R[] =>
    Array.from({ length }, (_, k) => action(offset + k * element.size, k));
  const isPlain = !refers(of);
  const clear = (memory: StructMemory, offset: number, from: number): void => {
    if (isPlain) fillZero(memory, offset + from * element.size, size - from * element.size);
    else for (let k = from; k < length; k++) element.clear(memory, offset + k * element.size);
  };
  return {
    size,
    read: (memory, offset) => new Elements(memory, offset, length, element),
    take: (value) => itemsOf(value, length, element.take),
    copy: (memory, offset) => each(offset, (place) => element.copy(memory, place)),
    write: (memory, offset, items) => {
      for (const [k, item] of items.entries()) element.write(memory, offset + k * element.size, item);
      clear(memory, offset, items.length);
    },
    clear: (memory, offset) => clear(memory, offset, 0),
    toPlain: (memory, offset) => each(offset, (place) => element.toPlain(memory, place)),
  };
}

/** Whether values of a shape refer to shared objects. */
function refers(shape: Shape): boolean {
  switch (shape.form) {
    case 'handle':
      return true;
    case 'struct':
      return shape.layout.handles.length > 0;
    case 'array':
      return refers(shape.of);
    default:
      return false;
  }
}

function itemsOf(value: unknown, most: number, take: (item: unknown) => unknown): unknown[] {
  if (typeof value !== 'object' || value === null || !(Symbol.iterator in value)) {
    throw new Unfit(TypeError, `takes an array or another iterable, not ${describe(value)}`);
  }
  const items: unknown[] = [];
  for (const item of value as Iterable<unknown>) {
    // Here, since an iterable may have no end.
    if (items.length === most)
      throw new Unfit(RangeError, `has ${String(most)} elements, and more were given`);
    try {
      items.push(take(item));
    } catch (error) {
      throw through(error, `[${String(items.length)}]`);
    }
  }
  return items;
}

// --- structs ---------------------------------------------------------------------------------------------

/** Access to structs; plugged in by struct-access.ts, which is made with this. */
let structAccess: (shape: Shape & { form: 'struct' }, path: string) => Access;

/** Says how structs are accessed. */
export function accessStructsBy(maker: typeof structAccess): void {
  structAccess = maker;
}
