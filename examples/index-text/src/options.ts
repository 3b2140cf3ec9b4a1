import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Problem } from './problem.js';

export interface Options {
  readonly folder: string;
  /** Threads that count words. */
  readonly threads: number;
  /** How many words to print. */
  readonly top: number;
  /** How many bytes to read at most. */
  readonly limit: number;
}

export const HELP = `Usage: npm start [-- [DIR] [OPTIONS]]

Indexes all text files below DIR on all cores: counts every word and prints the
most frequent ones, how long it takes on one thread and on all cores, and what
the threads waited for. Without DIR it is this repository's node_modules.

  --threads N   threads that count words (${availableParallelism()}, one a core)
  --top N       how many of the most frequent words to print (20)
  --limit MB    stop after so many megabytes (256)
  --help        print this

Exit status: 0; 1 if there is nothing to index or something went wrong; 2 if the
command line is wrong.`;

/** What the command line asks for, or 'help'. @throws Problem */
export function readOptions(args: string[]): Options | 'help' {
  const { values, positionals } = parse(args);
  if (values.help) return 'help';
  if (positionals.length > 1) throw new Problem(`give one folder, not ${positionals.length}`, 2);
  return {
    folder: existingFolder(
      positionals[0] ?? fileURLToPath(new URL('../../../node_modules', import.meta.url)),
    ),
    threads: count('--threads', values.threads, 256),
    top: count('--top', values.top, 10_000),
    limit: count('--limit', values.limit, 100_000) * 1e6,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        threads: { type: 'string', default: String(availableParallelism()) },
        top: { type: 'string', default: '20' },
        limit: { type: 'string', default: '256' },
        help: { type: 'boolean', default: false, short: 'h' },
      },
    });
  } catch (error) {
    throw new Problem(error instanceof Error ? error.message : String(error), 2);
  }
}

function count(option: string, value: string, most: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw new Problem(`${option} takes a whole number from 1 to ${most}, not "${value}"`, 2);
}

function existingFolder(name: string): string {
  const folder = resolve(name);
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) throw new Problem(`there is no folder ${folder}`, 2);
  if (!stat.isDirectory()) throw new Problem(`${folder} is not a folder`, 2);
  return folder;
}
