/** Numbers and flags in the shared heap: how each type is checked, read and written. Addresses are bytes. */
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
  readonly read: (at: number) => unknown;
  readonly write: (at: number, value: never) => void;
}

const whole = (least: number, most: number): string =>
  `a whole number from ${String(least)} to ${String(most)}`;

export const scalars: Readonly<Record<Scalar, Form>> = {
  i8: {
    ...{ size: 1, type: 'number', takes: whole(-128, 127) },
    fits: (value: number) => value === (value << 24) >> 24,
    read: (at) => (u8[at]! << 24) >> 24,
    write: (at, value: number) => (u8[at] = value),
  },
  u8: {
    ...{ size: 1, type: 'number', takes: whole(0, 255) },
    fits: (value: number) => value === (value & 0xff),
    read: (at) => u8[at],
    write: (at, value: number) => (u8[at] = value),
  },
  i16: {
    ...{ size: 2, type: 'number', takes: whole(-32_768, 32_767) },
    fits: (value: number) => value === (value << 16) >> 16,
    read: (at) => (u16[at / 2]! << 16) >> 16,
    write: (at, value: number) => (u16[at / 2] = value),
  },
  u16: {
    ...{ size: 2, type: 'number', takes: whole(0, 65_535) },
    fits: (value: number) => value === (value & 0xffff),
    read: (at) => u16[at / 2],
    write: (at, value: number) => (u16[at / 2] = value),
  },
  i32: {
    ...{ size: 4, type: 'number', takes: whole(-(2 ** 31), 2 ** 31 - 1) },
    fits: (value: number) => value === (value | 0),
    read: (at) => i32[at / 4],
    write: (at, value: number) => (i32[at / 4] = value),
  },
  u32: {
    ...{ size: 4, type: 'number', takes: whole(0, 2 ** 32 - 1) },
    fits: (value: number) => value === value >>> 0,
    read: (at) => i32[at / 4]! >>> 0,
    write: (at, value: number) => (i32[at / 4] = value),
  },
  i64: {
    ...{ size: 8, type: 'bigint', takes: 'a bigint of 64 bits' },
    fits: (value: bigint) => value === BigInt.asIntN(64, value),
    read: (at) => i64[at / 8],
    write: (at, value: bigint) => (i64[at / 8] = value),
  },
  u64: {
    ...{ size: 8, type: 'bigint', takes: 'a bigint of 64 bits, not negative' },
    fits: (value: bigint) => value === BigInt.asUintN(64, value),
    read: (at) => BigInt.asUintN(64, i64[at / 8]!),
    write: (at, value: bigint) => (i64[at / 8] = value),
  },
  f32: {
    ...{ size: 4, type: 'number', takes: 'a number' },
    fits: () => true,
    read: (at) => f32[at / 4],
    write: (at, value: number) => (f32[at / 4] = value),
  },
  f64: {
    ...{ size: 8, type: 'number', takes: 'a number' },
    fits: () => true,
    read: (at) => f64[at / 8],
    write: (at, value: number) => (f64[at / 8] = value),
  },
  bool: {
    ...{ size: 1, type: 'boolean', takes: 'true or false' },
    fits: () => true,
    read: (at) => u8[at] === 1,
    write: (at, value: boolean) => (u8[at] = value ? 1 : 0),
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
