import { Problem } from './problem.js';
import { indexTogether, indexWithOne } from './runs.js';
import { indexMemory, SharedIndex } from './shared-index.js';
import type { Job } from './stages.js';
import { compare, MOST_ROUNDS, type Timing } from './timing.js';
import { areEqual, type Totals } from './totals.js';

/** How many runs there are at most. The first is not timed: it warms one thread up, as all have been already. */
export const MOST_RUNS: number = 1 + 2 * MOST_ROUNDS;

/**
 * Does a job again and again, with one thread and with all in turn, in an index of its own.
 *
 * @param threads that many tokenizers are "all"
 * @param expected what every run has to find
 * @throws Problem if a run finds something else
 */
export async function compareRuns(
  job: Job,
  threads: number,
  expected: { totals: Totals; index: SharedIndex },
): Promise<Timing> {
  const memory = indexMemory();
  const index = new SharedIndex(memory);
  const timed = async (name: string, run: (job: Job) => Promise<Totals>): Promise<number> => {
    index.clear();
    const start = performance.now();
    const totals = await run({ ...job, index: memory });
    const time = performance.now() - start;
    if (!areEqual(totals, expected.totals) || !index.equals(expected.index)) {
      throw new Problem(`${name} found something else than the first run; did files change meanwhile?`, 1);
    }
    return time;
  };
  const alone = () => timed('one thread', indexWithOne);
  const together = () => timed('all threads', (job) => indexTogether(job, threads));
  await alone();
  return compare(alone, together);
}
