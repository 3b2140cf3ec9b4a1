import type { Effort } from '../harness/effort.js';

/** Milliseconds of a warm-up. */
const LONG = 4000;
/** So many threads do enough in one sample. */
const FEW = 2;

/**
 * Has many threads work for a few seconds. Each has an engine of its own, which compiles for itself, and each does so
 * little in one sample that without this the samples would be of interpreted code.
 *
 * @param run has every thread do so many operations, and returns the milliseconds that they took
 */
export function warmUp({ sample }: Effort, threads: number, run: (count: number) => number): void {
  if (sample === 0 || threads <= FEW) return;
  for (let count = 10, took = 0; took < LONG; count *= 2) took += run(count);
}
