import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Effort, Figures } from './effort.js';
import type { NodeProgram, ProgramRef, PythonProgram } from './program.js';
import { PYTHON } from './python.js';

const CHILD = fileURLToPath(new URL('child.js', import.meta.url));
const PYTHON_FOLDER = fileURLToPath(new URL('../../../python', import.meta.url));

/** No program takes so long, in milliseconds; one that hangs is ended. */
const LIMIT = 120_000;

/** Runs a program in a fresh process. @throws Error if it fails, with what it printed */
export function runApart(ref: ProgramRef, effort: Effort): Promise<Figures> {
  return ref.world === 'python' ? runPython(ref, effort) : runNode(ref, effort);
}

async function runNode(ref: NodeProgram, effort: Effort): Promise<Figures> {
  const child = fork(CHILD, [JSON.stringify(ref), JSON.stringify(effort)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    timeout: LIMIT,
    execArgv: [],
  });
  let figures: Figures | undefined;
  child.on('message', (message) => {
    figures = message as Figures;
  });
  await ended(ref, child);
  if (figures === undefined) throw new Error(`${nameOf(ref)} ended without a result`);
  return figures;
}

async function runPython(ref: PythonProgram, effort: Effort): Promise<Figures> {
  const args = ['-B', 'run.py', ref.module, snakeCase(ref.name), JSON.stringify(effort)];
  const child = spawn(PYTHON, [...args, JSON.stringify(snakeKeys(ref.options))], {
    cwd: PYTHON_FOLDER,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT,
  });
  const [printed] = await Promise.all([text(child.stdout), ended(ref, child)]);
  return JSON.parse(printed) as Figures;
}

/** Waits until a process has ended well. */
async function ended(ref: ProgramRef, child: ChildProcess): Promise<void> {
  const said = child.stderr === null ? '' : text(child.stderr);
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (status === 0) return;
  throw new Error(`${nameOf(ref)} failed (${signal ?? `status ${status ?? 0}`}):\n${await said}`);
}

function nameOf({ world, module, name, options }: ProgramRef): string {
  return `${world}/${module}.${name} ${JSON.stringify(options)}`;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function snakeKeys(options: object): object {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [snakeCase(key), value as unknown]),
  );
}
