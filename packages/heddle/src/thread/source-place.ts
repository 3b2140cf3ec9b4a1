/** Where a function stands in the file that its author wrote, seen through source maps. */
import nodeModule from 'node:module';
import { isAbsolute, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shortSite } from '../base/site.js';

/** A place in a file that people wrote. */
export interface Place {
  /** Its path; its URL, if it is no file. */
  readonly file: string;
  /** They count from zero. */
  readonly line: number;
  readonly column: number;
  /** Whether a source map has told it. */
  readonly isMapped: boolean;
}

/** The place in the original of a script with this URL, as far as the runtime keeps source maps. */
export function originalPlace(url: string, line: number, column: number): Place {
  // Not every runtime has it.
  const find = nodeModule.findSourceMap as typeof nodeModule.findSourceMap | undefined;
  const entry = (find?.(url) ?? find?.(fileOf(url)))?.findEntry(line, column);
  if (entry === undefined || !('originalSource' in entry))
    return { file: fileOf(url), line, column, isMapped: false };
  const { originalSource, originalLine, originalColumn } = entry;
  return { file: fileOf(originalSource), line: originalLine, column: originalColumn, isMapped: true };
}

function fileOf(url: string): string {
  return url.startsWith('file:') ? fileURLToPath(url) : url;
}

/**
 * A name for the place's file under which its lines stay as they are. By the name of a loaded module the runtime would
 * take them for lines of the compiled text, and map them once more; one slash too many leads to the same file.
 */
export function unmappedFile({ file, isMapped }: Place): string {
  return isMapped && isAbsolute(file) ? `file:///${withSlashes(file)}` : file;
}

/** A place as people read it, such as `src/main.ts:12`. */
export function readablePlace({ file, line }: Place): string {
  return file === '' ? 'in evaluated code' : `${readableFile(file)}:${line + 1}`;
}

/** A file, given by path or URL, as people name it: from the working folder, if it is below that. */
export function readableFile(file: string): string {
  if (file.startsWith('data:')) return 'a data: URL';
  const path = fileOf(file);
  if (!isAbsolute(path)) return path;
  const below = relative(process.cwd(), path);
  return below.startsWith('..') ? shortSite(withSlashes(path)) : withSlashes(below);
}

function withSlashes(path: string): string {
  return path.replaceAll('\\', '/');
}
