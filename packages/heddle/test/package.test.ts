/** The packed tarball, installed into projects of its users': what npm would publish works there. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const watchdog = { timeout: 110_000 };
const library = fileURLToPath(new URL('../..', import.meta.url));
const require = createRequire(import.meta.url);
let folder = '';

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'heddle-consumer-'));
  const quiet = ['--offline', '--no-audit', '--no-fund', '--loglevel=error'];
  // As it is built: `prepack` would build anew, under the feet of other suites.
  npm(library, 'pack', '--ignore-scripts', '--silent', '--pack-destination', folder);
  const [tarball] = readdirSync(folder);
  assert.ok(tarball);
  write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  npm(folder, 'install', `./${tarball}`, ...quiet);
  // The tools come from the workspace.
  mkdirSync(join(folder, 'node_modules', '@types'));
  for (const tool of ['tsx', '@types/node', 'undici-types']) {
    symlinkSync(rootOf(tool), join(folder, 'node_modules', tool), 'dir');
  }
});

after(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The folder of a package of the workspace. */
function rootOf(name: string): string {
  return dirname(require.resolve(`${name}/package.json`));
}

function npm(cwd: string, ...args: string[]): void {
  execFileSync('npm', args, { cwd, stdio: ['ignore', 'ignore', 'inherit'], timeout: 100_000 });
}

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

/** Runs node on the consumer's file; what it prints. */
function node(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 100_000,
  });
  assert.equal(status, 0, stderr);
  return stdout;
}

const TEN_LINES = `
import { spawn, isMain, Lock, Queue } from 'heddle';

export function work(lock, queue, n) {
  const guard = lock.acquire();
  queue.put(n * n);
  guard.release();
}

if (isMain(import.meta)) {
  const [lock, queue] = [new Lock(), new Queue()];
  const threads = [1, 2, 3].map((n) => spawn(work, lock, queue, n));
  for (const thread of threads) thread.join();
  console.log([...queue.drain()].sort());
}
`;

const TYPED = TEN_LINES.replace('Queue } from', 'Queue, type Thread } from')
  .replace('(lock, queue, n)', '(lock: Lock, queue: Queue<number>, n: number): void')
  .replace('new Queue()', 'new Queue<number>()')
  .replace('const [lock, queue] = [', 'const [lock, queue]: [Lock, Queue<number>] = [')
  .replace('const threads =', 'const threads: Thread<[Lock, Queue<number>, number], void>[] =');

test('a program in JavaScript', watchdog, () => {
  write('main.js', TEN_LINES);
  assert.equal(node('main.js'), '[ 1, 4, 9 ]\n');
});

test('a program in TypeScript, under tsx', watchdog, () => {
  write('typed.ts', TYPED);
  assert.equal(node('--import', 'tsx', 'typed.ts'), '[ 1, 4, 9 ]\n');
});

test('a program in TypeScript, where this runtime strips types', watchdog, (t) => {
  if (!('typescript' in process.features) || process.features.typescript === false) {
    t.skip('this runtime does not strip types');
    return;
  }
  write('stripped.ts', TYPED.replace(/const \[lock, queue\]: .*? = /, 'const [lock, queue] = '));
  assert.equal(node('--disable-warning=ExperimentalWarning', 'stripped.ts'), '[ 1, 4, 9 ]\n');
});

test('a program in CommonJS, by a dynamic import', watchdog, () => {
  write(
    'main.cjs',
    `exports.double = (n) => n * 2;
     if (require.main === module) import('heddle').then(({ spawn }) => console.log(spawn(exports.double, 21).join()));`,
  );
  assert.equal(node('main.cjs'), '42\n');
});

test('a program in CommonJS, by require, where this runtime can', watchdog, (t) => {
  if (!('require_module' in process.features)) {
    t.skip('this runtime cannot require modules');
    return;
  }
  write(
    'required.cjs',
    `const { spawn } = require('heddle');
     exports.double = (n) => n * 2;
     if (require.main === module) console.log(spawn(exports.double, 21).join());`,
  );
  assert.equal(node('--no-warnings', 'required.cjs'), '42\n');
});

for (const [module, moduleResolution] of [
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
]) {
  test(`its types, for TypeScript’s module resolution ${String(moduleResolution)}`, watchdog, () => {
    write('typed.ts', TYPED);
    write('refused.ts', "import { spawn } from 'heddle';\nspawn((n: number) => n, 'one');\n");
    write(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: {
          module,
          moduleResolution,
          target: 'es2022',
          lib: ['es2023', 'esnext.disposable'],
          types: ['node'],
          strict: true,
          exactOptionalPropertyTypes: true,
          noEmit: true,
          skipLibCheck: moduleResolution === 'bundler', // once is enough
        },
        files: ['typed.ts', 'refused.ts'],
      }),
    );
    const tsc = join(rootOf('typescript'), 'bin', 'tsc');
    const { status, stdout } = spawnSync(process.execPath, [tsc, '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 100_000,
    });
    const errors = stdout.split('\n').filter((line) => /^\S/.test(line));
    assert.equal(errors.length, 1, stdout);
    assert.match(errors[0] ?? '', /^refused\.ts\(2,\d+\): error TS2345/);
    assert.notEqual(status, 0);
  });
}
