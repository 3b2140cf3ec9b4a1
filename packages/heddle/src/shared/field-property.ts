/**
 * The fields of a struct as properties of its class. A number's property is a load or a store at a fixed distance from
 * where the struct begins, and the engine compiles it to little more than that, as long as `startOf` is the class's own
 * (struct-class.ts says why).
 */
import { f32, f64, i32, i64, u16, u8 } from '../memory/heap.js';
import { takeFor } from './access.js';
import { accessTo } from './field-access.js';
import { type Scalar, takeScalar } from './scalars.js';
import { offsetOf } from './struct-access.js';
import { memoryOf, type StructInstance } from './struct-instance.js';
import type { Field, Layout } from './struct-layout.js';

/** The word address at which an instance's struct begins. @throws DisposedError */
export type StartOf = (instance: StructInstance) => number;

/** Defines a property for each field of the layout. */
export function defineFields(prototype: object, layout: Layout, startOf: StartOf): void {
  for (const field of layout.fields) {
    const path = `${layout.name}.${field.name}`;
    const { get, set } =
      field.shape.form === 'scalar'
        ? scalarProperty(field.shape.type, field.offset, path, startOf)
        : generalProperty(field, path);
    Object.defineProperty(prototype, field.name, { get, set, enumerable: true, configurable: true });
  }
}

/** A getter and a setter, to be called on an instance. */
interface Property {
  readonly get: (this: StructInstance) => unknown;
  readonly set: (this: StructInstance, value: never) => void;
}

function generalProperty({ shape, offset }: Field, path: string): Property {
  const access = accessTo(shape, path);
  return {
    get() {
      return access.read(memoryOf(this), offsetOf(this) + offset);
    },
    set(value: unknown) {
      const taken = takeFor(access, path, value);
      access.write(memoryOf(this), offsetOf(this) + offset, taken);
    },
  };
}

/** What is refused is told by {@link takeScalar}: the setters ask only whether it fits. */
function scalarProperty(type: Scalar, offset: number, path: string, startOf: StartOf): Property {
  const refuse = (value: unknown): void => void takeFor({ take: (it) => takeScalar(type, it) }, path, value);
  const words = offset / 4;
  const halves = offset / 2;
  switch (type) {
    case 'f64':
      return {
        get() {
          return f64[(startOf(this) + words) >> 1];
        },
        set(value: number) {
          if (typeof value !== 'number') refuse(value);
          f64[(startOf(this) + words) >> 1] = value;
        },
      };
    case 'i32':
      return {
        get() {
          return i32[startOf(this) + words];
        },
        set(value: number) {
          if (typeof value !== 'number' || value !== (value | 0)) refuse(value);
          i32[startOf(this) + words] = value;
        },
      };
    case 'u32':
      return {
        get() {
          return i32[startOf(this) + words]! >>> 0;
        },
        set(value: number) {
          if (typeof value !== 'number' || value !== value >>> 0) refuse(value);
          i32[startOf(this) + words] = value;
        },
      };
    case 'i64':
      return {
        get() {
          return i64[(startOf(this) + words) >> 1];
        },
        set(value: bigint) {
          if (typeof value !== 'bigint' || value !== BigInt.asIntN(64, value)) refuse(value);
          i64[(startOf(this) + words) >> 1] = value;
        },
      };
    case 'u64':
      return {
        get() {
          return BigInt.asUintN(64, i64[(startOf(this) + words) >> 1]!);
        },
        set(value: bigint) {
          if (typeof value !== 'bigint' || value !== BigInt.asUintN(64, value)) refuse(value);
          i64[(startOf(this) + words) >> 1] = value;
        },
      };
    case 'f32':
      return {
        get() {
          return f32[startOf(this) + words];
        },
        set(value: number) {
          if (typeof value !== 'number') refuse(value);
          f32[startOf(this) + words] = value;
        },
      };
    case 'i16':
      return {
        get() {
          return (u16[startOf(this) * 2 + halves]! << 16) >> 16;
        },
        set(value: number) {
          if (typeof value !== 'number' || value !== (value << 16) >> 16) refuse(value);
          u16[startOf(this) * 2 + halves] = value;
        },
      };
    case 'u16':
      return {
        get() {
          return u16[startOf(this) * 2 + halves];
        },
        set(value: number) {
          if (typeof value !== 'number' || value !== (value & 0xffff)) refuse(value);
          u16[startOf(this) * 2 + halves] = value;
        },
      };
    case 'i8':
      return {
        get() {
          return (u8[startOf(this) * 4 + offset]! << 24) >> 24;
        },
        set(value: number) {
          if (typeof value !== 'number' || value !== (value << 24) >> 24) refuse(value);
          u8[startOf(this) * 4 + offset] = value;
        },
      };
    case 'u8':
      return {
        get() {
          return u8[startOf(this) * 4 + offset];
        },
        set(value: number) {
          if (typeof value !== 'number' || value !== (value & 0xff)) refuse(value);
          u8[startOf(this) * 4 + offset] = value;
        },
      };
    case 'bool':
      return {
        get() {
          return u8[startOf(this) * 4 + offset] === 1;
        },
        set(value: boolean) {
          if (typeof value !== 'boolean') refuse(value);
          u8[startOf(this) * 4 + offset] = value ? 1 : 0;
        },
      };
  }
}
