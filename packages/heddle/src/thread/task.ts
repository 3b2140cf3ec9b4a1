/** Names a thread's target explicitly. */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkFunction, describe } from '../base/arguments.js';
import { type AnyFunction, rememberTarget } from './target-ref.js';

/**
 * Says which module exports a function, so that a thread can import it from there, and returns the function.
 *
 * Usually this is not needed: heddle finds out where a function was written. It is for runtimes that do not tell
 * (Node without its inspector, Bun, Deno), for code that a tool has moved or wrapped, and for functions made by other
 * functions, such as `export const work = task(import.meta, memoize(compute))`.
 *
 * The export is taken to be the function's `name`; a function without a name is the default export, or else the one
 * export with the same source text. Naming a function again changes nothing. It does not block, and orders nothing.
 *
 * @param module The module that exports the function: its `import.meta`, its URL, or its absolute path.
 * @param target The function, which has to be exported.
 * @throws TypeError if `module` is a relative path or no module at all, or `target` is no function. Whether the
 *   module really exports it is seen by the thread: a `TargetError` comes from `join` or the future.
 *
 * @example
 * ```ts
 * import { spawn, isMain, task } from 'heddle';
 *
 * export const square = task(import.meta, (x: number) => x * x);
 *
 * if (isMain(import.meta)) console.log(spawn(square, 12).join()); // 144
 * ```
 */
export function task<F extends AnyFunction>(module: string | ImportMeta, target: F): F {
  checkFunction('target', target);
  const url = moduleUrl(module);
  // `export default () => …` is called "default".
  const named = target.name !== '' && target.name !== 'default';
  rememberTarget(target, {
    kind: 'module',
    module: url,
    name: named ? target.name : 'default',
    ...(named ? {} : { source: String(target) }),
  });
  return target;
}

function moduleUrl(module: unknown): string {
  const text = typeof module === 'object' && module !== null && 'url' in module ? module.url : module;
  if (typeof text !== 'string') {
    throw new TypeError(`module must be import.meta, a URL or an absolute path, not ${describe(module)}`);
  }
  if (isAbsolute(text)) return pathToFileURL(text).href;
  if (URL.canParse(text)) return text;
  throw new TypeError(
    `module must be an absolute path or a URL, since a thread does not know what ${describe(text)} is relative to: pass import.meta`,
  );
}
