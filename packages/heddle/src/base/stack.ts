/** Stacks as V8 prints them, read into places. */
import type { Site } from './report.js';
import { userFrames } from './site.js';

/** `at f (FILE:1:2)`, `at async f (FILE:1:2)`, `at FILE:1:2`; a file may have blanks, brackets and, on Windows, a colon. */
const FRAME = /^\s*at (?:async )?(?:(.*?) \()?(?:async )?(.+?):(\d+):(\d+)\)?$/;

/** The place that a line of a stack names; undefined if it names none that the user could open. */
function siteOfFrame(line: string): Site | undefined {
  const [, name = '', place = '', row, column] = FRAME.exec(line) ?? [];
  if (row === undefined || place.startsWith('node:') || line.includes('eval at ')) return undefined;
  return Object.freeze({
    file: fileOf(place),
    line: Number(row),
    column: Number(column),
    function: name.replace(/^async /, '').replace(/^(?:Object\.)?<anonymous>$/, ''),
  });
}

/** The first place in `stack` that is the user's: neither heddle's nor the runtime's. */
export function firstSite(stack: string): Site | undefined {
  for (const line of userFrames(stack)) {
    const site = siteOfFrame(line);
    if (site !== undefined) return site;
  }
  return undefined;
}

/** A path, also where a stack names a URL. */
function fileOf(place: string): string {
  if (!place.startsWith('file://')) return place;
  const path = place.slice('file://'.length).replace(/^\/([A-Za-z]:)/, '$1');
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a per cent sign that is just that
  }
}
