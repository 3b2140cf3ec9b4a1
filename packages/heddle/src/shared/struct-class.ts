/** The classes of structs, one for each layout, and how values that crossed become instances again. */
import { checkCount, describe, withArticle } from '../base/arguments.js';
import { INSPECT, type Inspect } from '../memory/object.js';
import { takeFor } from './access.js';
import { accessTo } from './field-access.js';
import { classWithFields } from './field-property.js';
import { Elements } from './fixed-array.js';
import {
  accessToStruct,
  fieldsAt,
  findClassesWith,
  offsetOf,
  type StructClass,
  writeFresh,
} from './struct-access.js';
import { isInstance, memoryOf } from './struct-instance.js';
import { bindLayout, type Layout, type Shape } from './struct-layout.js';
import { createStructs, makePartsWith, StructMemory } from './struct-memory.js';
import { windowAgain } from './window.js';

const classes = new Map<Layout, StructClass>();

/** The class of a layout's structs. */
export function classFor(layout: Layout): StructClass {
  let its = classes.get(layout);
  if (its === undefined) {
    its = makeClass(layout);
    classes.set(layout, its);
    bindLayout(its, layout);
  }
  return its;
}

function makeClass(layout: Layout): StructClass {
  const { name } = layout;
  const access = accessToStruct(layout);
  const Base = classWithFields(layout);

  class Its extends Base {
    static readonly byteLength: number = layout.size;

    constructor(values?: unknown, memory?: StructMemory, at?: number) {
      if (memory !== undefined && at !== undefined) {
        super(memory, at, layout);
        return;
      }
      if (new.target !== Its) throw cannotExtend(name);
      super(createFrom(layout, values), 0, layout);
      memoryOf(this).root = this;
    }

    static array(length: number): Elements<unknown> {
      checkCount('length', length, 0, Number.MAX_SAFE_INTEGER);
      return rootOf(createStructs(layout, length)) as Elements<unknown>;
    }

    static from(values: Iterable<unknown>): Elements<unknown> {
      const taken = Array.from(values, (value, k) => takeFor(access, `[${k}]`, value));
      const memory = createStructs(layout, taken.length);
      for (const [k, one] of taken.entries()) access.write(memory, k * layout.size, one);
      return rootOf(memory) as Elements<unknown>;
    }

    static toObject(value: unknown): Record<string, unknown> {
      if (!isInstance(value, layout)) throw new TypeError(`toObject takes a ${name}, not ${describe(value)}`);
      return fieldsAt(layout, memoryOf(value), offsetOf(value));
    }

    toJSON(): Record<string, unknown> {
      return Its.toObject(this);
    }

    [INSPECT](_depth: number, options: object, inspect: Inspect): string {
      if (!isInstance(this, layout)) return `${name}.prototype`;
      return `${name} ${memoryOf(this).base === 0 ? '{ disposed }' : inspect(Its.toObject(this), options)}`;
    }
  }
  Object.defineProperty(Its, 'name', { value: name });
  return Its;
}

/** A new struct's memory with the values given. */
function createFrom(layout: Layout, values: unknown): StructMemory {
  const taken = values === undefined ? undefined : takeFor(accessToStruct(layout), layout.name, values);
  const memory = createStructs(layout);
  if (taken === undefined) return memory;
  try {
    writeFresh(layout, memory, taken);
    return memory;
  } catch (error) {
    memory.dispose();
    throw error;
  }
}

function cannotExtend(name: string): TypeError {
  return new TypeError(
    `${name} cannot be extended: other threads get ${withArticle(name)} and not an object of your class. Write ` +
      `functions that take ${withArticle(name)} instead of methods`,
  );
}

// --- from memory to instances ----------------------------------------------------------------------------

/** What users see of a whole memory: the one struct in it, or the array. */
function rootOf(memory: StructMemory): object {
  const { layout, count } = memory;
  const Its = classFor(layout);
  memory.root ??=
    count < 0
      ? new Its(undefined, memory, 0)
      : new Elements(memory, 0, count, accessTo(placeIn(layout, 0), layout.name));
  return memory.root;
}

function placeIn(layout: Layout, index: number): Shape {
  const place = layout.places[index];
  if (place === undefined) throw new RangeError(`internal: ${layout.name} has no place ${index}`);
  return place;
}

/** `Kind.part`: the part that crossed as `which` (struct-instance.ts). */
makePartsWith((memory, which) => {
  if (!(memory instanceof StructMemory)) throw new TypeError('internal: a part of a struct that is none');
  memory.revive();
  const root = rootOf(memory);
  if (which === 0) return root;
  const [first = 0, offset = 0, length, isArray] = which as readonly number[];
  if (length !== undefined && isArray === undefined) return windowAgain(memory, first, offset, length);
  const access = accessTo(placeIn(memory.layout, first), memory.layout.name);
  return length === undefined ? access.read(memory, offset) : new Elements(memory, offset, length, access);
});

findClassesWith(classFor);
