/**
 * Numbers and flags in the shared heap: how each type is checked, read and written. An index counts in units of the
 * type's size from the beginning of the heap.
 */
import { describe } from '../base/arguments.js';
import { f32, f64, i32, i64, u16, u8 } from '../memory/heap.js';
import type { ScalarType } from './shared-array.js';
import { Unfit } from './unfit.js';

/** What a scalar field can hold. */
export type Scalar = ScalarType | 'bool';

interface Form {
  /** Bytes; also what its address is a multiple of. */
  readonly size: number;
  /** For messages. */
  readonly takes: string;
  readonly type: 'number' | 'bigint' | 'boolean';
  /** Whether a value of the right type fits. */
  readonly fits: (value: never) => boolean;
  readonly read: (index: number) => unknown;
  readonly write: (index: number, value: never) => void;
}

const whole = (least: number, most: number): string =>
  `a whole number from ${String(least)} to ${String(most)}`;

export const scalars: Readonly<Record<Scalar, Form>> = {
  i8: {
    ...{ size: 1, type: 'number', takes: whole(-128, 127) },
    fits: (value: number) => value === (value << 24) >> 24,
    read: (index) => (u8[index]! << 24) >> 24,
    write: (index, value: number) => (u8[index] = value),
  },
  u8: {
    ...{ size: 1, type: 'number', takes: whole(0, 255) },
    fits: (value: number) => value === (value & 0xff),
    read: (index) => u8[index],
    write: (index, value: number) => (u8[index] = value),
  },
  i16: {
    ...{ size: 2, type: 'number', takes: whole(-32_768, 32_767) },
    fits: (value: number) => value === (value << 16) >> 16,
    read: (index) => (u16[index]! << 16) >> 16,
    write: (index, value: number) => (u16[index] = value),
  },
  u16: {
    ...{ size: 2, type: 'number', takes: whole(0, 65_535) },
    fits: (value: number) => value === (value & 0xffff),
    read: (index) => u16[index],
    write: (index, value: number) => (u16[index] = value),
  },
  i32: {
    ...{ size: 4, type: 'number', takes: whole(-(2 ** 31), 2 ** 31 - 1) },
    fits: (value: number) => value === (value | 0),
    read: (index) => i32[index],
    write: (index, value: number) => (i32[index] = value),
  },
  u32: {
    ...{ size: 4, type: 'number', takes: whole(0, 2 ** 32 - 1) },
    fits: (value: number) => value === value >>> 0,
    read: (index) => i32[index]! >>> 0,
    write: (index, value: number) => (i32[index] = value),
  },
  i64: {
    ...{ size: 8, type: 'bigint', takes: 'a bigint of 64 bits' },
    fits: (value: bigint) => value === BigInt.asIntN(64, value),
    read: (index) => i64[index],
    write: (index, value: bigint) => (i64[index] = value),
  },
  u64: {
    ...{ size: 8, type: 'bigint', takes: 'a bigint of 64 bits, not negative' },
    fits: (value: bigint) => value === BigInt.asUintN(64, value),
    read: (index) => BigInt.asUintN(64, i64[index]!),
    write: (index, value: bigint) => (i64[index] = value),
  },
  f32: {
    ...{ size: 4, type: 'number', takes: 'a number' },
    fits: () => true,
    read: (index) => f32[index],
    write: (index, value: number) => (f32[index] = value),
  },
  f64: {
    ...{ size: 8, type: 'number', takes: 'a number' },
    fits: () => true,
    read: (index) => f64[index],
    write: (index, value: number) => (f64[index] = value),
  },
  bool: {
    ...{ size: 1, type: 'boolean', takes: 'true or false' },
    fits: () => true,
    read: (index) => u8[index] === 1,
    write: (index, value: boolean) => (u8[index] = value ? 1 : 0),
  },
};

/** Returns `value` if it is one of the type's. @throws Unfit */
export function takeScalar(type: Scalar, value: unknown): unknown {
  const form = scalars[type];
  if (typeof value === form.type && form.fits(value as never)) return value;
  throw new Unfit(
    typeof value === form.type ? RangeError : TypeError,
    `is of type ${type} and takes ${form.takes}, not ${describe(value)}`,
  );
}
