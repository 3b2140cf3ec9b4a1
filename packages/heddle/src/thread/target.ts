/**
 * Names the function that a thread is to run, so that the thread can find it again.
 *
 * In this order: what `task()` said; the export of the module that the function was written in; its text, if it uses
 * nothing from around it. A function that none of these fits is refused, with what to do.
 */
import { createRequire, isBuiltin } from 'node:module';
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkFunction } from '../base/arguments.js';
import { type FunctionLocation, locateFunction } from '../platform/function-location.js';
import { exportedAnywhere, exportedBy, isCommonJS } from './loaded-modules.js';
import { exportSeenBefore } from './source-glance.js';
import type * as Parser from './source-parser.js';
import { originalPlace, readablePlace, unmappedFile } from './source-place.js';
import { type Origin, tiedTarget, unfitTarget } from './target-errors.js';
import {
  type AnyFunction,
  type InlineTarget,
  knownTarget,
  rememberTarget,
  type TargetRef,
} from './target-ref.js';

export type { TargetRef };

/**
 * Names `fn` for other threads. The first function of a script takes some milliseconds, a further one less than one,
 * the same one again nothing.
 * @throws TypeError if it is no function; TargetError if another thread could not find it.
 */
export function describeTarget(fn: unknown): TargetRef {
  checkFunction('target', fn);
  const target = fn as AnyFunction;
  return knownTarget(target) ?? rememberTarget(target, referenceOf(target));
}

type Located = Extract<FunctionLocation, { kind: 'script' }>;

const nowhere: Origin = { kind: 'unknown' };

function referenceOf(fn: AnyFunction): TargetRef {
  const text = Function.prototype.toString.call(fn);
  const location = locateFunction(fn);
  if (/^class\b/.test(text))
    throw unfitTarget(fn, location.kind === 'script' ? originOf(location) : nowhere, 'class');
  if (location.kind === 'script') return fromScript(fn, text, location);
  const exported =
    location.kind === 'native' ? location.module && exportedBy(fn, location.module) : exportedAnywhere(fn);
  if (exported) return exported;
  if (location.kind !== 'unknown') throw unfitTarget(fn, nowhere, location.kind);
  return fromText(fn, text);
}

function fromScript(fn: AnyFunction, text: string, location: Located): TargetRef {
  const { script, offset } = location;
  const module = moduleUrl(script.url);
  const origin = originOf(location);
  if (module !== undefined && !script.isModule) {
    const exported = exportedBy(fn, module);
    if (exported !== undefined) return exported;
  }
  const seen = script.isModule ? exportSeenBefore(script.source, offset) : undefined;
  if (seen !== undefined && module !== undefined) return { kind: 'module', module, name: seen };
  const written = askParser((its) => its.readFunction(script, offset));
  if (written === undefined) {
    // The thread can compare names and texts. What has no name was not written as an export.
    if (module === undefined || fn.name === '') throw unfitTarget(fn, origin, 'unreadable');
    return { kind: 'module', module, name: fn.name, source: text };
  }
  if (module === undefined) return inlineTarget(fn, origin, written);
  // What a tool has wrapped may not be what a thread would import: better without, where it can do without.
  if (written.exported !== undefined && (script.isModule || !isFree(written, origin))) {
    return { kind: 'module', module, name: written.exported };
  }
  const place = originalPlace(module, location.line, location.column);
  const before = offset - written.inline.start + written.inline.lead;
  return {
    ...inlineTarget(fn, origin, written),
    module,
    file: unmappedFile(place),
    line: place.line,
    column: place.column - before,
  };
}

/**
 * The reference of a function whose text is all that is known. If it uses anything else, it is taken to be exported by
 * the module that calls; the thread compares name and text.
 */
function fromText(fn: AnyFunction, text: string): TargetRef {
  if (/\{\s*\[native code\]\s*\}$/.test(text)) throw unfitTarget(fn, nowhere, 'native');
  const written = askParser((its) => its.readText(text));
  const module = moduleUrl(callerModule());
  if (
    !(written && isFree(written, nowhere)) &&
    module !== undefined &&
    fn.name !== '' &&
    !/method|accessor/.test(written?.form ?? '')
  ) {
    return { kind: 'module', module, name: fn.name, source: text };
  }
  if (written === undefined) throw unfitTarget(fn, nowhere, 'unlocated');
  return inlineTarget(fn, nowhere, written);
}

