import type { Benchmark } from './benchmark.js';
import type { Effort, Figures } from './effort.js';
import type { ProgramRef } from './program.js';

/** What the processes of one program measured, a process for each round. */
export type Rounds = readonly Figures[];

/** The label of heddle's own program. */
export const OURS = 'heddle';

/** Runs a program, and returns what it measured. */
export type Run = (program: ProgramRef, effort: Effort) => Promise<Figures>;

/** What all programs of a benchmark measured, by label, heddle's first. */
export type Turns = Readonly<Record<string, Rounds>>;

/**
 * Measures the programs of a benchmark in turn: each once in each round, every other round in the opposite order,
 * so that whatever slows the machine down for a while slows all of them.
 */
export async function takeTurns(
  benchmark: Benchmark,
  rounds: number,
  effort: Effort,
  run: Run,
  onRun: (label: string) => void,
): Promise<Turns> {
  const programs = Object.entries({ [OURS]: benchmark.ours, ...benchmark.peers });
  const turns = new Map<string, Figures[]>(programs.map(([label]) => [label, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [label, program] of round % 2 === 0 ? programs : programs.toReversed()) {
      onRun(label);
      turns.get(label)?.push(checked(label, benchmark, await run(program, effort)));
    }
  }
  return Object.fromEntries(turns);
}

/** @throws Error if a figure is missing or is no positive number */
function checked(label: string, benchmark: Benchmark, figures: Figures): Figures {
  for (const name of Object.keys(benchmark.figures)) {
    const samples = figures[name] ?? [];
    if (samples.length === 0 || !samples.every((sample) => Number.isFinite(sample) && sample > 0))
      throw new Error(`${benchmark.name}: ${label} measured no positive ${name}: ${samples.join(', ')}`);
  }
  return figures;
}
