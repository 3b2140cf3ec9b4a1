import { Event, Latch, spawn } from 'heddle';
import type { Figures } from '../../harness/effort.js';
import { stay } from './thread.js';

/** What a further thread adds to a program that has one: resident memory. */
export function perThread(_effort: unknown, { threads }: { threads: number }): Figures {
  using leave = new Event();
  const start = (count: number) => {
    using here = new Latch(count);
    const crew = Array.from({ length: count }, () => spawn(stay, here, leave));
    here.wait();
    return crew;
  };
  const first = start(1);
  const before = process.memoryUsage.rss();
  const crew = start(threads);
  const bytes = [(process.memoryUsage.rss() - before) / threads];
  leave.set();
  for (const thread of [...first, ...crew]) thread.join();
  return { bytes };
}
