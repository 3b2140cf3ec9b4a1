import type { Figures } from '../../harness/effort.js';

/** The import of a module that has nothing in it. */
export async function load(): Promise<Figures> {
  const start = performance.now();
  await import('./empty.js');
  return { time: [(performance.now() - start) * 1e6] };
}
