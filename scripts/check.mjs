// Runs the checks that are not tests, all of them or those named:
//
//   npm run check
//   npm run check -- lint layers

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';

const checks = {
  /** The layout of every file. */
  format: () => tool('prettier', '--check', '.'),
  /** Types of every workspace, its tests included. */
  types: () => projects().every((project) => tool('tsc', '--noEmit', '--project', project)),
  /** Rules about the code, among them the length of a file. */
  lint: () => tool('eslint', '--max-warnings', '0', '.'),
  /** Imports point to lower layers; no cycles. */
  layers: () => tool('depcruise', '--config', '.dependency-cruiser.mjs', 'packages/heddle/src'),
  /** Files, exports and packages that nothing uses. */
  unused: () => tool('knip', '--no-progress'),
  /** The package as npm would publish it, and the types its users see. */
  package: () =>
    withTarball(
      (tarball) =>
        tool('publint', '--strict', tarball) &&
        tool('attw', '--profile', 'esm-only', '--no-definitely-typed', '--no-emoji', '--no-color', tarball),
    ),
  /** What each entry weighs, against its budget. */
  size: () => tool('size-limit'),
};

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !Object.hasOwn(checks, name));
if (unknown.length > 0) {
  console.error(`heddle: no check named ${unknown.join(', ')}; there are: ${Object.keys(checks).join(', ')}`);
  process.exit(1);
}

setUp();

const failed = [];
for (const name of chosen.length > 0 ? chosen : Object.keys(checks)) {
  console.log(`\nheddle: check ${name}`);
  const start = performance.now();
  const passed = checks[name]();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`heddle: check ${name} ${passed ? 'passed' : 'FAILED'} in ${seconds} s`);
  if (!passed) failed.push(name);
}
if (failed.length > 0) {
  console.error(`\nheddle: failed: ${failed.join(', ')}; one alone: npm run check -- ${failed[0]}`);
  process.exit(1);
}

/** Runs a command of node_modules/.bin. Returns whether it succeeded. */
function tool(command, ...args) {
  return run(join(root, 'node_modules', '.bin', command), args);
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (error) console.error(`heddle: cannot run ${command}: ${error.message}`);
  return status === 0;
}

/** The TypeScript projects, relative to the root. */
function projects() {
  return ['packages', 'examples']
    .filter((kind) => existsSync(join(root, kind)))
    .flatMap((kind) => readdirSync(join(root, kind)).map((name) => join(kind, name)))
    .concat('bench')
    .flatMap((workspace) => [join(workspace, 'tsconfig.json'), join(workspace, 'test', 'tsconfig.json')])
    .filter((project) => existsSync(join(root, project)));
}

/** Packs the library as it is built, and calls `use` with the path of the tarball. */
function withTarball(use) {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-pack-'));
  try {
    const packed = run('npm', [
      'pack',
      '--ignore-scripts',
      '--workspace',
      'heddle',
      '--pack-destination',
      folder,
    ]);
    return packed && readdirSync(folder).every((name) => use(join(folder, name)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
