import { cpus } from 'node:os';

/** How long two ways of doing the same took, in milliseconds. */
export interface Timing {
  readonly alone: readonly number[];
  readonly together: readonly number[];
  /** How many cores other programs kept busy meanwhile, on average. */
  readonly othersLoad: number;
}

export const MOST_ROUNDS = 5;
const FEWEST_ROUNDS = 3;
/** Milliseconds after which fewer rounds will do. */
const PATIENCE = 20_000;

/** Runs the two in turn, in each round in the other order. Each does its thing once and tells how long it took. */
export async function compare(
  alone: () => Promise<number>,
  together: () => Promise<number>,
): Promise<Timing> {
  const times = { alone: [] as number[], together: [] as number[] };
  const load = watchOthers();
  const start = performance.now();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (round >= FEWEST_ROUNDS && performance.now() - start > PATIENCE) break;
    if (round % 2 === 0) times.alone.push(await alone());
    times.together.push(await together());
    if (round % 2 === 1) times.alone.push(await alone());
  }
  return { ...times, othersLoad: load() };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Returns a function that tells how many cores other programs have used since. */
function watchOthers(): () => number {
  const since = { all: busyTime(), own: ownTime(), now: performance.now() };
  return () => {
    const others = busyTime() - since.all - (ownTime() - since.own);
    return Math.max(0, others / (performance.now() - since.now));
  };
}

/** For how many milliseconds the cores have been busy, together. */
function busyTime(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}

/** For how many of them with this program. */
function ownTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
