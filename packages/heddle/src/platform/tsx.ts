/**
 * Lets threads load TypeScript where the program does so by tsx.
 *
 * Before `module.registerHooks` (Node 22.15), a worker does not share the loader hooks of the main thread, and tsx adds
 * its own to the main thread alone. So a worker adds them itself. Node's other loaders work in workers as they are.
 */
import nodeModule, { createRequire } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isProcessMain } from './workers.js';

interface TsxApi {
  register(): unknown;
}

let isDone = false;

/** Makes this worker load what the main thread loads through tsx. Does nothing where that is not needed. */
export function joinTsx(): void {
  if (isDone) return;
  isDone = true;
  if (isProcessMain() || 'registerHooks' in nodeModule) return;
  const options = [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)];
  const tsx = options.map((option) => option.replace(/^--\w+=/, '')).find(isTsx);
  if (tsx === undefined) return;
  try {
    register(tsx.startsWith('file:') ? fileURLToPath(tsx) : tsx);
  } catch {
    // It cannot be had from here. Whatever needs it will fail with an error of its own.
  }
}

/** `tsx` is the package's name, or the path of one of its files. */
function register(tsx: string): void {
  const require = createRequire(isAbsolute(tsx) ? tsx : join(process.cwd(), 'tsx'));
  for (const kind of ['esm', 'cjs']) {
    // The hooks are looked up beside the file that registers them, which only the module form of it gets right.
    const path = require.resolve(`tsx/${kind}/api`).replace(/\.cjs$/, kind === 'esm' ? '.mjs' : '.cjs');
    (require(path) as TsxApi).register();
  }
}

function isTsx(option: string): boolean {
  return (
    /^tsx(?:\/esm|\/cjs)?$/.test(option) ||
    /[\\/]tsx[\\/]dist[\\/](?:loader|esm[\\/]index)\.mjs$/.test(option)
  );
}
