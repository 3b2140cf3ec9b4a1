import type { ProgramRef } from './program.js';
import type { Target } from './target.js';

/** Something measured, ours and its peers in turn. */
export interface Benchmark {
  /** GROUP/NAME, by which it is chosen: `lock/2-threads`. */
  readonly name: string;
  /** What is timed, in words. */
  readonly title: string;
  /** What the programs' figures are, by their names; a row of the table for each. */
  readonly figures: Readonly<Record<string, FigureKind>>;
  readonly ours: ProgramRef;
  /** The others, by the label that the table shows. */
  readonly peers: Readonly<Record<string, ProgramRef>>;
  /** What has been promised about the figures. */
  readonly targets?: readonly Target[];
  /** Rounds, if the usual number does not fit: more for a program that takes one short sample. */
  readonly rounds?: number;
  /** The part of the usual number of rounds that is enough for it, where a round takes long. */
  readonly part?: number;
}

/** What a figure says. */
export interface FigureKind {
  /** Shown behind the title where a benchmark has several. */
  readonly label?: string;
  /** The unit in which programs report it. */
  readonly unit: Unit;
  /** Whether more is better; less is, if omitted. */
  readonly moreIsBetter?: boolean;
}

/** Programs report times in nanoseconds, memory in bytes, shares as fractions. */
export type Unit = 'ns' | 'bytes' | 'share' | 'times';

/** The figure of most programs: the time of one operation. */
export const PER_OPERATION: Readonly<Record<string, FigureKind>> = { time: { unit: 'ns' } };

/** The figures of a latency. */
export const PERCENTILES: Readonly<Record<string, FigureKind>> = {
  p50: { unit: 'ns', label: 'p50' },
  p99: { unit: 'ns', label: 'p99' },
};
