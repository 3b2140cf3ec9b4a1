/**
 * How a schema lies in memory.
 *
 * Fields lie in their order, each at the next multiple of what it must be aligned to, as in C. A struct begins at a
 * multiple of four bytes, or of eight if it holds 64-bit numbers, and its size is a multiple of that; so structs in an
 * array lie side by side, and a struct in a struct lies in the middle of its fields.
 *
 * | field | bytes | at a multiple of |
 * | --- | --- | --- |
 * | number, bool | its width | its width |
 * | text(n) | 4 + 2n, rounded up to whole words (text-field.ts) | 4 |
 * | array(type, n) | n times the type | the type |
 * | struct | its size | its alignment |
 * | handle | 4: the address of a shared object, which has a reference for it; 0: none yet | 4 |
 *
 * A layout has a *description*, a line of JSON from which any thread can make the same layout again, also one that has
 * never loaded the module with the schema. Structs with the same description are of the same type.
 */
import { checkCount, describe } from '../base/arguments.js';
import { type Kind, kindHandledBy, kindNumbered } from '../memory/object.js';
import { type Scalar, scalars } from './scalars.js';
import { textBytes } from './text-field.js';
import { ArrayType, type FieldType, type Schema, TextType } from './struct-types.js';

/** The type of a field, with its measures. */
export type Shape =
  | { readonly form: 'scalar'; readonly type: Scalar; readonly size: number; readonly align: number }
  | { readonly form: 'text'; readonly length: number; readonly size: number; readonly align: 4 }
  | {
      readonly form: 'array';
      readonly of: Shape;
      readonly length: number;
      readonly size: number;
      readonly align: number;
    }
  | { readonly form: 'struct'; readonly layout: Layout; readonly size: number; readonly align: number }
  | { readonly form: 'handle'; readonly kind: Kind; readonly size: 4; readonly align: 4 };

/** A field of a struct. */
export interface Field {
  readonly name: string;
  readonly shape: Shape;
  /** Bytes from the beginning of the struct. */
  readonly offset: number;
}

/** A struct type. There is one for each description in a thread. */
export interface Layout {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly size: number;
  readonly align: number;
  readonly description: string;
  /** Where its handles are, those of nested structs and arrays among them, in bytes from its beginning. */
  readonly handles: readonly number[];
  /** The shapes that a part of it can have, the struct's own first: of structs in it, and of elements of arrays. */
  readonly places: readonly Shape[];
}

/** Names that mean something on every object. */
const RESERVED: ReadonlySet<string> = new Set(['constructor', '__proto__', 'toJSON', 'then']);

/** A struct has at most this many bytes: an address in it must be a word of the heap. */
const MOST_BYTES = 2 ** 30;

const layouts = new Map<string, Layout>();

/** The layout of a schema. @throws TypeError, RangeError if it is none */
export function layoutOf(name: string, schema: Schema): Layout {
  if (typeof schema !== 'object' || (schema as unknown) === null || Array.isArray(schema)) {
    throw new TypeError(`a schema must be an object such as { balance: 'f64' }, not ${describe(schema)}`);
  }
  const fields = Object.entries(schema).map(([field, type]): [string, Shape] => {
    if (RESERVED.has(field)) throw new TypeError(`${field} cannot be the name of a field of a struct`);
    return [field, shapeOf(type, `${name}.${field}`)];
  });
  if (fields.length === 0) throw new TypeError('a struct needs at least one field');
  return arrange(name, fields);
}

function shapeOf(type: FieldType, path: string): Shape {
  if (typeof type === 'string' && isScalar(type)) return scalarShape(type);
  if (type instanceof TextType) return textShape(type.length);
  if (type instanceof ArrayType) return arrayShape(shapeOf(type.of as FieldType, `${path}[]`), type.length);
  if (typeof type === 'function') {
    const nested = layoutBehind(type);
    if (nested !== undefined) return structShape(nested);
    const kind = kindHandledBy(type);
    if (kind !== undefined) return { form: 'handle', kind, size: 4, align: 4 };
  }
  const meant = MEANT.get(type);
  throw new TypeError(
    meant === undefined
      ? `the type of ${path} must be one of ${Object.keys(scalars).join(', ')}, text(n), array(type, n), a struct, or ` +
          `a class of heddle's such as Lock, not ${describe(type)}`
      : `the type of ${path} is written ${meant}, not ${describe(type)}`,
  );
}

/** What those mean who write types as elsewhere. */
const MEANT: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  ...([Number, 'number', 'double', 'float64'] as const).map((type) => [type, "'f64'"] as const),
  ...(['float', 'float32'] as const).map((type) => [type, "'f32'"] as const),
  ...(['int', 'int32'] as const).map((type) => [type, "'i32'"] as const),
  ...([BigInt, 'bigint', 'int64'] as const).map((type) => [type, "'i64'"] as const),
  ...([Boolean, 'boolean'] as const).map((type) => [type, "'bool'"] as const),
  ...([String, 'string', 'text'] as const).map((type) => [type, 'text(n)'] as const),
]);

function isScalar(type: string): type is Scalar {
  return Object.hasOwn(scalars, type);
}

