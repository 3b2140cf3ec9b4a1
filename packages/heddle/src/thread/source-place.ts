/** Where a function stands in the file that its author wrote, seen through source maps. */
import nodeModule from 'node:module';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shortSite } from '../base/site.js';

/** Counts from zero. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The place in the original of a script, as far as the runtime keeps source maps. */
export function originalPlace(url: string, place: Place): Place {
  // Not every runtime has it.
  const find = nodeModule.findSourceMap as typeof nodeModule.findSourceMap | undefined;
  const entry = find?.(url)?.findEntry(place.line, place.column);
  return entry !== undefined && 'originalLine' in entry
    ? { line: entry.originalLine, column: entry.originalColumn }
    : { line: place.line, column: place.column };
}

/** A place as people read it, such as `src/main.ts:12`. */
export function readablePlace(url: string, { line }: Place): string {
  return url === '' ? 'in evaluated code' : `${readableFile(url)}:${line + 1}`;
}

/** A file as people name it: from the working folder, if it is below that. */
export function readableFile(url: string): string {
  if (!url.startsWith('file:')) return url.startsWith('data:') ? 'a data: URL' : url;
  const path = fileURLToPath(url);
  const below = relative(process.cwd(), path);
  return below.startsWith('..') ? shortSite(path.replaceAll('\\', '/')) : below.replaceAll('\\', '/');
}
