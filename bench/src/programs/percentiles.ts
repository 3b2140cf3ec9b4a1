import { quantile } from 'simple-statistics';
import type { Effort, Figures } from '../harness/effort.js';

/** Round trips that one sample is of, where time permits any. */
const TRIPS = 5000;

/** The median and the 99th percentile of the time that one action takes, in nanoseconds. */
export function percentiles(effort: Effort, action: (k: number) => void): Figures {
  const trips = tripsOf(effort);
  const p50: number[] = [];
  const p99: number[] = [];
  // The first is the warm-up.
  for (let sample = 0; sample <= effort.samples; sample++) {
    const times: number[] = [];
    for (let k = 0; k < trips; k++) {
      const start = performance.now();
      action(k);
      times.push((performance.now() - start) * 1e6);
    }
    if (sample > 0) record(times, p50, p99);
  }
  return { p50, p99 };
}

/** As {@link percentiles}, where the action is awaited. @param most trips in a sample, at most */
export async function percentilesAsync(
  effort: Effort,
  action: (k: number) => Promise<void>,
  most: number = TRIPS,
): Promise<Figures> {
  const trips = Math.min(tripsOf(effort), most);
  const p50: number[] = [];
  const p99: number[] = [];
  for (let sample = 0; sample <= effort.samples; sample++) {
    const times: number[] = [];
    for (let k = 0; k < trips; k++) {
      const start = performance.now();
      await action(k);
      times.push((performance.now() - start) * 1e6);
    }
    if (sample > 0) record(times, p50, p99);
  }
  return { p50, p99 };
}

function record(times: readonly number[], p50: number[], p99: number[]): void {
  p50.push(quantile([...times], 0.5));
  p99.push(quantile([...times], 0.99));
}

function tripsOf({ sample }: Effort): number {
  return sample === 0 ? 10 : TRIPS;
}
