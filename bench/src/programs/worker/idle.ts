import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Effort, Figures } from '../../harness/effort.js';
import { idleShare } from '../idle-share.js';

/** Workers wait for a message. */
export async function warm(effort: Effort, { threads }: { threads: number }): Promise<Figures> {
  const file = new URL('thread-worker.js', import.meta.url);
  const crew = Array.from({ length: threads }, () => new Worker(file, { workerData: 'stay' }));
  await Promise.all(crew.map((worker) => once(worker, 'message')));
  const figures = await idleShare(effort, async (ms) => {
    await delay(ms);
  });
  await Promise.all(crew.map((worker) => worker.terminate()));
  return figures;
}
