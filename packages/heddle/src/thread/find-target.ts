/** Finds the function that a thread is to run, by what `describeTarget` has told about it. */
import { fileURLToPath } from 'node:url';
import { TargetError } from '../base/errors.js';
import { ownRequire } from '../platform/require.js';
import { joinTsx } from '../platform/tsx.js';
import { makeInline } from './inline-function.js';
import { readableFile } from './source-place.js';
import { type AnyFunction, type ModuleTarget, rememberTarget, type TargetRef } from './target-ref.js';

/** A target, ready to be called. */
export type Target = (...args: unknown[]) => unknown;

/** Modules that targets of this worker came from, by their URL. */
const imported = new Map<string, object>();

/** Functions of heddle's own that threads run, by what stands in place of a module's URL. */
const own = new Map<string, Target>();

/** Names a function of heddle's own, so that a thread can run it. Each worker does so once, when its module is loaded. */
export function defineOwnTarget(name: string, target: Target): void {
  own.set(`heddle:${name}`, target);
  rememberTarget(target, { kind: 'module', module: `heddle:${name}`, name });
}

/** How many modules of targets are being imported here. */
let importing = 0;

/** Whether the module of a target is being imported in this thread, so that no target can run yet. */
export function isImporting(): boolean {
  return importing > 0;
}

/** What starting a thread throws meanwhile: a module that does it at its top level would do so in each thread anew. */
export function importingError(targetName: string): TargetError {
  return new TargetError(
    `${targetName === '' ? 'a thread' : `a thread for ${targetName}`} was started while a module is imported in a thread: ` +
      'its top level runs there once more. Put what only the program itself should do into "if (isMain(import.meta)) { … }".',
  );
}

/**
 * The function that `ref` names, from the module that exports it or from its text.
 * @throws TargetError if the module cannot be imported (its `cause` says why), or exports no such function.
 */
export async function findTarget(ref: TargetRef): Promise<Target> {
  if (ref.kind === 'inline') return makeInline(ref) as Target;
  const ours = own.get(ref.module);
  if (ours !== undefined) return ours;
  joinTsx();
  importing++;
  let namespace: object;
  try {
    namespace = (await import(ref.module)) as object;
  } catch (error) {
    throw importFailure(ref, error);
  } finally {
    importing--;
  }
  imported.set(ref.module, namespace);
  return pick(ref, namespace);
}

/**
 * The same without awaiting, for functions that run within a blocking call.
 * @throws TargetError also if the module is still being evaluated, or awaits something at its top level.
 */
export function findTargetSync(ref: TargetRef): Target {
  if (ref.kind === 'inline') return makeInline(ref) as Target;
  const known = imported.get(ref.module);
  if (known !== undefined) return pick(ref, known);
  joinTsx();
  importing++;
  let namespace: object;
  try {
    const path = ref.module.startsWith('file:') ? fileURLToPath(ref.module) : ref.module;
    namespace = ownRequire()(path) as object;
  } catch (error) {
    throw importFailure(ref, error);
  } finally {
    importing--;
  }
  return pick(ref, namespace);
}

/** Finds the function among a module's exports, and remembers its name: it may be a target again. */
function pick(ref: ModuleTarget, namespace: object): Target {
  const holders = holdersIn(namespace);
  const found = byName(ref, holders) ?? fail(missing(ref, holders));
  rememberTarget(found, ref);
  return found as Target;
}

function fail(error: Error): never {
  throw error;
}

/** What may have the function as a property: the module's namespace; of CommonJS also what it set `exports` to. */
function holdersIn(namespace: object): object[] {
  const candidates = [namespace, valueOf(namespace, 'default'), valueOf(namespace, 'module.exports')];
  // `require` gives a CommonJS module's exports themselves.
  return candidates.filter(
    (it): it is object => (typeof it === 'object' || typeof it === 'function') && it !== null,
  );
}

function byName({ name, source }: ModuleTarget, holders: readonly object[]): AnyFunction | undefined {
  const named = functionsCalled(name, holders);
  if (source === undefined) return named[0];
  // The text decides, where the name may be that of another function; then the export may have any name.
  const exported = holders.flatMap(functionsIn).map(([, fn]) => fn);
  const same = exported.filter(
    (fn) => String(fn) === source && (fn.name === '' ? 'default' : fn.name) === name,
  );
  return named.find((fn) => String(fn) === source) ?? (new Set(same).size === 1 ? same[0] : undefined);
}

function functionsCalled(name: string, holders: readonly object[]): AnyFunction[] {
  const found = holders.map((holder) => valueOf(holder, name));
  // A default export may go by the name it gave itself; CommonJS may export one function as itself.
  const [namespace] = holders;
  const main = namespace && valueOf(namespace, 'default');
  if (isFunction(main) && main.name === name) found.push(main);
  if (name === 'default') found.push(namespace);
  return found.filter(isFunction);
}

function functionsIn(holder: object): [string, AnyFunction][] {
  return Object.keys(holder).flatMap((key) => {
    const value = valueOf(holder, key);
    return isFunction(value) ? [[key, value] as [string, AnyFunction]] : [];
  });
}

function valueOf(holder: object, key: string): unknown {
  return Object.hasOwn(holder, key) ? Reflect.get(holder, key) : undefined;
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function';
}

function missing({ module, name, source }: ModuleTarget, holders: readonly object[]): TargetError {
  const others = [...new Set(holders.flatMap(functionsIn).map(([key]) => key))];
  const offered = others.length === 0 ? 'no functions' : `the functions ${others.join(', ')}`;
  const advice =
    source === undefined
      ? 'Check the name, and that the export does not depend on which thread imports the module.'
      : `Export it there, or name the module that exports it: task(import.meta, ${name === 'default' ? '…' : name}).`;
  return new TargetError(
    `${readableFile(module)} does not export the function ${name} in a new thread; it exports ${offered}. ${advice}`,
  );
}

function importFailure(ref: ModuleTarget, error: unknown): unknown {
  // The module has started a thread of its own at its top level: that error says what to do.
  if (error instanceof TargetError) return error;
  const file = readableFile(ref.module);
  return new TargetError(
    `${file}, which exports ${ref.name}, cannot be imported in a new thread: ${reasonOf(ref, error)}`,
    {
      cause: error,
    },
  );
}

function reasonOf(ref: ModuleTarget, error: unknown): string {
  const { code, url, message } = (typeof error === 'object' && error !== null ? error : {}) as {
    code?: unknown;
    url?: unknown;
    message?: unknown;
  };
  switch (code) {
    case 'ERR_MODULE_NOT_FOUND':
    case 'MODULE_NOT_FOUND':
      if (url === ref.module) return 'there is no such file (any more).';
      return `something it imports is missing. ${String(message)}`;
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return 'this runtime does not know such files. Start the program with what loads them, such as "node --import tsx".';
    case 'ERR_REQUIRE_ASYNC_MODULE':
    case 'ERR_REQUIRE_CYCLE_MODULE':
    case 'ERR_REQUIRE_ESM_RACE_CONDITION':
      return 'it is needed at once, and awaits at its top level or is still being imported. Move the function to a module of its own.';
    default:
  }
  if (error instanceof SyntaxError) return `it has a syntax error. ${error.message}`;
  return `it threw at its top level. ${String(error)}`;
}
