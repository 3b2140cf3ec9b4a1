import type { Unit } from '../harness/benchmark.js';
import type { Spread } from '../harness/statistics.js';

const SCALES: Readonly<Record<Unit, readonly (readonly [number, string])[]>> = {
  ns: [
    [1e9, 's'],
    [1e6, 'ms'],
    [1e3, 'µs'],
    [1, 'ns'],
  ],
  bytes: [
    [2 ** 20, 'MiB'],
    [2 ** 10, 'KiB'],
    [1, 'B'],
  ],
  share: [[0.01, '%']],
  times: [[1, '×']],
};

/** A value in the scale that suits it: `48.2 ns`, `1.31 ×`. */
export function format(value: number, unit: Unit): string {
  const scales = SCALES[unit];
  const [scale, name] = scales.find(([least]) => Math.abs(value) >= least) ?? scales.at(-1) ?? [1, ''];
  return `${threeDigits(value / scale)} ${name}`;
}

/** Between what a value lay: `1.2 – 1.4`. */
export function formatSpread({ min, max }: Spread): string {
  return `${threeDigits(min)} – ${threeDigits(max)}`;
}

/** A number with three significant digits, and no exponent. */
export function threeDigits(value: number): string {
  const digits = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.min(Math.max(2 - digits, 0), 5));
}