/** URL of the module that called heddle, as the stack gives it. */
function callerModule(): string {
  const ownFolder = new URL('.', import.meta.url).href;
  for (const line of (new Error().stack ?? '').split('\n')) {
    const file = /^\s+at (?:.*\()?(.+?):\d+:\d+\)?$/.exec(line)?.[1] ?? '';
    const url = isAbsolute(file) ? pathToFileURL(file).href : file;
    if (url !== '' && !url.startsWith(ownFolder) && !url.startsWith('node:')) return url;
  }
  return '';
}

function inlineTarget(fn: AnyFunction, origin: Origin, written: Parser.WrittenFunction): InlineTarget {
  const { inline, bound, form } = written;
  if (form === 'accessor') throw unfitTarget(fn, origin, 'accessor');
  const used = written.outer.filter((name) => isCaptured(name, origin));
  if (used.length > 0 || bound.length > 0) throw tiedTarget(fn, origin, written, used);
  const hasFile = origin.kind === 'module' || origin.kind === 'commonjs';
  if (inline.relativeImports.length > 0 && !hasFile) throw unfitTarget(fn, origin, 'import');
  // Modules are strict by themselves.
  if (origin.kind !== 'module' && askParser((its) => its.isStrictCode(inline.text)) === false) {
    throw unfitTarget(fn, origin, 'sloppy');
  }
  return { kind: 'inline', source: inline.text, name: fn.name };
}

function originOf({ script, line, column }: Located): Origin {
  const module = moduleUrl(script.url);
  const place = readablePlace(originalPlace(script.url, line, column));
  if (module === undefined) return { kind: 'evaluated', place };
  return { kind: !script.isModule && isCommonJS(module) ? 'commonjs' : 'module', place };
}

/** The URL by which a thread can import what the engine calls `url`. */
function moduleUrl(url: string): string | undefined {
  return /^(?:file|data|https?):/.test(url) && !/\/\[\w+\]$/.test(url) ? url : undefined;
}

/** The globals of every thread. Those that the program adds later are its own, and a new thread lacks them. */
const globals: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(globalThis));
/** Globals that are also modules. The REPL and `node -e` have all other modules as globals too, and threads do not. */
const everywhere: ReadonlySet<string> = new Set(['console', 'crypto', 'process']);
/** What CommonJS gives each module: no text declares it. */
const ofCommonJS: ReadonlySet<string> = new Set(['require', 'module', 'exports', '__filename', '__dirname']);
/** What tools bring into functions; it is defined wherever a function is made again. */
const ofTools: ReadonlySet<string> = new Set(['__name', '__heddleImport']);

/** Whether a function uses nothing from around it. */
function isFree({ bound, outer }: Parser.WrittenFunction, origin: Origin): boolean {
  return bound.length === 0 && !outer.some((name) => isCaptured(name, origin));
}

function isCaptured({ name, from }: Parser.OuterName, { kind }: Origin): boolean {
  if (from === 'itself' || ofTools.has(name)) return false;
  if (from !== 'nowhere') return true;
  if (kind !== 'module' && ofCommonJS.has(name)) return true;
  if (kind === 'evaluated' && isBuiltin(name) && !everywhere.has(name)) return true;
  if (globals.has(name) || name in Object.prototype) return false;
  // A name that exists nowhere fails in a thread just as it does here. Where not all text is known, it may exist.
  return name in globalThis || kind === 'evaluated' || kind === 'unknown';
}

let parser: typeof Parser | undefined;

/** Asks the parser. There is no answer if it is missing, or if it knows no such syntax. */
function askParser<T>(ask: (its: typeof Parser) => T): T | undefined {
  parser ??= loadParser();
  try {
    return parser && ask(parser);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function loadParser(): typeof Parser | undefined {
  try {
    return createRequire(import.meta.url)('./source-parser.js') as typeof Parser;
  } catch {
    return undefined; // a bundler has left it behind
  }
}
