import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import assert from 'node:assert/strict';
import type { Effort, Figures } from '../../harness/effort.js';

const file = new URL('thread-worker.js', import.meta.url);

/** Starts a worker, takes its message, waits until it has ended. */
async function startAndJoin(): Promise<number> {
  const start = performance.now();
  const worker = new Worker(file);
  const ended = once(worker, 'exit');
  const [message] = (await once(worker, 'message')) as [number];
  await ended;
  assert.equal(message, 1);
  return (performance.now() - start) * 1e6;
}

export async function again({ samples }: Effort): Promise<Figures> {
  await startAndJoin();
  const time: number[] = [];
  while (time.length < samples) time.push(await startAndJoin());
  return { time };
}

export async function first(): Promise<Figures> {
  return { time: [await startAndJoin()] };
}

/** Further workers beside one that stays, until each runs. */
export async function cold({ samples }: Effort): Promise<Figures> {
  const crew: Worker[] = [];
  const start = async (): Promise<number> => {
    const began = performance.now();
    const worker = new Worker(file, { workerData: 'stay' });
    crew.push(worker);
    await once(worker, 'message');
    return (performance.now() - began) * 1e6;
  };
  await start();
  const time: number[] = [];
  while (time.length < samples) time.push(await start());
  await Promise.all(crew.map((worker) => worker.terminate()));
  return { time };
}
