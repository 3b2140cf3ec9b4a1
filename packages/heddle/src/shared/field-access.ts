/**
 * Reading and writing a value of any shape at a place in a struct's memory. This is the general way, for elements of
 * arrays and for values given as a whole; the properties of structs (field-property.ts) take a shorter one to numbers.
 *
 * Offsets are bytes from the beginning of the memory. `check` comes before `write`: a value that is refused anywhere
 * inside leaves everything as it was.
 */
import { describe } from '../base/arguments.js';
import { bytes, i32 } from '../memory/heap.js';
import type { Kind } from '../memory/object.js';
import type { Part } from '../memory/part.js';
import type { Access, ElementAccess } from './access.js';
import { Elements } from './fixed-array.js';
import { checkHandle, peekHandle, readHandle, writeHandle } from './handle-field.js';
import { checkScalar, type Scalar, scalars } from './scalars.js';
import type { ScalarType } from './shared-array.js';
import { type Field, isNumeric, type Layout, type Shape } from './struct-layout.js';
import type { StructMemory } from './struct-memory.js';
import { isInstance, memoryOf, partAt, startOf, type StructInstance } from './struct-instance.js';
import { checkText, readText, writeText } from './text-field.js';
import { openWindow } from './window.js';

const accesses = new Map<Shape, ElementAccess>();

/** The access to values of a shape. `path` names the place in messages, and objects that are made there. */
export function accessTo(shape: Shape, path: string): ElementAccess {
  let access = accesses.get(shape);
  if (access === undefined) {
    access = { ...accessOf(shape, path), partOfArray: (...place) => arrayPart(shape, ...place) };
    accesses.set(shape, access);
  }
  return access;
}

function accessOf(shape: Shape, path: string): Access {
  switch (shape.form) {
    case 'scalar':
      return scalarAccess(shape.type);
    case 'text':
      return textAccess(shape);
    case 'handle':
      return handleAccess(shape.kind, path);
    case 'struct':
      return structAccess(shape.layout);
    case 'array':
      return isNumeric(shape) && shape.of.form === 'scalar'
        ? numericAccess(shape.of.type as ScalarType, shape.length)
        : arrayAccess(shape, path);
  }
}

/** How an array of elements of this shape crosses, if it is a part of something larger. */
function arrayPart(of: Shape, memory: StructMemory, offset: number, length: number): Part {
  return partAt(memory, (one) => one.form === 'array' && one.of === of && one.length === length, offset);
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
  return {
    size,
    read: (memory, offset) => read(byteOf(memory, offset)),
    check: (value, path) => checkScalar(type, value, path),
    write: (memory, offset, value) => write(byteOf(memory, offset), value as never),
    clear: (memory, offset) => fillZero(memory, offset, size),
    toPlain: (memory, offset) => read(byteOf(memory, offset)),
  };
}

function textAccess({ length, size }: { length: number; size: number }): Access {
  return {
    size,
    read: (memory, offset) => readText(byteOf(memory, offset)),
    check: (value, path) => checkText(length, value, path),
    write: (memory, offset, value) => writeText(byteOf(memory, offset), value as string),
    clear: (memory, offset) => Atomics.store(i32, memory.base + offset / 4, 0),
    toPlain: (memory, offset) => readText(byteOf(memory, offset)),
  };
}

function handleAccess(kind: Kind, path: string): Access {
  const set = (memory: StructMemory, offset: number, value: unknown): void =>
    writeHandle(memory, memory.base + offset / 4, value as ReturnType<typeof peekHandle>);
  return {
    size: 4,
    read: (memory, offset) => readHandle(memory, memory.base + offset / 4, kind, path),
    check: (value, at) => checkHandle(kind, value, at),
    write: set,
    clear: (memory, offset) => set(memory, offset, null),
    // Looking at a struct makes no locks.
    toPlain: (memory, offset) => peekHandle(memory, memory.base + offset / 4),
  };
}

// --- arrays ----------------------------------------------------------------------------------------------

/** Numbers, read as a typed array. */
function numericAccess(type: ScalarType, length: number): Access {
  const { size: one, write } = scalars[type];
  const size = one * length;
  return {
    size,
    read: (memory, offset) => openWindow(type, memory, byteOf(memory, offset), length),
    check: (value, path) =>
      itemsOf(value, length, path).forEach((item, k) => checkScalar(type, item, `${path}[${String(k)}]`)),
    write: (memory, offset, value) => {
      const items = Array.from(value as Iterable<unknown>); // first: it may be a window on this very memory
      fillZero(memory, offset + items.length * one, size - items.length * one);
      items.forEach((item, k) => write(byteOf(memory, offset) + k * one, item as never));
    },
    clear: (memory, offset) => fillZero(memory, offset, size),
    toPlain: (memory, offset) =>
      Array.from(openWindow(type, memory, byteOf(memory, offset), length) as Int32Array),
  };
}

