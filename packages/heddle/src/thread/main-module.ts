/** Tells the module that the program was started with from those that are imported. */
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from '../base/arguments.js';
import { isProcessMain } from '../platform/workers.js';

/**
 * Whether `meta` belongs to the module that the program was started with, and this is the main thread.
 *
 * A thread finds its target by importing the module that has it, which runs that module's top level once more. A
 * module that both defines targets and starts threads therefore keeps its main part behind this, as Python programs
 * do with `if __name__ == '__main__'`; otherwise each thread would start threads of its own while it is being set up
 * (heddle refuses that with a `TargetError`).
 *
 * It does not block, and orders nothing. Symbolic links, and a program named without its extension or by its folder,
 * are seen through. It is false for every module in `node -e`, in the REPL and in threads.
 *
 * @param meta The `import.meta` of the module that asks.
 * @throws TypeError if `meta` is no `import.meta`.
 *
 * @example
 * ```ts
 * import { spawn, isMain } from 'heddle';
 *
 * export function work(n: number) {
 *   return n * 2;
 * }
 *
 * if (isMain(import.meta)) console.log(spawn(work, 21).join()); // 42
 * ```
 */
export function isMain(meta: ImportMeta): boolean {
  const url: unknown = (meta as ImportMeta | undefined)?.url;
  if (typeof url !== 'string') throw new TypeError(`isMain takes import.meta, not ${describe(meta)}`);
  if (!isProcessMain() || !url.startsWith('file:')) return false;
  program ??= programPath();
  return program !== '' && realPath(fileURLToPath(url)) === program;
}

/** Real path of the program, or an empty string if it was not started from a file. */
let program: string | undefined;

function programPath(): string {
  const given = process.argv[1];
  if (given === undefined) return '';
  const path = resolve(given);
  try {
    return realpathSync(createRequire(path).resolve(path));
  } catch {
    return realPath(path);
  }
}

/** The path with symbolic links followed; as it stands if there is no such file. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
