/** `heddle run`. */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { writeFully } from '../platform/stdio.js';
import { formatSummary } from '../trace/format-summary.js';
import type { Output } from './arguments.js';
import type { Ending } from './launch.js';
import { launch } from './launch.js';
import { cannotRun, findProgram, loaderFor, needsLoader, reasonOf } from './program.js';
import { UsageError } from './usage-error.js';

/** Runs a program under the profiler and tells what it found. Returns the exit status. @throws UsageError */
export async function run(file: string, args: readonly string[], output: Output): Promise<number> {
  const program = findProgram(file);
  const options = loaderFor(program, file);
  if (output.kind === 'file') checkWritable(output.path);
  const ending = await launch(program, args, options);
  const { note, signal, exitCode } = ending;
  if (note?.kind === 'typescript') throw needsLoader(file);
  if (note?.kind === 'syntax') throw cannotRun(file, `${file}:${note.line}: ${note.message}`);
  report(ending, output);
  if (signal !== null) process.kill(process.pid, signal); // whoever started us sees the same end
  return exitCode;
}

/** Before the program runs for hours: @throws UsageError */
function checkWritable(path: string): void {
  try {
    closeSync(openSync(path, 'w'));
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such folder' : reasonOf(error);
    throw new UsageError(`cannot write ${path}: ${reason}`);
  }
}

function report({ note, signal, exitCode }: Ending, output: Output): void {
  const summary = note?.kind === 'summary' ? note.summary : null;
  const document = `${JSON.stringify({ command: 'run', exitCode, reports: [], summary })}\n`;
  if (output.kind === 'json') writeFully(1, document);
  else if (output.kind === 'file') writeFileSync(output.path, document);
  else if (summary !== null) writeFully(2, `\n${formatSummary(summary)}`);
  if (summary === null) {
    const end = signal === null ? 'left none' : `was ended by ${signal}`;
    writeFully(2, `heddle: no summary: the program ${end}\n`);
  }
}
