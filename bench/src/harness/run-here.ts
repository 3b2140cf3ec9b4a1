import { call } from './call.js';
import type { Effort, Figures } from './effort.js';
import type { ProgramRef } from './program.js';
import { runApart } from './run-apart.js';

/** As many threads show that a program works. */
const FEW = 4;

/** Runs a program with few threads and, if it is one for node, in this process: it shows that it works, and no more. */
export function runHere(ref: ProgramRef, effort: Effort): Promise<Figures> {
  const few = withFewThreads(ref);
  return few.world === 'python' ? runApart(few, effort) : call(few, effort);
}

/** The program with only as many threads as show that it works. */
export function withFewThreads<R extends ProgramRef>(ref: R): R {
  const { threads } = ref.options;
  if (typeof threads !== 'number') return ref;
  return { ...ref, options: { ...ref.options, threads: Math.min(threads, FEW) } };
}
