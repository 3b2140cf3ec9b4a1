import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Figures } from '../../harness/effort.js';

/** What a further worker adds to a program that has one: resident memory. */
export async function perThread(_effort: unknown, { threads }: { threads: number }): Promise<Figures> {
  const file = new URL('thread-worker.js', import.meta.url);
  const start = async (count: number) => {
    const crew = Array.from({ length: count }, () => new Worker(file, { workerData: 'stay' }));
    await Promise.all(crew.map((worker) => once(worker, 'message')));
    return crew;
  };
  const first = await start(1);
  const before = process.memoryUsage.rss();
  const crew = await start(threads);
  const bytes = [(process.memoryUsage.rss() - before) / threads];
  await Promise.all([...first, ...crew].map((worker) => worker.terminate()));
  return { bytes };
}
