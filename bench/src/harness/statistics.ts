import { max, median, min } from 'simple-statistics';
import type { Rounds } from './take-turns.js';

/** A value and between what it lay. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** A figure over the rounds: each process counts as the median of its samples. */
export function spreadOf(rounds: Rounds, figure: string): Spread {
  return spread(perRound(rounds, figure));
}

/**
 * How many times one program's figure is another's, over the rounds. Each round is a ratio of its own, of two
 * processes that ran one soon after the other.
 */
export function ratioOf(over: Rounds, under: Rounds, figure: string): Spread {
  const below = perRound(under, figure);
  return spread(perRound(over, figure).map((value, round) => value / (below[round] ?? NaN)));
}

/** The median of a process's samples, for each round. */
export function perRound(rounds: Rounds, figure: string): number[] {
  return rounds.map((figures) => median([...(figures[figure] ?? [])]));
}

/** The median of values, the least and the greatest. */
export function spread(values: readonly number[]): Spread {
  const copy = [...values];
  return { median: median(copy), min: min(copy), max: max(copy) };
}