function scalarShape(type: Scalar): Shape {
  const { size } = scalars[type];
  return { form: 'scalar', type, size, align: size };
}

function textShape(length: number): Shape {
  return { form: 'text', length, size: textBytes(length), align: 4 };
}

function arrayShape(of: Shape, length: number): Shape {
  return { form: 'array', of, length, size: of.size * length, align: of.align };
}

function structShape(layout: Layout): Shape {
  return { form: 'struct', layout, size: layout.size, align: layout.align };
}

function arrange(name: string, shapes: readonly (readonly [string, Shape])[]): Layout {
  let end = 0;
  let align = 4;
  const fields = shapes.map(([field, shape]): Field => {
    const offset = roundUp(end, shape.align);
    end = offset + shape.size;
    align = Math.max(align, shape.align);
    return { name: field, shape, offset };
  });
  const size = roundUp(end, align);
  if (size > MOST_BYTES) {
    throw new RangeError(
      `${name} would take ${String(size)} bytes; a struct takes at most ${String(MOST_BYTES)}`,
    );
  }
  const description = JSON.stringify(writtenLayout(name, fields));
  const known = layouts.get(description);
  if (known !== undefined) return known;
  const handles = fields.flatMap(({ shape, offset }) => handlesIn(shape, offset));
  const places: Shape[] = [];
  const layout: Layout = { name, fields, size, align, description, handles, places };
  places.push(structShape(layout), ...fields.flatMap(({ shape }) => placesIn(shape)));
  layouts.set(description, layout);
  return layout;
}

function roundUp(bytes: number, multiple: number): number {
  return Math.ceil(bytes / multiple) * multiple;
}

function handlesIn(shape: Shape, offset: number): number[] {
  switch (shape.form) {
    case 'handle':
      return [offset];
    case 'struct':
      return shape.layout.handles.map((one) => offset + one);
    case 'array': {
      const inOne = handlesIn(shape.of, 0);
      if (inOne.length === 0) return inOne;
      return Array.from({ length: shape.length }, (_, k) => offset + k * shape.of.size).flatMap((start) =>
        inOne.map((one) => start + one),
      );
    }
    default:
      return [];
  }
}

function placesIn(shape: Shape): Shape[] {
  if (shape.form === 'struct') return [...shape.layout.places];
  // An array of numbers is a typed array, and crosses as such.
  if (shape.form === 'array' && !isNumeric(shape)) return [shape.of, ...placesIn(shape.of)];
  return [];
}

/** Whether a shape is an array of numbers, which is read as a typed array. */
export function isNumeric(shape: Shape): boolean {
  return shape.form === 'array' && shape.of.form === 'scalar' && shape.of.type !== 'bool';
}

// --- struct classes --------------------------------------------------------------------------------------

const layoutsOfClasses = new WeakMap<object, Layout>();

/** Notes which layout the structs of a class have. */
export function bindLayout(structClass: object, layout: Layout): void {
  layoutsOfClasses.set(structClass, layout);
}

/** The layout of a class made by `struct`; undefined for anything else. */
function layoutBehind(structClass: object): Layout | undefined {
  return layoutsOfClasses.get(structClass);
}

// --- descriptions ----------------------------------------------------------------------------------------

/** What a description says: the name, and each field with its shape. */
type WrittenLayout = readonly [string, readonly (readonly [string, Written])[]];

/** A shape in a description. */
type Written =
  | Scalar
  | readonly ['text', number]
  | readonly ['array', Written, number]
  | readonly ['handle', number]
  | readonly ['struct', WrittenLayout];

function writtenLayout(name: string, fields: readonly Field[]): WrittenLayout {
  return [name, fields.map((field) => [field.name, written(field.shape)])];
}

function written(shape: Shape): Written {
  switch (shape.form) {
    case 'scalar':
      return shape.type;
    case 'text':
      return ['text', shape.length];
    case 'array':
      return ['array', written(shape.of), shape.length];
    case 'handle':
      return ['handle', shape.kind.id];
    case 'struct':
      return ['struct', writtenLayout(shape.layout.name, shape.layout.fields)];
  }
}

/** The layout that a description tells of. */
export function layoutDescribed(description: string): Layout {
  const known = layouts.get(description);
  if (known !== undefined) return known;
  return layoutRead(JSON.parse(description) as WrittenLayout);
}

function layoutRead([name, fields]: WrittenLayout): Layout {
  return arrange(
    name,
    fields.map(([field, shape]) => [field, shapeRead(shape)]),
  );
}

function shapeRead(shape: Written): Shape {
  if (typeof shape === 'string') return scalarShape(shape);
  switch (shape[0]) {
    case 'text':
      return textShape(shape[1]);
    case 'array':
      return arrayShape(shapeRead(shape[1]), shape[2]);
    case 'handle':
      return { form: 'handle', kind: kindNumbered(shape[1]), size: 4, align: 4 };
    case 'struct':
      return structShape(layoutRead(shape[1]));
  }
}

/** @throws RangeError if it is not a whole number of at least `least` that could fit */
export function checkLength(what: string, length: number, least: number): number {
  return checkCount(what, length, least, MOST_BYTES);
}
