import type { Benchmark, FigureKind } from './benchmark.js';
import type { Effort } from './effort.js';
import type { Machine } from './machine.js';
import { perRound, ratioOf, type Spread, spread, spreadOf } from './statistics.js';
import type { BestOf, Target } from './target.js';
import { OURS, type Rounds, type Turns } from './take-turns.js';

/** What one run of the command has measured; `--json` writes it, and docs/performance.md is made from it. */
export interface Results {
  readonly machine: Machine;
  /** Rounds and the length of samples in them. */
  readonly plan: Plan;
  readonly rows: readonly Row[];
  /** What rows are made from, by benchmark: for each program, for each round, the samples of each figure. */
  readonly samples: Readonly<Record<string, Turns>>;
  readonly failed: readonly string[];
}

/** How much is measured. */
export interface Plan {
  /** Processes of each program, in turn. */
  readonly rounds: number;
  /** What each of them does. */
  readonly effort: Effort;
}

/** One figure of one benchmark. */
export interface Row {
  readonly benchmark: string;
  readonly figure: string;
  readonly title: string;
  readonly kind: FigureKind;
  readonly ours: Spread;
  readonly peers: readonly PeerResult[];
  readonly targets: readonly TargetResult[];
}

interface PeerResult {
  readonly label: string;
  readonly value: Spread;
  /** How many times as good as the peer heddle is: as fast, or as small. */
  readonly ratio: Spread;
}

export interface TargetResult {
  readonly text: string;
  readonly unit: Target['unit'];
  readonly measured: Spread;
  readonly isMet: boolean;
}

/** The rows of a benchmark that was measured. */
export function rowsOf(benchmark: Benchmark, turns: Turns): Row[] {
  const { [OURS]: ours = [], ...others } = turns;
  return Object.entries(benchmark.figures).map(([figure, kind]) => ({
    benchmark: benchmark.name,
    figure,
    title: kind.label === undefined ? benchmark.title : `${benchmark.title}: ${kind.label}`,
    kind,
    ours: spreadOf(ours, figure),
    peers: Object.entries(others).map(([label, theirs]) => ({
      label,
      value: spreadOf(theirs, figure),
      ratio: kind.moreIsBetter === true ? ratioOf(ours, theirs, figure) : ratioOf(theirs, ours, figure),
    })),
    targets: (benchmark.targets ?? [])
      .filter((target) => (target.figure ?? Object.keys(benchmark.figures)[0]) === figure)
      .flatMap((target) => targetResult(target, turns, figure, kind)),
  }));
}

/** Nothing if the peer was not there to be measured. */
function targetResult(target: Target, turns: Turns, figure: string, kind: FigureKind): TargetResult[] {
  const { text, unit, bound, atLeast } = target;
  const [label, theirs] = opponent(target.peer, turns, figure, kind);
  if (theirs === undefined) return [];
  const peer = perRound(theirs, figure);
  const ours = perRound(turns[OURS] ?? [], figure);
  const measured = spread(ours.map((value, round) => target.measure(value, peer[round] ?? NaN)));
  const isMet = atLeast ? measured.median >= bound : measured.median <= bound;
  const whole = typeof target.peer === 'object' ? `${text}, ${label}` : text;
  return [{ text: whole, unit, measured, isMet }];
}

/** Whom a target compares with, and what was measured of them. */
function opponent(
  peer: string | BestOf | undefined,
  turns: Turns,
  figure: string,
  { moreIsBetter = false }: FigureKind,
): [label: string, theirs: Rounds | undefined] {
  if (typeof peer !== 'object') return [peer ?? OURS, turns[peer ?? OURS]];
  const [best] = peer.labels
    .flatMap((label) => (turns[label] === undefined ? [] : [[label, turns[label]] as const]))
    .map(([label, rounds]) => ({ label, rounds, median: spreadOf(rounds, figure).median }))
    .sort((a, b) => (moreIsBetter ? b.median - a.median : a.median - b.median));
  return [best?.label ?? '', best?.rounds];
}
