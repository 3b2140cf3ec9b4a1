/** What a user is told about a function that no other thread could find: why, and how to change that. */
import { TargetError } from '../base/errors.js';
import type * as Parser from './source-parser.js';
import type { AnyFunction } from './target-ref.js';

/** Where a function was written, as far as that matters to its author. */
export interface Origin {
  /** `unknown`: this runtime does not tell. */
  readonly kind: 'module' | 'commonjs' | 'evaluated' | 'unknown';
  /** Such as `src/main.ts:12`. */
  readonly place?: string;
}

/** A function that is not exported, and uses something from around it. */
export function tiedTarget(
  fn: AnyFunction,
  origin: Origin,
  written: Parser.WrittenFunction,
  used: readonly Parser.OuterName[],
): TargetError {
  const names = [...written.bound, ...used.map(({ name }) => name)];
  const uses = `uses ${list(names)}${written.bound.length === 0 ? ' from around it' : ''}`;
  return unfindable(
    fn,
    origin,
    `${reasonOf(origin, written)} and ${uses}. ${adviceFor(fn, origin, written, used)}`,
  );
}

function reasonOf(origin: Origin, written: Parser.WrittenFunction): string {
  if (origin.kind === 'evaluated') return 'it was not written in a file';
  if (origin.kind === 'unknown') return reasonUnlocated;
  if (written.form === 'method') return 'it is a method';
  return 'it is not exported';
}

function adviceFor(
  fn: AnyFunction,
  origin: Origin,
  written: Parser.WrittenFunction,
  used: readonly Parser.OuterName[],
): string {
  if (origin.kind === 'unknown') {
    return `Export it from its module as task(import.meta, ${fn.name || '…'}).`;
  }
  if (written.form === 'method') return 'Export a function that makes the object and calls its method.';
  // What a thread has to be given: it can import the rest with the module.
  const local = used.filter(({ from }) => from === 'function').map(({ name }) => name);
  const values = used.length > 0 && written.bound.length === 0 && used.every(isValue);
  const exporting = exportAdvice(origin, written);
  if (local.length > 0) return `${exporting}, and pass ${list(local)} as ${plural(local)}.`;
  if (!values) return `${exporting}.`;
  return `${exporting}, or pass ${list(used.map(({ name }) => name))} as ${plural(used)}.`;
}

/** Whether a name may stand for something that can be passed: functions, modules and compilers' helpers cannot. */
function isValue({ name, from }: Parser.OuterName): boolean {
  return from !== 'module' && !isHelper(name) && !['require', 'module', 'exports'].includes(name);
}

/** Whether a compiler has put the name into the module, such as `__addDisposableResource`. */
function isHelper(name: string): boolean {
  return name.startsWith('__') && name !== '__dirname' && name !== '__filename';
}

function exportAdvice(origin: Origin, { variable, isOfModule, form }: Parser.WrittenFunction): string {
  if (origin.kind === 'evaluated') return 'Put it into a file that exports it';
  if (variable === undefined || !isOfModule) return 'Make it an exported function of its module';
  if (origin.kind === 'commonjs') return `Export it from its module ("exports.${variable} = ${variable}")`;
  return `Export it from its module ("export ${form === 'declaration' ? 'function' : 'const'} ${variable}")`;
}

/** Why a function is refused whatever it uses. */
export type Unfit =
  'class' | 'accessor' | 'native' | 'bound' | 'proxy' | 'sloppy' | 'import' | 'unreadable' | 'unlocated';

/** A function that is refused for what it is. */
export function unfitTarget(fn: AnyFunction, origin: Origin, unfit: Unfit): TargetError {
  const name = fn.name.replace(/^(?:bound |get |set )+/, '');
  const it = name === '' ? 'it' : name;
  switch (unfit) {
    case 'class':
      return new TargetError(
        `${labelOf(fn, origin)} is a class, and a thread runs a function. Export a function that does "new ${name || '…'}(…)".`,
      );
    case 'accessor':
      return unfindable(fn, origin, 'it is a getter or setter. Export a function that uses the property.');
    case 'native':
      // Where the runtime does not tell, bind() does, by the name.
      if (fn.name.startsWith('bound ')) return unfitTarget(fn, origin, 'bound');
      return unfindable(
        fn,
        origin,
        `it is built in. Wrap it: "(...args) => ${globalPath(fn) ?? (name || 'fn')}(...args)".`,
      );
    case 'bound':
      return unfindable(
        fn,
        origin,
        `bind() made it. Export a function that calls ${it}, and pass the bound values as arguments.`,
      );
    case 'proxy':
      return unfindable(fn, origin, 'it is a Proxy. Export a function that calls it.');
    case 'sloppy':
      return unfindable(
        fn,
        origin,
        'it is not exported, and its text is not allowed in strict mode. Export it from its module.',
      );
    case 'import':
      return unfindable(
        fn,
        origin,
        `it imports a relative path, and ${origin.kind === 'unknown' ? reasonUnlocated : 'it was not written in a file'}. Import by an absolute path or URL.`,
      );
    case 'unreadable':
      return unfindable(fn, origin, 'its text cannot be read. Put it into a file that exports it.');
    case 'unlocated':
      return unfindable(
        fn,
        origin,
        `${reasonUnlocated}. Export it from its module as task(import.meta, ${it}).`,
      );
  }
}

const reasonUnlocated = 'this runtime does not tell where it was written';

function unfindable(fn: AnyFunction, origin: Origin, rest: string): TargetError {
  return new TargetError(`${labelOf(fn, origin)} cannot be found in a new thread: ${rest}`);
}

function labelOf(fn: AnyFunction, { place }: Origin): string {
  if (fn.name !== '' && fn.name !== 'default') return place === undefined ? fn.name : `${fn.name} (${place})`;
  return place === undefined ? 'the function' : `the function (${place})`;
}

/** How a built-in function is reached from the global object, such as `Math.max`. */
function globalPath(fn: AnyFunction): string | undefined {
  const root = globalThis as Record<string, unknown>;
  if (root[fn.name] === fn) return fn.name;
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!/^[A-Z]/.test(name)) continue;
    const holder = root[name];
    if (holder !== null && (typeof holder === 'object' || typeof holder === 'function')) {
      if ((holder as Record<string, unknown>)[fn.name] === fn) return `${name}.${fn.name}`;
    }
  }
  return undefined;
}

/** `a`, `a and b`, `a, b and c`. */
function list(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

function plural(of: readonly unknown[]): string {
  return of.length === 1 ? 'an argument' : 'arguments';
}
