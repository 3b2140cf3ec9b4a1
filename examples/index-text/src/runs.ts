import { Queue, spawn, ThreadGroup } from 'heddle';
import { indexAlone, type Job, type Survey, survey, tokenize, walk } from './stages.js';
import { sum, type Totals } from './totals.js';

/** The walker waits when so many batches are queued: it need not run far ahead of those who read the files. */
const QUEUED_BATCHES = 64;

/** Finds out how much there is to do. */
export function lookAround(folder: string, limit: number): Promise<Survey> {
  return spawn(survey, folder, limit).joinAsync();
}

/** Indexes with one thread that finds the files and `threads` that read them. */
export async function indexTogether(job: Job, threads: number): Promise<Totals> {
  const batches = new Queue<string[]>({ capacity: QUEUED_BATCHES, name: 'batches of files' });
  const group = new ThreadGroup({ name: 'indexing' });
  const walker = group.spawn(walk, job, batches);
  const tokenizers = Array.from({ length: threads }, () => group.spawn(tokenize, job, batches));
  await group.joinAsync(); // if one fails, the others are cancelled
  return sum([walker, ...tokenizers].map((thread) => thread.join()));
}

/** Indexes with one thread that does everything. */
export function indexWithOne(job: Job): Promise<Totals> {
  return spawn(indexAlone, job).joinAsync();
}
