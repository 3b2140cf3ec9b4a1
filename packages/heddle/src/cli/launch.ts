/** Runs a program in a process of its own, and learns how it ended. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import type { Note } from './note.js';
import { NOTE } from './note.js';

/** How a program ended. */
export interface Ending {
  /** Its exit status, or 128 and the number of the signal that ended it. */
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | null;
  /** What it left; undefined if it was ended at once. */
  readonly note: Note | undefined;
}

/** Signals that end a program unless it says otherwise. What we are sent is meant for the program. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `node FILE ARGS` with the module that profiles it, and with `options` of node's. Its input, output and errors
 * are our own.
 *
 * A process of its own, since only there a program is the main module, its uncaught errors are printed by node as
 * always, and what it prints at its very end comes before what is printed about it.
 */
export async function launch(
  program: string,
  args: readonly string[],
  options: readonly string[],
): Promise<Ending> {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-run-'));
  const path = join(folder, 'note.json');
  const preload = new URL('./preload-entry.js', import.meta.url).href;
  const stopForwarding = new AbortController();
  try {
    const child = spawn(
      process.execPath,
      [...process.execArgv, ...options, '--import', preload, program, ...args],
      { stdio: 'inherit', env: { ...process.env, [NOTE]: path } },
    );
    for (const signal of SIGNALS) {
      const forward = (): void => {
        // The terminal sends Ctrl-C to the program as well.
        if (signal !== 'SIGINT' || !isOnTerminal()) child.kill(signal);
      };
      process.on(signal, forward);
      stopForwarding.signal.addEventListener('abort', () => process.off(signal, forward));
    }
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    const exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
    return { exitCode, signal, note: readNote(path) };
  } finally {
    stopForwarding.abort();
    rmSync(folder, { recursive: true, force: true });
  }
}

function isOnTerminal(): boolean {
  return [0, 1, 2].some((descriptor) => isatty(descriptor));
}

function readNote(path: string): Note | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Note;
  } catch {
    return undefined;
  }
}
