import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from './usage-error.js';

/** Finds the program. Returns its absolute path. @throws UsageError if it is no file */
export function findProgram(file: string): string {
  const path = resolve(file);
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch (error) {
    throw cannotRun(file, reasonOf(error));
  }
  if (isFolder) throw cannotRun(file, 'it is a folder; name the file in it');
  return path;
}

/** Why the system refused a file, in words. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'ENOTDIR':
      return 'a part of its path is no folder';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return message;
  }
}

/** The error that says why a program, as it was named, cannot be run. */
export function cannotRun(file: string, reason: string): UsageError {
  return new UsageError(`cannot run ${file}: ${reason}`);
}

/**
 * The options of node that make it load the program: none for JavaScript, or where node loads
 * TypeScript itself or has been given something that does. Otherwise tsx, as the program's folder or the working
 * directory finds it.
 *
 * @throws UsageError if nothing loads it
 */
export function loaderFor(program: string, file: string): string[] {
  if (!isTypeScript(program) || nodeLoads(program) || hasLoader()) return [];
  const tsx = findTsx(program);
  if (tsx === undefined) throw needsLoader(file);
  return ['--import', pathToFileURL(tsx).href];
}

/** The error for a TypeScript program that this node cannot load. */
export function needsLoader(file: string): UsageError {
  return cannotRun(
    file,
    `Node ${process.versions.node} does not load TypeScript; install tsx beside it (npm install --save-dev tsx), or ` +
      'use Node 22.18 or newer',
  );
}

function isTypeScript(path: string): boolean {
  return /^\.([cm]?ts|[tj]sx)$/.test(extname(path));
}

/** Node strips types by itself since 22.18; it never learned JSX. */
function nodeLoads(path: string): boolean {
  const { typescript } = process.features as { readonly typescript?: string | false };
  return typeof typescript === 'string' && !extname(path).endsWith('x');
}

/** Whether node has been told to load something first, which may well be a loader of TypeScript. */
function hasLoader(): boolean {
  const options = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ');
  return /(?:^|\s)(?:-r|--require|--import|--loader|--experimental-loader)[\s=]/.test(options);
}

/** A file of the tsx package that is found from the program's folder, or else from the working directory. */
function findTsx(program: string): string | undefined {
  for (const from of [program, resolve('package.json')]) {
    try {
      return createRequire(from).resolve('tsx');
    } catch {
      // Not there: look in the next place.
    }
  }
  return undefined;
}
