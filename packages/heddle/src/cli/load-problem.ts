/** Tells errors in loading the program from errors that it throws. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Note } from './note.js';

/** What keeps the program from being loaded; undefined if `error` is anything else. */
export function loadProblem(program: string, error: unknown): Note | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') {
    return error.message.includes(program) && /\.([cm]?ts|[tj]sx)$/.test(program)
      ? { kind: 'typescript' }
      : undefined;
  }
  return fromCompiler(program, error) ?? fromNode(program, error);
}

/** esbuild, which tsx uses, says `FILE:LINE:COLUMN: ERROR: what`. To tsx, `x.cts` and `x.mts` are `x.ts`. */
function fromCompiler(program: string, { message }: Error): Note | undefined {
  const [, file, line, what] = /^(.+):(\d+):\d+: ERROR: (.+)$/m.exec(message) ?? [];
  return file === program.replace(/\.[cm](?=ts$)/, '.') && what !== undefined
    ? { kind: 'syntax', line: Number(line), message: what }
    : undefined;
}

/** An error of node's own compiler has no frame outside node. A SyntaxError that a program throws, as from JSON, has. */
function fromNode(program: string, error: Error): Note | undefined {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  if (!(error instanceof SyntaxError) || !frames.every((frame) => frame.includes('node:'))) return undefined;
  const line = lineIn(program, error.stack ?? '') ?? lineIn(program, check(program));
  return line === undefined ? undefined : { kind: 'syntax', line, message: error.message };
}

/** Compiled ESM keeps the line to itself; node tells it when it is asked to check the file. */
function check(program: string): string {
  const { stderr } = spawnSync(process.execPath, ['--check', program], { encoding: 'utf8', env: {} });
  return stderr;
}

/** The line that text names at its start, if that is in the program. */
function lineIn(program: string, text: string): number | undefined {
  const [, place = '', line] = /^(.+):(\d+)$/m.exec(text.split('\n', 1)[0] ?? '') ?? [];
  const file = place.startsWith('file:') ? fileURLToPath(place) : place;
  return file === program ? Number(line) : undefined;
}
