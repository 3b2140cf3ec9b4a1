import type { Atomic, Queue } from 'heddle';
import { FileWalk } from './file-walk.js';
import { Indexer } from './indexer.js';
import { type IndexMemory, SharedIndex } from './shared-index.js';
import { sum, type Totals } from './totals.js';

/** What the threads of one run work on. */
export interface Job {
  readonly folder: string;
  /** How many bytes to read at most. */
  readonly limit: number;
  readonly index: IndexMemory;
  /** How many files are done, for the progress bar. */
  readonly done: Atomic<'i32'>;
}

/** What there is to index. */
export interface Survey {
  readonly files: number;
  readonly bytes: number;
  /** Whether there is more, beyond the limit. */
  readonly isCut: boolean;
}

/** A batch ends with so many files or bytes: small enough that at the end no thread has much more to do than others. */
const BATCH_FILES = 32;
const BATCH_BYTES = 512 * 1024;

/** Thread: finds files and queues their paths, some at a time. */
export function walk(job: Job, batches: Queue<string[]>): Totals {
  const files = new FileWalk(job.limit);
  let batch: string[] = [];
  let queued = 0;
  for (const path of files.below(job.folder)) {
    batch.push(path);
    if (batch.length < BATCH_FILES && files.bytes - queued < BATCH_BYTES) continue;
    batches.put(batch); // waits while the queue is full
    batch = [];
    queued = files.bytes;
  }
  batches.put(batch);
  batches.shutdown(); // the tokenizers end when it is empty
  return files.totals;
}

/** Thread: takes paths from the queue, and indexes the files. */
export function tokenize(job: Job, batches: Queue<string[]>): Totals {
  const indexer = new Indexer(new SharedIndex(job.index));
  for (const batch of batches) {
    for (const path of batch) indexer.add(path);
    job.done.add(batch.length);
  }
  indexer.finish();
  return indexer.totals;
}

/** Thread: does the same job alone, as a plain program would. */
export function indexAlone(job: Job): Totals {
  const files = new FileWalk(job.limit);
  const indexer = new Indexer(new SharedIndex(job.index));
  for (const path of files.below(job.folder)) {
    indexer.add(path);
    job.done.add(1);
  }
  indexer.finish();
  return sum([files.totals, indexer.totals]);
}

/** Thread: finds out how much there is to do. */
export function survey(folder: string, limit: number): Survey {
  const walk = new FileWalk(limit);
  const files = [...walk.below(folder)].length;
  return { files, bytes: walk.bytes, isCut: walk.isCut };
}
