/** The classes of structs, one for each layout, and how values that crossed become instances again. */
import { checkCount, describe, withArticle } from '../base/arguments.js';
import { INSPECT, type Inspect } from '../memory/object.js';
import {
  accessTo,
  checkFields,
  fieldsAt,
  findClassesWith,
  offsetOf,
  type StructClass,
  writeFresh,
} from './field-access.js';
import { defineFields } from './field-property.js';
import { Elements } from './fixed-array.js';
import { bindLayout, type Layout } from './struct-layout.js';
import { createStructs, makePartsWith, StructMemory } from './struct-memory.js';
import { isInstance, memoryOf, StructInstance } from './struct-instance.js';
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

  class Its extends StructInstance {
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

    static toObject(value: unknown): Record<string, unknown> {
      if (!isInstance(value, layout)) throw new TypeError(`toObject takes a ${name}, not ${describe(value)}`);
      return fieldsAt(layout, memoryOf(value), offsetOf(value));
    }

    toJSON(): Record<string, unknown> {
      return Its.toObject(this);
    }

    [INSPECT](_depth: number, options: object, inspect: Inspect): string {
      return `${name} ${memoryOf(this).base === 0 ? '{ disposed }' : inspect(Its.toObject(this), options)}`;
    }
  }
  Object.defineProperty(Its, 'name', { value: name });
  defineFields(Its.prototype, layout);
  return Its;
}

/** A new struct's memory with the values given. */
function createFrom(layout: Layout, values: unknown): StructMemory {
  if (values !== undefined && !isInstance(values, layout)) checkFields(layout, values, layout.name);
  const memory = createStructs(layout);
  if (values === undefined) return memory;
  try {
    writeFresh(layout, memory, values as object);
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

// --- from memory to instances --------------------------------------------------------------------------------

/** What users see of a whole memory: the one struct in it, or the array. */
function rootOf(memory: StructMemory): object {
  const { layout, count } = memory;
  const Its = classFor(layout);
  memory.root ??=
    count < 0
      ? new Its(undefined, memory, 0)
      : new Elements(memory, 0, count, accessTo(wholeOf(layout), layout.name));
  return memory.root;
}

/** The shape of a layout's structs themselves: the first of its places. */
function wholeOf(layout: Layout): Layout['places'][number] {
  return placeIn(layout, 0);
}

function placeIn(layout: Layout, index: number): Layout['places'][number] {
  const place = layout.places[index];
  if (place === undefined) throw new RangeError(`internal: ${layout.name} has no place ${String(index)}`);
  return place;
}

/** `Kind.part`: the part that crossed as `which` (struct-instance.ts, window.ts). */
makePartsWith((memory, which) => {
  if (!(memory instanceof StructMemory)) throw new TypeError('internal: a part of a struct that is none');
  const root = rootOf(memory);
  if (which === 0) return root;
  const [place = 0, offset = 0, length] = which as readonly number[];
  return length === undefined
    ? accessTo(placeIn(memory.layout, place), memory.layout.name).read(memory, offset)
    : windowAgain(memory, place, offset, length);
});

findClassesWith(classFor);
