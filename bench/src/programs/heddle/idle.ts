import { setTimeout as delay } from 'node:timers/promises';
import { Latch, Queue, spawn } from 'heddle';
import type { Effort, Figures } from '../../harness/effort.js';
import { idleShare } from '../idle-share.js';

interface Options {
  readonly threads: number;
}

/** Workers are warm and have no thread, and main's event loop has nothing to do. */
export function warm(effort: Effort, { threads }: Options): Promise<Figures> {
  const here = new Latch(threads);
  const crew = Array.from({ length: threads }, () => spawn(meet, here));
  for (const thread of crew) thread.join();
  return idleShare(effort, async (ms) => {
    await delay(ms);
  });
}

export function meet(here: Latch): void {
  here.countDown();
  here.wait();
}

/** Threads block in a queue's `get`, and so does main. */
export async function blocked(effort: Effort, { threads }: Options): Promise<Figures> {
  const nothing = new Queue<never>();
  const here = new Latch(threads);
  const crew = Array.from({ length: threads }, () => spawn(waitForItem, here, nothing));
  here.wait();
  const pillow = new Int32Array(new SharedArrayBuffer(4));
  const figures = await idleShare(effort, (ms) => {
    Atomics.wait(pillow, 0, 0, ms);
  });
  nothing.shutdown();
  for (const thread of crew) thread.join();
  return figures;
}

export function waitForItem(here: Latch, queue: Queue<never>): void {
  here.countDown();
  for (const item of queue) throw new Error(`nobody put this: ${String(item)}`);
}
