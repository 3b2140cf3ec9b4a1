/** What has been promised about a figure of a benchmark. */
export interface Target {
  /** The figure it is about; the benchmark's first if omitted. */
  readonly figure?: string;
  /** As it stands in the table: "≤ 1.25 × Atomics". */
  readonly text: string;
  /** The peer it compares with, by its label; none if the figure itself is bounded. */
  readonly peer?: string;
  /** The figure that is compared, from the values of both. */
  readonly measure: (ours: number, peer: number) => number;
  readonly bound: number;
  /** Whether the measure must be at least the bound, rather than at most. */
  readonly atLeast: boolean;
  /** How the measure is shown. */
  readonly unit: 'times' | 'ns' | 'share';
}

/** At most so many times the peer's time. */
export const atMostTimes = (bound: number, peer: string): Target => ({
  text: `≤ ${bound} × ${peer}`,
  peer,
  measure: (ours, theirs) => ours / theirs,
  bound,
  atLeast: false,
  unit: 'times',
});

/** At least so many times as fast as the peer. */
export const timesAsFast = (bound: number, peer: string): Target => ({
  text: `${bound} × as fast as ${peer}`,
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
