/**
 * The fields of a struct as properties of its class.
 *
 * A number's property is a load or a store at a fixed distance from where the struct begins. An engine compiles it to
 * little more than that only where its code has seen objects of few classes: if one getter served the structs of all
 * types, it would see too many from the fifth type on, and every field of every struct would take fifteen times as long.
 * So each class has getters and setters with code of its own, and code of its own can only be made from a text. Where
 * making code from texts is forbidden, all classes share one, and are slower.
 */
import { takeFor } from './access.js';
import { accessTo } from './field-access.js';
import { scalars, takeScalar } from './scalars.js';
import { offsetOf } from './struct-access.js';
import { memoryOf, noStruct, startOf, StructInstance } from './struct-instance.js';
import type { Field, Layout, Shape } from './struct-layout.js';
import type { StructMemory } from './struct-memory.js';

/** A class with a property for each field of one layout. */
export type ClassWithFields = new (memory: StructMemory, at: number, layout: Layout) => StructInstance;

/** A field with a number or a flag. */
type ScalarField = Field & { readonly shape: Shape & { form: 'scalar' } };

/** Makes the class for a layout. */
export function classWithFields(layout: Layout): ClassWithFields {
  const isScalar = (field: Field): field is ScalarField => field.shape.form === 'scalar';
  const fields = layout.fields.filter(isScalar);
  const Its = ownCode(layout.name, fields) ?? sharedCode(layout.name, fields);
  for (const field of layout.fields) {
    if (isScalar(field)) continue;
    const path = `${layout.name}.${field.name}`;
    Object.defineProperty(Its.prototype, field.name, generalProperty(field, path));
  }
  return Its;
}

function generalProperty({ shape, offset }: Field, path: string): PropertyDescriptor {
  const access = accessTo(shape, path);
  return {
    get(this: StructInstance) {
      return access.read(memoryOf(this), offsetOf(this) + offset);
    },
    set(this: StructInstance, value: unknown) {
      const taken = takeFor(access, path, value);
      access.write(memoryOf(this), offsetOf(this) + offset, taken);
    },
    enumerable: true,
    configurable: true,
  };
}

/** Throws what is wrong with a value that does not fit into a field. */
function refuser(name: string, field: ScalarField): (value: unknown) => void {
  return (value) => {
    takeFor({ take: (it) => takeScalar(field.shape.type, it) }, `${name}.${field.name}`, value);
  };
}

// --- code of its own ---------------------------------------------------------------------------------------

/** A class whose text has nothing of the user's but the names of fields, as quoted strings. Undefined if it is forbidden. */
function ownCode(name: string, fields: readonly ScalarField[]): ClassWithFields | undefined {
  const text = `
    return class extends Base {
      #memory;
      #at;
      constructor(memory, at, layout) {
        super(memory, at, layout);
        this.#memory = memory;
        this.#at = at;
      }
      #start() {
        const { base } = this.#memory;
        if (base === 0) throw this.#memory.disposed();
        return base + this.#at;
      }
      ${fields.map(accessorsText).join('')}
    };`;
  try {
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- see the text
    const make = new Function('Base', 'noStruct', 'scalars', 'refuse', text) as (
      ...parts: unknown[]
    ) => ClassWithFields;
    return make(
      StructInstance,
      noStruct,
      scalars,
      fields.map((field) => refuser(name, field)),
    );
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}

function accessorsText({ name, shape, offset }: ScalarField, k: number): string {
  const index = indexText(shape.size, offset);
  const key = `[${JSON.stringify(name)}]`;
  return `
      get ${key}() {
        if (!(#memory in this)) throw noStruct(this);
        return scalars.${shape.type}.read(${index});
      }
      set ${key}(value) {
        if (!(#memory in this)) throw noStruct(this);
        if (typeof value !== '${scalars[shape.type].type}' || !scalars.${shape.type}.fits(value)) refuse[${k}](value);
        scalars.${shape.type}.write(${index}, value);
      }`;
}

/** The index of a field, by whole numbers all the way. */
function indexText(size: number, offset: number): string {
  if (size === 8) return `(this.#start() + ${offset / 4}) >> 1`;
  return size === 4 ? `this.#start() + ${offset / 4}` : `this.#start() * ${4 / size} + ${offset / size}`;
}

// --- one for all -------------------------------------------------------------------------------------------

function sharedCode(name: string, fields: readonly ScalarField[]): ClassWithFields {
  class Its extends StructInstance {}
  for (const field of fields) {
    const { size, type } = field.shape;
    const { fits, read, type: wanted, write } = scalars[type];
    const refuse = refuser(name, field);
    const indexOf = (instance: StructInstance): number => (startOf(instance) * 4 + field.offset) / size;
    Object.defineProperty(Its.prototype, field.name, {
      get(this: StructInstance) {
        return read(indexOf(this));
      },
      set(this: StructInstance, value: unknown) {
        if (typeof value !== wanted || !fits(value as never)) refuse(value);
        write(indexOf(this), value as never);
      },
      enumerable: true,
      configurable: true,
    });
  }
  return Its;
}
