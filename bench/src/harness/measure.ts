import * as library from 'heddle';
import type { Benchmark } from './benchmark.js';
import { call } from './call.js';
import { describeMachine } from './machine.js';
import { type Plan, type Results, type Row, rowsOf } from './results.js';
import { runApart } from './run-apart.js';
import { takeTurns, type Turns } from './take-turns.js';

/** Hears what is being measured. */
export interface Listener {
  /** A program is about to run. */
  onRun(benchmark: Benchmark, label: string): void;
  onFailure(benchmark: Benchmark, error: unknown): void;
  onRows(rows: readonly Row[]): void;
}

/** Processes that {@link measure} will run. */
export function countRuns(benchmarks: readonly Benchmark[], plan: Plan): number {
  return benchmarks.reduce((sum, one) => sum + roundsOf(one, plan) * programsOf(one), 0);
}

/**
 * Measures benchmarks, one after another. One that fails does not stop the others.
 *
 * @param apart whether each program runs in a fresh process; otherwise those for Node run in this one
 */
export async function measure(
  benchmarks: readonly Benchmark[],
  plan: Plan,
  apart: boolean,
  listener: Listener,
): Promise<Results> {
  const machine = describeMachine();
  const hasPython = machine.versions['CPython'] !== undefined;
  const rows: Row[] = [];
  const samples: Record<string, Turns> = {};
  const failed: string[] = [];
  const run = apart
    ? runApart
    : (...[ref, effort]: Parameters<typeof runApart>) =>
        ref.world === 'python' ? runApart(ref, effort) : call(ref, effort);

  for (const benchmark of benchmarks.filter(isInThisBuild)) {
    try {
      const present = hasPython ? benchmark : withoutPython(benchmark);
      const rounds = roundsOf(benchmark, plan);
      const turns = await takeTurns(present, rounds, plan.effort, run, (label) =>
        listener.onRun(benchmark, label),
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
  const notInThisBuild = benchmarks.filter((one) => !isInThisBuild(one)).map(({ name }) => name);
  return { machine, plan, rows, samples, notInThisBuild, failed };
}

/** A benchmark that wants more rounds than usual gets them in proportion when fewer are asked for. */
function roundsOf({ rounds }: Benchmark, plan: Plan): number {
  return rounds === undefined || plan.rounds === 1 ? plan.rounds : Math.max(rounds, plan.rounds);
}

function programsOf({ peers }: Benchmark): number {
  return 1 + Object.keys(peers).length;
}

function isInThisBuild({ needs = [] }: Benchmark): boolean {
  return needs.every((name) => name in library);
}

function withoutPython(benchmark: Benchmark): Benchmark {
  const present = Object.entries(benchmark.peers).filter(([, { world }]) => world !== 'python');
  return { ...benchmark, peers: Object.fromEntries(present) };
}
