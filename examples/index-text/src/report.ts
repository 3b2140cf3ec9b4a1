import { columns, grouped, megabytes, plural } from './format.js';
import type { Ranked } from './ranking.js';
import { median, type Timing } from './timing.js';
import type { Totals } from './totals.js';

/** The most frequent words. */
export function wordsReport(ranked: readonly Ranked[]): string {
  return columns([
    ['MOST FREQUENT WORD', 'COUNT', 'IN FILES'],
    ...ranked.map(({ word, count, files }) => [word, grouped(count), grouped(files)] as const),
  ]);
}

/** What was indexed and what was skipped. */
export function totalsReport(totals: Totals, distinct: number): string {
  const { files, bytes, words } = totals;
  return [
    `${plural(files, 'text file')}, ${megabytes(bytes)}: ${plural(words, 'word')}, ${grouped(distinct)} distinct.`,
    `Skipped: ${skipped(totals)}.`,
  ].join('\n');
}

/** What was skipped, in words. */
export function skipped({ binary, tooLarge, unreadable }: Totals): string {
  return [
    plural(binary, 'binary file'),
    ...(tooLarge > 0 ? [`${grouped(tooLarge)} over 32 MB`] : []),
    ...(unreadable > 0 ? [`${grouped(unreadable)} unreadable`] : []),
  ].join(', ');
}

/** How long it took on one thread and on all cores. */
export function timingReport(
  { alone, together, othersLoad }: Timing,
  threads: number,
  bytes: number,
): string {
  const [one, all] = [median(alone), median(together)];
  const row = (name: string, time: number) => [
    name,
    (time / 1000).toFixed(2),
    (bytes / 1000 / time).toFixed(0),
  ];
  return [
    columns([
      ['TIME', 's', 'MB/s'],
      row('one thread, a plain loop', one),
      row(`${plural(threads, 'tokenizer thread')}, one walker`, all),
      ['speed-up', `${(one / all).toFixed(2)}x`],
    ]),
    `Medians of ${alone.length} runs each, in turn, with all files in the system's cache.`,
    'Every run found the same words, as often and in as many files.',
    ...(all < 100 ? ['So small a job is done before threads pay; try a larger folder.'] : []),
    ...(othersLoad > 0.2
      ? [`But other programs kept ${othersLoad.toFixed(1)} cores busy: measure again when there are none.`]
      : []),
  ].join('\n');
}