/** Anything else. */
function arrayAccess({ of, length, size }: Shape & { form: 'array' }, path: string): Access {
  const element = accessTo(of, `${path}[]`);
  const places = (offset: number): number[] => Array.from({ length }, (_, k) => offset + k * element.size);
  return {
    size,
    read: (memory, offset) => new Elements(memory, offset, length, element),
    check: (value, at) =>
      itemsOf(value, length, at).forEach((item, k) => element.check(item, `${at}[${String(k)}]`)),
    write: (memory, offset, value) => {
      const items = Array.from(value as Iterable<unknown>);
      places(offset).forEach((place, k) => {
        if (k < items.length) element.write(memory, place, items[k]);
        else element.clear(memory, place);
      });
    },
    clear: (memory, offset) => places(offset).forEach((place) => element.clear(memory, place)),
    toPlain: (memory, offset) => places(offset).map((place) => element.toPlain(memory, place)),
  };
}

function itemsOf(value: unknown, most: number, path: string): unknown[] {
  if (typeof value !== 'object' || value === null || !(Symbol.iterator in value)) {
    throw new TypeError(`${path} takes an array or another iterable, not ${describe(value)}`);
  }
  const items = Array.from(value as Iterable<unknown>);
  if (items.length > most) {
    throw new RangeError(`${path} has ${String(most)} elements, and ${String(items.length)} were given`);
  }
  return items;
}

// --- structs ---------------------------------------------------------------------------------------------

/** A class of structs: its constructor takes values, or a memory and where in it the struct begins, in words. */
export type StructClass = new (values?: unknown, memory?: StructMemory, at?: number) => StructInstance;

/** Finds a layout's class; plugged in by struct-class.ts, which makes the classes. */
let findClass: (layout: Layout) => StructClass;

/** Says how classes are found. */
export function findClassesWith(finder: typeof findClass): void {
  findClass = finder;
}

function structAccess(layout: Layout): Access {
  const { size, name } = layout;
  let Its: StructClass | undefined;
  return {
    size,
    read: (memory, offset) => new (Its ??= findClass(layout))(undefined, memory, offset / 4),
    check: (value, path) => {
      if (!isInstance(value, layout)) checkFields(layout, value, path === '' ? name : path);
    },
    write: (memory, offset, value) => writeStruct(layout, memory, offset, value as object),
    clear: (memory, offset) => {
      for (const { access, field } of accessesIn(layout)) access.clear(memory, offset + field.offset);
    },
    toPlain: (memory, offset) => fieldsAt(layout, memory, offset),
  };
}

interface FieldAccess {
  readonly field: Field;
  readonly access: Access;
}

const fieldAccesses = new Map<Layout, readonly FieldAccess[]>();

/** The accesses to a layout's fields. */
function accessesIn(layout: Layout): readonly FieldAccess[] {
  let its = fieldAccesses.get(layout);
  if (its === undefined) {
    its = layout.fields.map((field) => ({
      field,
      access: accessTo(field.shape, `${layout.name}.${field.name}`),
    }));
    fieldAccesses.set(layout, its);
  }
  return its;
}

/** @throws TypeError if an object has a property that is no field, or a wrong value for one; RangeError */
export function checkFields(layout: Layout, values: unknown, path: string): void {
  if (typeof values !== 'object' || values === null) {
    throw new TypeError(
      `${path} takes an object with values for fields of ${layout.name}, not ${describe(values)}`,
    );
  }
  for (const key of Object.keys(values)) {
    const known = accessesIn(layout).find(({ field }) => field.name === key);
    if (known === undefined) {
      const names = layout.fields.map((one) => one.name).join(', ');
      const where = path === layout.name ? '' : `${path}: `;
      throw new TypeError(`${where}${layout.name} has no field ${key}; its fields are ${names}`);
    }
    const value = (values as Record<string, unknown>)[key];
    if (value !== undefined) known.access.check(value, `${path}.${key}`);
  }
}

/** Writes the fields that an object has to a struct that is all zero. They have been checked. */
export function writeFresh(layout: Layout, memory: StructMemory, values: object): void {
  for (const { access, field } of accessesIn(layout)) {
    const value = (values as Record<string, unknown>)[field.name];
    if (value !== undefined) access.write(memory, field.offset, value);
  }
}

/** Makes the struct at an offset like another one, or like an object with some of its fields, the others zero. */
export function writeStruct(layout: Layout, memory: StructMemory, offset: number, value: object): void {
  const to = memory.base + offset / 4;
  const from = isInstance(value, layout) ? value : undefined;
  if (from !== undefined && startOf(from) === to) return;
  if (from !== undefined && layout.handles.length === 0) {
    i32.copyWithin(to, startOf(from), startOf(from) + layout.size / 4);
    return;
  }
  for (const { access, field } of accessesIn(layout)) {
    const place = offset + field.offset;
    const given =
      from === undefined
        ? (value as Record<string, unknown>)[field.name]
        : access.read(memoryOf(from), offsetOf(from) + field.offset);
    if (given === undefined) access.clear(memory, place);
    else access.write(memory, place, given);
  }
}

/** Where an instance's struct begins in its memory, in bytes. */
export function offsetOf(instance: StructInstance): number {
  return (startOf(instance) - memoryOf(instance).base) * 4;
}

/** A struct's values as a plain object. */
export function fieldsAt(layout: Layout, memory: StructMemory, offset: number): Record<string, unknown> {
  return Object.fromEntries(
    accessesIn(layout).map(({ field, access }) => [
      field.name,
      access.toPlain(memory, offset + field.offset),
    ]),
  );
}
