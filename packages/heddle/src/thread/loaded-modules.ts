/** Finds out by identity which loaded module exports a function: CommonJS modules and those of the runtime show theirs. */
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ownRequire } from '../platform/require.js';
import type { AnyFunction, ModuleTarget } from './target-ref.js';

/** The reference of a function that the module with this URL exports. */
export function exportedBy(fn: AnyFunction, module: string): ModuleTarget | undefined {
  const name = nameIn(exportsOf(module), fn);
  return name === undefined ? undefined : { kind: 'module', module, name };
}

/** Whether the file with this URL was loaded as a CommonJS module. */
export function isCommonJS(module: string): boolean {
  return module.startsWith('file:') && ownRequire().cache[fileURLToPath(module)] !== undefined;
}

/** The reference of a function that any loaded module exports. Where a runtime lists only some, it sees only those. */
export function exportedAnywhere(fn: AnyFunction): ModuleTarget | undefined {
  for (const [path, loaded] of Object.entries(ownRequire().cache)) {
    const name = nameIn(loaded?.exports, fn);
    if (name !== undefined) return { kind: 'module', module: pathToFileURL(path).href, name };
  }
  return undefined;
}

function exportsOf(module: string): unknown {
  try {
    if (module.startsWith('node:')) return process.getBuiltinModule(module);
    return module.startsWith('file:') ? ownRequire().cache[fileURLToPath(module)]?.exports : undefined;
  } catch {
    return undefined; // internal to the runtime, or no path
  }
}

function nameIn(exports: unknown, fn: AnyFunction): string | undefined {
  if (exports === fn) return 'default';
  if (exports === null || (typeof exports !== 'object' && typeof exports !== 'function')) return undefined;
  const isCompiled = Object.hasOwn(exports, '__esModule');
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(exports))) {
    if (property.value === fn) return name;
    // Compilers export through getters. Those that people write may have effects: only the likely one is asked.
    if ('get' in property && (isCompiled || name === fn.name) && Reflect.get(exports, name) === fn)
      return name;
  }
  return undefined;
}
