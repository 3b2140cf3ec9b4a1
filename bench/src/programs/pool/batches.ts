import type { Effort, Figures } from '../../harness/effort.js';

/** Has so many operations go on at the same time. */
export type Run = (size: number) => Promise<void>;

/** So many operations of a batch are enough to warm up, and to show that a program works. */
const FEW = { warm: 500, smoke: 20 };
/** What warming up takes at least: so many samples, or with many threads so many milliseconds. */
const WARM = { samples: 3, manyThreads: 4000 };
/** So many threads have compiled everything after a few samples. */
const FEW_THREADS = 2;
/** A slow program takes no further sample when it has measured for so many. */
const PATIENCE = 20;
/** Where several sizes are measured, each takes samples of such a part of the usual length. */
const PART = 1 / 4;

/**
 * Samples of the time that one operation takes, in nanoseconds, where it matters how many go on at the same time.
 *
 * @param size so many are in a batch; a sample is as many batches as it takes for it to be long enough
 */
export async function timePerBatch(
  effort: Effort,
  threads: number,
  size: number,
  run: Run,
): Promise<number[]> {
  await warmUp(effort, threads, size, run);
  return takeSamples(effort, size, run);
}

/** As {@link timePerBatch}, for batches of 1, 10, 100, … up to `most`: `of1`, `of10` and so on. */
export async function timePerSize(effort: Effort, threads: number, most: number, run: Run): Promise<Figures> {
  await warmUp(effort, threads, most, run);
  const part = { ...effort, sample: effort.sample * PART };
  const figures: Record<string, number[]> = {};
  for (const size of sizesUpTo(most)) {
    await lasting(part.sample, () => run(Math.min(size, few(effort))));
    figures[`of${size}`] = await takeSamples(part, size, run);
  }
  return figures;
}

/** 1, 10, 100, … and `most`. */
export function sizesUpTo(most: number): number[] {
  const sizes: number[] = [];
  for (let size = 1; size < most; size *= 10) sizes.push(size);
  // A last step of less than five times says nothing that the step before has not said.
  if (most / (sizes.at(-1) ?? 1) < 5) sizes.pop();
  return [...sizes, most];
}

async function warmUp(effort: Effort, threads: number, size: number, run: Run): Promise<void> {
  const whole = WARM.samples * effort.sample;
  const least = threads > FEW_THREADS && whole > 0 ? Math.max(WARM.manyThreads, whole) : whole;
  await lasting(least, () => run(Math.min(size, few(effort))));
}

async function takeSamples({ sample, samples }: Effort, size: number, run: Run): Promise<number[]> {
  const whole = sample === 0 ? Math.min(size, FEW.smoke) : size;
  const times: number[] = [];
  for (let spent = 0; times.length < samples && spent <= PATIENCE * sample;) {
    const { took, rounds } = await lasting(sample, () => run(whole));
    times.push((took / (rounds * whole)) * 1e6);
    spent += took;
  }
  return times;
}

function few({ sample }: Effort): number {
  return sample === 0 ? FEW.smoke : FEW.warm;
}

/** Repeats an action until so many milliseconds have passed: at least once. */
async function lasting(
  least: number,
  action: () => Promise<void>,
): Promise<{ took: number; rounds: number }> {
  const start = performance.now();
  for (let rounds = 1; ; rounds++) {
    await action();
    const took = performance.now() - start;
    if (took >= least) return { took, rounds };
  }
}
