import { checkCount, describe } from '../base/arguments.js';
import { OutOfMemoryError } from '../base/errors.js';

/** Element types of shared arrays. */
export type ScalarType = 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'i64' | 'u64' | 'f32' | 'f64';

/** The typed array for each element type. */
interface Arrays {
  i8: Int8Array;
  u8: Uint8Array;
  i16: Int16Array;
  u16: Uint16Array;
  i32: Int32Array;
  u32: Uint32Array;
  i64: BigInt64Array;
  u64: BigUint64Array;
  f32: Float32Array;
  f64: Float64Array;
}

/** The typed array that {@link sharedArray} makes for an element type. */
export type SharedArray<T extends ScalarType> = Arrays[T];

export const ARRAYS: { readonly [T in ScalarType]: ViewConstructor<Arrays[T]> } = {
  i8: Int8Array,
  u8: Uint8Array,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
  f32: Float32Array,
  f64: Float64Array,
};

interface ViewConstructor<V> {
  readonly BYTES_PER_ELEMENT: number;
  new (memory: SharedArrayBuffer, offset?: number, length?: number): V;
}

/**
 * A plain typed array, zero-filled, over memory that all threads share. Passing it to another thread, whole or as a
 * `subarray`, passes the memory and copies nothing.
 *
 * Reads and writes of elements order nothing: guard them with a lock, hand them over through a queue or a join, or
 * use `Atomics` on integer arrays.
 *
 * The array has a SharedArrayBuffer of its own, so `array.buffer` is exactly its memory, and the memory lives as long
 * as any thread can reach it.
 *
 * @param type the element type
 * @param length how many elements
 * @throws TypeError for an unknown type; RangeError if `length` is no whole number of at least 0;
 * OutOfMemoryError if the engine cannot give so much
 * @example
 * ```ts
 * const pixels = sharedArray('u8', width * height);
 * const threads = rows.map((row) => spawn(render, pixels, row));
 * ```
 */
export function sharedArray<T extends ScalarType>(type: T, length: number): SharedArray<T> {
  if (!Object.hasOwn(ARRAYS, type)) {
    throw new TypeError(`a shared array is of ${Object.keys(ARRAYS).join(', ')}, not ${describe(type)}`);
  }
  checkCount('length', length, 0, Number.MAX_SAFE_INTEGER);
  const View: ViewConstructor<Arrays[T]> = ARRAYS[type];
  return new View(allocateBytes(length * View.BYTES_PER_ELEMENT));
}

function allocateBytes(bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch (cause) {
    throw new OutOfMemoryError(
      `there is no memory for a shared array of ${String(bytes)} bytes: make it shorter, or of a smaller type`,
      { cause },
    );
  }
}
