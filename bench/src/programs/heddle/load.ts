import type { Figures } from '../../harness/effort.js';

/** The import of the library, in a process that has not imported it. */
export async function load(): Promise<Figures> {
  const start = performance.now();
  await import('heddle');
  return { time: [(performance.now() - start) * 1e6] };
}
