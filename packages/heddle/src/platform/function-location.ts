/**
 * Where a function was written, as the JavaScript engine knows it.
 *
 * Only V8's inspector tells, through a session of this thread with itself. A session lives for one call, and the
 * debugger's domain is on only while the list of scripts is fetched: scripts have no other way to their text. Other
 * sessions, a developer's debugger among them, are not affected.
 */
import { types } from 'node:util';
import type * as Inspector from 'node:inspector';

/** A script as the engine compiled it: TypeScript, for example, is plain JavaScript by then. */
interface Script {
  /** URL, path or whatever else it was called; empty for evaluated code. */
  readonly url: string;
  readonly isModule: boolean;
  readonly source: string;
}

export type FunctionLocation =
  /** `offset` in the script's text lies between the start of the function's parameters and its body. */
  | {
      readonly kind: 'script';
      readonly script: Script;
      readonly offset: number;
      readonly line: number;
      readonly column: number;
    }
  /** Made by `bind`. */
  | { readonly kind: 'bound' }
  | { readonly kind: 'proxy' }
  /** Part of the language or the runtime; `module` is `node:fs` and the like, where known. */
  | { readonly kind: 'native'; readonly module: string | undefined }
  /** This runtime does not tell. */
  | { readonly kind: 'unknown' };

interface Place {
  readonly scriptId: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

interface KnownScript extends Script {
  /** Where its text begins in the file, if it is a part of one. */
  readonly line: number;
  readonly column: number;
}

/** By script id. Texts are large: they live as long as somebody works with them. */
const scripts = new Map<string, WeakRef<KnownScript>>();

/** Where a function was written. `line` and `column` count from zero. */
export function locateFunction(fn: object): FunctionLocation {
  if (types.isProxy(fn)) return { kind: 'proxy' };
  const inspector = loadInspector();
  if (inspector === undefined) return { kind: 'unknown' };
  const session = new inspector.Session();
  try {
    session.connect();
    return locateThrough(session, inspector, fn);
  } catch {
    return { kind: 'unknown' };
  } finally {
    session.disconnect();
  }
}

function loadInspector(): typeof Inspector | undefined {
  try {
    return process.getBuiltinModule('node:inspector');
  } catch {
    return undefined; // node was built, or started, without it
  }
}

function locateThrough(session: Inspector.Session, inspector: object, fn: object): FunctionLocation {
  const internals = internalProperties(session, inspector, fn);
  const place = internals.find(({ name }) => name === '[[FunctionLocation]]')?.value?.value as
    Place | undefined;
  if (place === undefined) {
    const isBound = internals.some(({ name }) => name === '[[TargetFunction]]');
    return isBound ? { kind: 'bound' } : { kind: 'native', module: undefined };
  }
  const script = scripts.get(place.scriptId)?.deref() ?? fetchScript(session, place.scriptId);
  if (script === undefined) return { kind: 'unknown' };
  if (script.url.startsWith('node:')) return { kind: 'native', module: script.url };
  const { lineNumber: line, columnNumber: column } = place;
  const firstLine = line === script.line;
  const offset = offsetOf(script.source, line - script.line, firstLine ? column - script.column : column);
  return { kind: 'script', script, offset, line, column };
}

/** Where the function lies while the inspector, which takes no references, fetches it. */
const DESK = Symbol.for('heddle.function-to-locate');

function internalProperties(
  session: Inspector.Session,
  inspector: { [DESK]?: object },
  fn: object,
): Inspector.Runtime.InternalPropertyDescriptor[] {
  // The inspector's own module object is the same in all contexts of a thread, unlike the global object.
  inspector[DESK] = fn;
  try {
    const expression = `process.getBuiltinModule('node:inspector')[Symbol.for('${String(DESK.description)}')]`;
    const { objectId } = post(session, 'Runtime.evaluate', { expression, silent: true }).result;
    return post(session, 'Runtime.getProperties', { objectId, ownProperties: true }).internalProperties ?? [];
  } finally {
    Reflect.deleteProperty(inspector, DESK);
  }
}

/** Turns the debugger's domain on for as long as it takes to get one script. */
function fetchScript(session: Inspector.Session, scriptId: string): KnownScript | undefined {
  let found: Inspector.Debugger.ScriptParsedEventDataType | undefined;
  session.on('Debugger.scriptParsed', ({ params }) => {
    if (params.scriptId === scriptId) found = params;
  });
  post(session, 'Debugger.enable');
  try {
    if (found === undefined) return undefined;
    const { scriptSource } = post(session, 'Debugger.getScriptSource', { scriptId });
    const { url, isModule = false, startLine: line, startColumn: column } = found;
    const script = { url, isModule, source: scriptSource, line, column };
    scripts.set(scriptId, new WeakRef(script));
    return script;
  } finally {
    post(session, 'Debugger.disable');
  }
}

/** What the commands used here answer. */
interface Answers {
  'Runtime.evaluate': Inspector.Runtime.EvaluateReturnType;
  'Runtime.getProperties': Inspector.Runtime.GetPropertiesReturnType;
  'Debugger.enable': unknown;
  'Debugger.getScriptSource': Inspector.Debugger.GetScriptSourceReturnType;
  'Debugger.disable': unknown;
}

/** Sends a command and returns its result: a session with the own thread answers before `post` returns. */
function post<C extends keyof Answers>(
  session: Inspector.Session,
  command: C,
  parameters?: object,
): Answers[C] {
  let answer: { error: Error | null; result: unknown } | undefined;
  session.post(command, parameters, (error, result) => {
    answer = { error, result };
  });
  if (answer === undefined) throw new Error(`the inspector did not answer ${command} at once`);
  if (answer.error !== null) throw answer.error;
  return answer.result as Answers[C];
}

/** Index in `text` of a line and column that count from zero. */
function offsetOf(text: string, line: number, column: number): number {
  const lineEnd = /\r\n?|\n|\u2028|\u2029/g;
  for (let n = 0; n < line && lineEnd.test(text); n++);
  return lineEnd.lastIndex + column;
}
