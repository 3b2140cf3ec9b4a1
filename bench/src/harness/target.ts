/** What has been promised about a figure of a benchmark. */
export interface Target {
  /** The figure it is about; the benchmark's first if omitted. */
  readonly figure?: string;
  /** As it stands in the table: "≤ 1.25 × Atomics". */
  readonly text: string;
  /** The peer it compares with, by its label, or the best of several; none if the figure itself is bounded. */
  readonly peer?: string | BestOf;
  /** The figure that is compared, from the values of both. */
  readonly measure: (ours: number, peer: number) => number;
  readonly bound: number;
  /** Whether the measure must be at least the bound, rather than at most. */
  readonly atLeast: boolean;
  /** How the measure is shown. */
  readonly unit: 'times' | 'ns' | 'share';
}

/** Whichever of several peers has the best median over the rounds. */
export interface BestOf {
  readonly labels: readonly string[];
  /** What they are together: "the best npm pool". */
  readonly name: string;
}

const nameOf = (peer: string | BestOf): string => (typeof peer === 'string' ? peer : peer.name);

/** At most so many times the peer's time. */
export const atMostTimes = (bound: number, peer: string | BestOf): Target => ({
  text: `≤ ${bound} × ${nameOf(peer)}`,
  peer,
  measure: (ours, theirs) => ours / theirs,
  bound,
  atLeast: false,
  unit: 'times',
});

/** At least so many times as fast as the peer. */
export const timesAsFast = (bound: number, peer: string | BestOf): Target => ({
  text: `${bound} × as fast as ${nameOf(peer)}`,
  peer,
  measure: (ours, theirs) => theirs / ours,
  bound,
  atLeast: true,
  unit: 'times',
});

/** At least so much, for a figure that is a ratio itself. */
export const atLeastTimes = (bound: number): Target => ({
  text: `≥ ${bound} ×`,
  measure: (ours) => ours,
  bound,
  atLeast: true,
  unit: 'times',
});

/** At most so many times the ideal, for a figure that is the ratio to it. */
export const atMostTimesIdeal = (bound: number, ideal: string): Target => ({
  text: `≤ ${bound} × ${ideal}`,
  measure: (ours) => ours,
  bound,
  atLeast: false,
  unit: 'times',
});

/** At most so many milliseconds. */
export const atMostMs = (ms: number): Target => ({
  text: `≤ ${ms} ms`,
  measure: (ours) => ours,
  bound: ms * 1e6,
  atLeast: false,
  unit: 'ns',
});

/** At most so many milliseconds more than the peer. */
export const addsAtMostMs = (ms: number, peer: string): Target => ({
  text: `≤ ${ms} ms + ${peer}`,
  peer,
  measure: (ours, theirs) => ours - theirs,
  bound: ms * 1e6,
  atLeast: false,
  unit: 'ns',
});

/** At most this share. */
export const atMostShare = (bound: number, of: string): Target => ({
  text: `≤ ${bound * 100} % of ${of}`,
  measure: (ours) => ours,
  bound,
  atLeast: false,
  unit: 'share',
});
