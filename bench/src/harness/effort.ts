/** How long a program measures. It is the same for all programs of a benchmark. */
export interface Effort {
  /** Milliseconds that one sample takes at least. */
  readonly sample: number;
  /** Samples that one process takes. */
  readonly samples: number;
}

/** What a program measured: some samples of each of its figures. */
export type Figures = Readonly<Record<string, readonly number[]>>;

/** A program is a function with this signature that a module exports; it checks its own result. */
export type Program = (effort: Effort, options: never) => Figures | Promise<Figures>;

/** So many operations are tried first. */
const FIRST = 50;
/** So many tries must have been long enough: a first one may be long for other reasons. */
const LONG_TRIES = 3;

/**
 * Samples of the time that one operation takes, in nanoseconds.
 *
 * The number of operations grows until they take long enough. That is the warm-up as well: whatever is compiled or
 * started late has been by then, since the last tries are as long as samples.
 *
 * @param run does so many operations, and returns the milliseconds that they took
 */
export function timePerOperation(effort: Effort, run: (count: number) => number): number[] {
  let count = FIRST;
  for (let tries = 0; tries < LONG_TRIES;) {
    const took = run(count);
    if (took >= effort.sample) tries++;
    else count = nextCount(count, took, effort);
  }
  return Array.from({ length: effort.samples }, () => (run(count) / count) * 1e6);
}

/** As {@link timePerOperation}, where operations are awaited. */
export async function timePerOperationAsync(
  effort: Effort,
  run: (count: number) => Promise<number>,
): Promise<number[]> {
  let count = FIRST;
  for (let tries = 0; tries < LONG_TRIES;) {
    const took = await run(count);
    if (took >= effort.sample) tries++;
    else count = nextCount(count, took, effort);
  }
  const samples: number[] = [];
  while (samples.length < effort.samples) samples.push(((await run(count)) / count) * 1e6);
  return samples;
}

/** A little more than will take long enough, but at most ten times as many as before: first tries are slow. */
function nextCount(count: number, took: number, effort: Effort): number {
  const wanted = (1.2 * effort.sample) / Math.max(took, 1e-3);
  return Math.ceil(count * Math.min(Math.max(wanted, 1.5), 10));
}

/** Milliseconds that an action takes. */
export function elapsed(action: () => void): number {
  const start = performance.now();
  action();
  return performance.now() - start;
}
