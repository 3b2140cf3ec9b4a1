import type { Effort, Figures } from '../harness/effort.js';

/** Work for a core alone, without memory: the steps of Collatz sequences from 1 to `count`. */
export function collatzSteps(count: number): number {
  let steps = 0;
  for (let from = 1; from <= count; from++) {
    for (let n = from; n !== 1; steps++) n = n % 2 === 0 ? n / 2 : 3 * n + 1;
  }
  return steps;
}

/**
 * How many times as much work `threads` threads do as one, in the same time.
 *
 * @param one has one thread do {@link collatzSteps} of a count; returns the milliseconds that it took
 * @param all has all threads do that, each
 */
export function speedUp(
  { sample, samples }: Effort,
  threads: number,
  one: (count: number) => number,
  all: (count: number) => number,
): Figures {
  let count = 1000;
  // The last try of each is the warm-up.
  while (one(count) < sample) count *= 2;
  all(count);
  const speedUps: number[] = [];
  while (speedUps.length < samples) speedUps.push((threads * one(count)) / all(count));
  return { speedUp: speedUps };
}
