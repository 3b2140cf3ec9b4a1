import type { SharedIndex } from './shared-index.js';

/** A word, how often it occurs, and in how many files. */
export interface Ranked {
  readonly word: string;
  readonly count: number;
  readonly files: number;
}

/** The most frequent words of an index, the most frequent first; equally frequent ones by the alphabet. */
export function mostFrequent(index: SharedIndex, howMany: number): Ranked[] {
  let ranked: Ranked[] = [];
  let least = 0;
  index.each((table, entry) => {
    const count = table.countOf(entry);
    if (count < least) return;
    ranked.push({ word: table.textOf(entry), count, files: table.filesOf(entry) });
    if (ranked.length < howMany * 2) return;
    ranked = ranked.sort(byRank).slice(0, howMany);
    least = ranked.at(-1)?.count ?? 0;
  });
  return ranked.sort(byRank).slice(0, howMany);
}

function byRank(a: Ranked, b: Ranked): number {
  return b.count - a.count || (a.word < b.word ? -1 : 1);
}
