/**
 * Indexes the words of all text files below a folder on all cores, and tells what that brought.
 *
 * - `stages.ts`        what each thread does; `runs.ts` starts them
 * - `file-walk.ts`     finds files, `text-reader.ts` reads them
 * - `tokenizer.ts`     finds the words in them, which `letters.ts` defines
 * - `word-table.ts`    counts words, in memory laid out by `table-memory.ts`
 * - `indexer.ts`       counts the words of files in a table of its thread
 * - `shared-index.ts`  the index into which all threads pour theirs; `ranking.ts` reads it
 * - `comparison.ts`    one thread against all, by `timing.ts`
 * - `report.ts`        what is printed, `progress.ts` what is seen meanwhile
 */
import { Atomic } from 'heddle';
import { formatSummary, startProfiling, summary } from 'heddle/trace';
import { compareRuns, MOST_RUNS } from './comparison.js';
import { megabytes, plural } from './format.js';
import { HELP, type Options, readOptions } from './options.js';
import { isProblem, Problem } from './problem.js';
import { showProgress } from './progress.js';
import { mostFrequent } from './ranking.js';
import { skipped, timingReport, totalsReport, wordsReport } from './report.js';
import { indexTogether, lookAround } from './runs.js';
import { indexMemory, SharedIndex } from './shared-index.js';

process.stdout.on('error', () => process.exit(0)); // whoever reads this, such as `head`, has seen enough

try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') console.log(HELP);
  else await indexText(options);
} catch (error) {
  if (!isProblem(error)) throw error;
  console.error(`index-text: ${error.message}`);
  process.exitCode = error.exitCode;
}

async function indexText({ folder, threads, top, limit }: Options): Promise<void> {
  startProfiling();
  const found = await lookAround(folder, limit);
  const amount = `${plural(found.files, 'file')}, ${megabytes(found.bytes)}`;
  console.log(`Indexing ${folder}: ${found.isCut ? `the first ${amount} (see --limit)` : amount}\n`);

  const memory = indexMemory();
  const done = new Atomic('i32', 0, { name: 'files done' });
  const job = { folder, limit, done, index: memory };
  const totals = await withProgress('Indexing', found.files, done, () => indexTogether(job, threads));
  if (totals.files === 0) throw new Problem(`no text below ${folder}; skipped: ${skipped(totals)}`, 1);
  const profile = formatSummary(summary());

  const index = new SharedIndex(memory);
  console.log(`${wordsReport(mostFrequent(index, top))}\n\n${totalsReport(totals, index.size)}\n`);

  const timing = await withProgress('Timing', found.files * MOST_RUNS, done, () =>
    compareRuns(job, threads, { totals, index }),
  );
  console.log(`${timingReport(timing, threads, totals.bytes)}\n`);
  console.log(`What the threads of the first run waited for:\n\n${profile.trimEnd()}`);
}

/** Shows how many files are done while `run` goes on. */
async function withProgress<R>(
  label: string,
  files: number,
  done: Atomic<'i32'>,
  run: () => Promise<R>,
): Promise<R> {
  done.store(0);
  using _ = showProgress(label, files, () => done.load());
  return await run();
}
