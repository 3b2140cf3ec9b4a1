import { call } from './call.js';
import type { Effort, Figures } from './effort.js';
import type { ProgramOptions, ProgramRef } from './program.js';
import { runApart } from './run-apart.js';

/** As many threads show that a program works. */
const FEW = 4;

/** Runs a program with few threads and, if it is one for node, in this process: it shows that it works, and no more. */
export function runHere(ref: ProgramRef, effort: Effort): Promise<Figures> {
  const options = withFewThreads(ref.options);
  return ref.world === 'python' ? runApart({ ...ref, options }, effort) : call({ ...ref, options }, effort);
}

function withFewThreads(options: ProgramOptions): ProgramOptions {
  const { threads } = options;
  return typeof threads === 'number' ? { ...options, threads: Math.min(threads, FEW) } : options;
}
