/** What `heddle run` does inside the program's own process. */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type * as Trace from '../trace/index.js';
import type { Note } from './note.js';
import { loadProblem } from './load-problem.js';

/** Profiles the program that node is about to run, and writes a note to `path` when it ends. */
export async function profileProgram(path: string): Promise<void> {
  const program = process.argv[1] ?? '';
  const copies = await copiesOf(program);
  for (const { startProfiling } of copies) startProfiling();

  let problem: Note | undefined;
  process.on('uncaughtExceptionMonitor', (error: unknown) => {
    problem = loadProblem(program, error);
    // Before node prints the error: the command says it in a line.
    if (problem !== undefined) process.exit(2);
  });
  process.on('exit', () => {
    try {
      writeFileSync(path, JSON.stringify(problem ?? { kind: 'summary', summary: busiest(copies) }));
    } catch {
      // The command says that there is no summary. An error here would change how the program ends.
    }
  });
}

/**
 * The program's own heddle, which need not be the one that this command belongs to. Under a loader that compiles
 * modules for `require`, what is required and what is imported are two copies; the program may use either.
 */
async function copiesOf(program: string): Promise<(typeof Trace)[]> {
  const require = createRequire(program);
  let path: string;
  try {
    path = require.resolve('heddle/trace');
  } catch {
    return [await import('../trace/index.js')]; // the program does not use heddle by its name
  }
  const imported = (await import(pathToFileURL(path).href)) as typeof Trace;
  const required = require(path) as typeof Trace;
  return imported.startProfiling === required.startProfiling ? [imported] : [imported, required];
}

/** The summary of the copy that the program used. */
function busiest(copies: readonly (typeof Trace)[]): Trace.Summary | undefined {
  return copies
    .map(({ summary }) => summary())
    .sort((a, b) => objectsIn(b) - objectsIn(a))
    .at(0);
}

function objectsIn({ threads, locks, queues, others }: Trace.Summary): number {
  return threads.length + locks.length + queues.length + others.length;
}
