/** Access to structs as a whole (access.ts): made of the access to each of their fields. */
import { describe, withArticle } from '../base/arguments.js';
import { i32 } from '../memory/heap.js';
import type { Access } from './access.js';
import { accessStructsBy, accessTo } from './field-access.js';
import type { Field, Layout, Shape } from './struct-layout.js';
import type { StructMemory } from './struct-memory.js';
import { isInstance, isStruct, memoryOf, startOf, type StructInstance } from './struct-instance.js';
import { through, Unfit } from './unfit.js';

/** A class of structs: its constructor takes values, or a memory and where in it the struct begins, in words. */
export type StructClass = new (values?: unknown, memory?: StructMemory, at?: number) => StructInstance;

/** What is taken for a struct: all of its words, or a value for each field. Undefined is none: the field is cleared. */
type Taken = Int32Array | readonly unknown[];

/** Finds a layout's class; plugged in by struct-class.ts, which makes the classes. */
let findClass: (layout: Layout) => StructClass;

/** Says how classes are found. */
export function findClassesWith(finder: typeof findClass): void {
  findClass = finder;
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

const made = new Map<Layout, Access<Taken>>();

/** The access to structs of a layout. */
export function accessToStruct(layout: Layout): Access<Taken> {
  let access = made.get(layout);
  if (access === undefined) made.set(layout, (access = makeAccess(layout)));
  return access;
}

accessStructsBy((shape: Shape & { form: 'struct' }) => accessToStruct(shape.layout) as Access);

function makeAccess(layout: Layout): Access<Taken> {
  const { size } = layout;
  const isPlain = layout.handles.length === 0;
  let Its: StructClass | undefined;
  const copy = (memory: StructMemory, offset: number): Taken => {
    const at = memory.base + offset / 4;
    return isPlain
      ? i32.slice(at, at + size / 4)
      : accessesIn(layout).map(({ access, field }) => access.copy(memory, offset + field.offset));
  };
  return {
    size,
    read: (memory, offset) => new (Its ??= findClass(layout))(undefined, memory, offset / 4),
    take: (value) =>
      isInstance(value, layout) ? copy(memoryOf(value), offsetOf(value)) : takeFields(layout, value),
    copy,
    write: (memory, offset, taken) => {
      if (taken instanceof Int32Array) {
        i32.set(taken, memory.base + offset / 4);
        return;
      }
      for (const [k, { access, field }] of accessesIn(layout).entries()) {
        const value = taken[k];
        if (value === undefined) access.clear(memory, offset + field.offset);
        else access.write(memory, offset + field.offset, value);
      }
    },
    clear: (memory, offset) => {
      for (const { access, field } of accessesIn(layout)) access.clear(memory, offset + field.offset);
    },
    toPlain: (memory, offset) => fieldsAt(layout, memory, offset),
  };
}

/** Takes an object with values for some fields. @throws Unfit */
function takeFields(layout: Layout, values: unknown): readonly unknown[] {
  const fields = accessesIn(layout);
  const taken: unknown[] = [];
  for (const key of keysOf(layout, values)) {
    const place = fields.findIndex(({ field }) => field.name === key);
    const known = fields[place];
    if (known === undefined) {
      const names = layout.fields.map((one) => one.name).join(', ');
      throw new Unfit(TypeError, `has no field ${key}; the fields of ${layout.name} are ${names}`);
    }
    const value = (values as Record<string, unknown>)[key];
    if (value === undefined) continue;
    try {
      taken[place] = known.access.take(value);
    } catch (error) {
      throw through(error, `.${key}`);
    }
  }
  return taken;
}

/** The fields that an object has values for. Only its own: what is inherited, as by a struct of another type, is not data. */
function keysOf(layout: Layout, values: unknown): string[] {
  if (typeof values === 'object' && values !== null && !Array.isArray(values) && !isStruct(values)) {
    const keys = Object.keys(values);
    if (keys.length > 0) return keys;
    const prototype: unknown = Object.getPrototypeOf(values);
    if (prototype === null || prototype === Object.prototype) return keys;
  }
  throw new Unfit(
    TypeError,
    `takes ${withArticle(layout.name)} or an object with values for its fields, not ${describe(values)}`,
  );
}

/** Writes the fields that were taken to a struct that is all zero. */
export function writeFresh(layout: Layout, memory: StructMemory, taken: Taken): void {
  if (taken instanceof Int32Array) accessToStruct(layout).write(memory, 0, taken);
  else
    for (const [k, { access, field }] of accessesIn(layout).entries()) {
      if (taken[k] !== undefined) access.write(memory, field.offset, taken[k]);
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
