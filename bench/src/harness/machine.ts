import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import { pythonVersion } from './python.js';

/** Where and when it was measured. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  /** In GiB. */
  readonly memory: number;
  readonly system: string;
  /** Processes that ran or waited for a core in the minute before the run. */
  readonly load: number;
  readonly date: string;
  /** The commit, and whether files differ from it. */
  readonly revision: string;
  /** By name. CPython is missing where there is none. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Describes this machine. */
export function describeMachine(): Machine {
  const python = pythonVersion();
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    date: new Date().toISOString(),
    revision: revision(),
    versions: {
      heddle: libraryVersion(),
      Node: process.versions.node,
      V8: process.versions.v8,
      ...(python === undefined ? {} : { CPython: python }),
      ...poolVersions(),
    },
  };
}

function libraryVersion(): string {
  const file = fileURLToPath(import.meta.resolve('heddle/package.json'));
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** The pools of others, in the versions that package.json pins. */
function poolVersions(): Readonly<Record<string, string>> {
  const { devDependencies } = JSON.parse(
    readFileSync(fileURLToPath(new URL('../../../package.json', import.meta.url)), 'utf8'),
  ) as { devDependencies: Readonly<Record<string, string>> };
  return Object.fromEntries(Object.entries(devDependencies).filter(([name]) => !name.startsWith('@types/')));
}

function revision(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    return git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ', changed');
  } catch {
    return 'unknown';
  }
}
