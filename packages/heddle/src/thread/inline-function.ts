/** Makes functions again from their text. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { TargetError } from '../base/errors.js';
import { evaluate } from '../platform/evaluate.js';
import { joinTsx } from '../platform/tsx.js';
import { type AnyFunction, type InlineTarget, rememberTarget } from './target-ref.js';

/** Made in this thread, by text and module: the same target is the same function each time. */
const made = new Map<string, AnyFunction>();

/** The function that an inline target describes. @throws TargetError if its text cannot be evaluated. */
export function makeInline(target: InlineTarget): AnyFunction {
  const key = `${target.module ?? ''}\n${target.source}`;
  let fn = made.get(key);
  if (fn === undefined) made.set(key, (fn = make(target)));
  return fn;
}

function make(target: InlineTarget): AnyFunction {
  const { source, name, module, file, line = 0, column = 0 } = target;
  try {
    const names = { __name: nameFunction, __heddleImport: importerFor(module) };
    const fn = evaluate(
      source,
      names,
      file === undefined ? undefined : { file, line, column },
    ) as AnyFunction;
    if (fn.name !== name) nameFunction(fn, name);
    rememberTarget(fn, target);
    return fn;
  } catch (cause) {
    throw new TargetError(
      `${name === '' ? 'the function' : name} cannot be made again from its text in this thread: ${String(cause)}. Export it from its module.`,
      { cause },
    );
  }
}

/** esbuild keeps names by calls of this, which it puts around functions. */
function nameFunction(fn: AnyFunction, value: string): AnyFunction {
  return Object.defineProperty(fn, 'name', { value, configurable: true });
}

/**
 * `import()` as the function's module would do it. A package is looked up from there as `require` would, and from
 * heddle's own place if that finds nothing: the runtime lets only a module's own text ask where its imports lead.
 */
function importerFor(
  module: string | undefined,
): (specifier: unknown, options?: ImportCallOptions) => Promise<unknown> {
  return async (specifier, options) => {
    joinTsx();
    const url = resolveFrom(module, String(specifier));
    // The only type there is so far, written out: a bundler complains of attributes that it cannot read.
    const isJson = options?.with?.['type'] === 'json';
    return (await (isJson ? import(url, { with: { type: 'json' } }) : import(url))) as unknown;
  };
}

function resolveFrom(module: string | undefined, specifier: string): string {
  if (module === undefined) return specifier;
  if (/^\.{0,2}\//.test(specifier)) return new URL(specifier, module).href;
  if (URL.canParse(specifier)) return specifier;
  try {
    const path = createRequire(module).resolve(specifier);
    return path === specifier ? specifier : pathToFileURL(path).href; // a built-in module resolves to itself
  } catch {
    return specifier;
  }
}
