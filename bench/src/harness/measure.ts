import type { Benchmark } from './benchmark.js';
import { type Plan, type Results, type Row, rowsOf } from './results.js';
import { type Run, takeTurns, type Turns } from './take-turns.js';

/** How programs are run, and which can be. */
export interface Runner {
  readonly run: Run;
  readonly hasPython: boolean;
}

/** Hears what is being measured. */
export interface Listener {
  /** A program is about to run. */
  onRun(benchmark: Benchmark, label: string): void;
  onFailure(benchmark: Benchmark, error: unknown): void;
  onRows(rows: readonly Row[]): void;
}

/** How often {@link measure} will run a program. */
export function countRuns(benchmarks: readonly Benchmark[], plan: Plan, runner: Runner): number {
  return benchmarks
    .map((benchmark) => withPrograms(benchmark, runner))
    .reduce((sum, one) => sum + roundsOf(one, plan) * (1 + Object.keys(one.peers).length), 0);
}

/** Measures benchmarks, one after another. One that fails does not stop the others. */
export async function measure(
  benchmarks: readonly Benchmark[],
  plan: Plan,
  runner: Runner,
  listener: Listener,
): Promise<Omit<Results, 'machine'>> {
  const rows: Row[] = [];
  const samples: Record<string, Turns> = {};
  const failed: string[] = [];
  for (const benchmark of benchmarks) {
    try {
      const turns = await takeTurns(
        withPrograms(benchmark, runner),
        roundsOf(benchmark, plan),
        plan.effort,
        runner.run,
        (label) => listener.onRun(benchmark, label),
      );
      samples[benchmark.name] = turns;
      const its = rowsOf(benchmark, turns);
      rows.push(...its);
      listener.onRows(its);
    } catch (error) {
      failed.push(benchmark.name);
      listener.onFailure(benchmark, error);
    }
  }
  return { plan, rows, samples, failed };
}

/** A benchmark that wants more or fewer rounds than usual gets them, unless a single one was asked for. */
function roundsOf({ rounds = 1, part = 1 }: Benchmark, plan: Plan): number {
  return plan.rounds === 1 ? 1 : Math.max(rounds, Math.ceil(plan.rounds * part));
}

/** The benchmark with those peers that can be run. */
function withPrograms(benchmark: Benchmark, { hasPython }: Runner): Benchmark {
  const present = Object.entries(benchmark.peers).filter(([, { world }]) => hasPython || world !== 'python');
  return { ...benchmark, peers: Object.fromEntries(present) };
}
