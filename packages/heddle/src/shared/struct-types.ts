/** What a schema may say, and what the fields of a struct are for the compiler. */
import type { HandleClass } from '../memory/object.js';
import type { ScalarType, SharedArray } from './shared-array.js';

/**
 * A fixed number of elements side by side in shared memory: structs, texts, flags, references. Numbers stand in a
 * typed array instead.
 *
 * Nothing here blocks and nothing orders: reading and writing an element is what reading and writing a field of its
 * type is; `set` and `fill` take what a field of the type can be given. A struct read from it is no copy, and so each `get` may give another object for the same memory.
 *
 * @example
 * ```ts
 * const Point = struct({ x: 'f64', y: 'f64' });
 * const points = Point.array(1000);
 * points.get(7).x = 2.5;
 * points.set(8, { x: 1, y: 2 });
 * ```
 */
export interface FixedArray<T, I = T | Partial<T>> extends Iterable<T>, Disposable {
  /** How many elements there are. */
  readonly length: number;
  /** The element at an index. @throws RangeError if there is none; DisposedError */
  get(index: number): T;
  /**
   * Sets the element at an index. A struct is copied, field by field; an object with some of its fields sets the
   * others to zero. Fields that have a lock, a queue and the like of their own keep it, unless the object names them.
   *
   * @throws RangeError if there is no such element, or the value does not fit; TypeError if it is of the wrong type
   */
  set(index: number, value: I): void;
  /** Sets every element to a value, as {@link set} does. */
  fill(value: I): this;
  /**
   * The elements from `begin` to before `end`, as an array over the same memory: to give each thread its share. The
   * bounds are those of Array's `slice`.
   */
  subarray(begin?: number, end?: number): FixedArray<T, I>;
  /** The elements, each as it is when its turn comes. */
  [Symbol.iterator](): Generator<T, void, undefined>;
  /** What `JSON.stringify` writes: the elements, structs as plain objects. */
  toJSON(): unknown[];
  /**
   * Gives this thread's handle back at once, instead of when it is collected as garbage; using the array afterwards
   * throws DisposedError. An array in a struct goes with that.
   */
  [Symbol.dispose](): void;
}

/** Room for a string, made by {@link text}. */
export class TextType {
  readonly form = 'text' as const;
  /** The most characters that fit, as `length` of a string counts them. */
  readonly length: number;

  /** @internal */
  constructor(length: number) {
    this.length = length;
  }
}

/** A fixed number of elements of one type, made by {@link array}. */
export class ArrayType<E> {
  readonly form = 'array' as const;
  /** The type of each element. */
  readonly of: E;
  /** How many. */
  readonly length: number;

  /** @internal */
  constructor(of: E, length: number) {
    this.of = of;
    this.length = length;
  }
}

/**
 * The type of a field: a number of some width, `'bool'`, {@link text}, {@link array}, another struct, or a class of
 * heddle's such as `Lock` or `Queue<string>`.
 */
export type FieldType =
  ScalarType | 'bool' | TextType | ArrayType<unknown> | { readonly schema: Schema } | HandleClass;

/** The fields of a struct, in the order in which they lie in memory. */
export type Schema = Readonly<Record<string, FieldType>>;

/** What reading a field of a type gives. */
export type FieldValue<F> = F extends 'i64' | 'u64'
  ? bigint
  : F extends ScalarType
    ? number
    : F extends 'bool'
      ? boolean
      : F extends TextType
        ? string
        : F extends ArrayType<infer E>
          ? E extends ScalarType
            ? SharedArray<E>
            : FixedArray<FieldValue<E>, FieldInitial<E>>
          : F extends { readonly schema: infer S }
            ? Struct<S>
            : F extends new () => infer H
              ? H
              : F extends abstract new (...args: never[]) => infer H
                ? H | null
                : never;

/** What a field of a type can be given when a struct is made. */
export type FieldInitial<F> =
  | FieldValue<F>
  | (F extends ArrayType<infer E>
      ? Iterable<FieldInitial<E>>
      : F extends { readonly schema: infer S }
        ? Initial<S>
        : never);

/** Values for some fields of a struct. The others are zero. */
export type Initial<S> = { readonly [K in keyof S]?: FieldInitial<S[K]> };

/** A struct: its fields are properties over shared memory. */
export type Struct<S> = { -readonly [K in keyof S]: FieldValue<S[K]> } & Disposable;

/** A struct's values copied into a plain object. */
export type Plain<F> =
  F extends ArrayType<infer E>
    ? Plain<E>[]
    : F extends { readonly schema: infer S }
      ? { -readonly [K in keyof S]: Plain<S[K]> }
      : FieldValue<F>;

/** A class of structs, made by `struct`. */
export interface StructType<S> {
  /**
   * Makes a struct in shared memory. Fields that are not named are zero, false, empty.
   *
   * @throws TypeError for a field that it does not have, or a value of the wrong type; RangeError for one that does
   *   not fit; OutOfMemoryError
   */
  new (values?: Initial<S>): Struct<S>;
  readonly prototype: Struct<S>;
  /** The name, as inspected structs show it. */
  readonly name: string;
  /** The schema it was made from. */
  readonly schema: S;
  /** Bytes that one struct takes in an array of them. */
  readonly byteLength: number;
  /**
   * Makes `length` structs that lie side by side in shared memory, all zero. The array crosses to other threads as
   * the same memory, and so does each of its structs.
   *
   * @throws RangeError if `length` is not a whole number of at least 0; OutOfMemoryError
   */
  array(length: number): FixedArray<Struct<S>, Struct<S> | Initial<S>>;
  /** As {@link array}, with the values given for each struct. @throws as the constructor */
  from(values: Iterable<Struct<S> | Initial<S>>): FixedArray<Struct<S>, Struct<S> | Initial<S>>;
  /** The values of a struct of this type, copied into a plain object. Shared objects in it stay what they are. */
  toObject(struct: Struct<S>): Plain<{ readonly schema: S }>;
}
