/**
 * Paints a part of the Mandelbrot set on all cores, into a PNG file.
 *
 *     npm run example -- mandelbrot [FILE [RE IM WIDTH]]
 *
 * RE and IM are the middle of the picture, WIDTH is what it spans; `-0.6 0 3.4` is all of the set. The pixels are one
 * array that all threads share. Each thread takes the next row that nobody has taken: some rows are far more work than
 * others, and so none is idle before the last row.
 */
import { Atomic, isMain, sharedArray, spawn } from 'heddle';
import { encode } from 'fast-png';
import { existsSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';

const [COLUMNS, ROWS, MOST_STEPS] = [900, 600, 1000];
/** A pixel is the mean of four points, which makes edges smooth. */
const POINTS = [-0.25, 0.25].flatMap((x) => [-0.25, 0.25].map((y) => [x, y] as const));

/** What each thread does. Returns how many rows it has painted. */
export function paint(image: Uint8Array, next: Atomic<'i32'>, re: number, im: number, scale: number): number {
  for (let painted = 0; ; painted += 1) {
    const row = next.add(1);
    if (row >= ROWS) return painted;
    for (let column = 0; column < COLUMNS; column += 1) {
      const [x, y] = [column + 0.5 - COLUMNS / 2, ROWS / 2 - row - 0.5];
      const colours = POINTS.map(([dx, dy]) => colourOf(re + (x + dx) * scale, im + (y + dy) * scale));
      const mean = [0, 1, 2].map((k) => colours.reduce((sum, colour) => sum + colour[k]!, 0) / POINTS.length);
      image.set(mean.map(Math.round), (row * COLUMNS + column) * 3);
    }
  }
}

/** Black in the set. Around it brown, white and blue come by turns, ever more slowly. */
function colourOf(re: number, im: number): number[] {
  const steps = stepsAway(re, im);
  if (steps === Infinity) return [0, 0, 0];
  const turn = 2.6 * Math.log(steps + 8);
  return [0, 0.55, 1.1].map((phase) => 255 * (0.5 - 0.5 * Math.cos(turn + phase)) ** 1.2);
}

/** After how many steps of z = z² + c from 0 z is far away, as a smooth number; Infinity if it stays. */
function stepsAway(re: number, im: number): number {
  let [x, y, xx, yy] = [0, 0, 0, 0];
  for (let step = 1; step <= MOST_STEPS; step += 1) {
    y = 2 * x * y + im;
    x = xx - yy + re;
    xx = x * x;
    yy = y * y;
    if (xx + yy > 1e4) return step - Math.log2(Math.log(xx + yy) / 2);
  }
  return Infinity;
}

if (isMain(import.meta)) {
  const [file = 'mandelbrot.png', ...given] = process.argv.slice(2);
  const [re = NaN, im = NaN, width = NaN] = given.length > 0 ? given.map(Number) : [-0.7452, 0.1135, 0.0065];
  const isPlace = given.length <= 3 && Number.isFinite(re + im + width) && width > 0;
  if (!isPlace) fail('give a file and three numbers: RE, IM, and WIDTH above 0');
  if (!existsSync(dirname(file))) fail(`there is no folder ${dirname(file)}`);
  const image = sharedArray('u8', COLUMNS * ROWS * 3);
  const next = new Atomic('i32');
  const threads = Array.from({ length: availableParallelism() }, () =>
    spawn(paint, image, next, re, im, width / COLUMNS),
  );
  const rows = threads.map((thread) => thread.join());
  writeFileSync(file, encode({ width: COLUMNS, height: ROWS, channels: 3, data: image }));
  console.log(`${file}: ${COLUMNS} x ${ROWS} pixels; the threads painted ${rows.join(' + ')} rows`);
}

function fail(message: string): never {
  console.error(`mandelbrot: ${message}`);
  process.exit(2);
}
