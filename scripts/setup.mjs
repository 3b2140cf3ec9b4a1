// What every command needs first: dependencies installed and the library built.
// `npm test`, `npm start` and `npm run check` call it, so that each works on a fresh clone.
//
//   node scripts/setup.mjs             install and build, where they are missing or out of date
//   node scripts/setup.mjs --rebuild   the same, but build in any case

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const library = join(root, 'packages', 'heddle');

/** What the build reads, relative to the root: when one of these changes, `dist/` is out of date. */
const buildInputs = [
  'README.md',
  'package-lock.json',
  'tsconfig.base.json',
  'packages/heddle/package.json',
  'packages/heddle/tsconfig.json',
  'packages/heddle/rolldown.config.js',
  'packages/heddle/src',
];

const buildStamp = join(library, '.build', 'dist.stamp');

/** Installs and builds what is missing or out of date. Ends the process if either fails. */
export function setUp({ rebuild = false } = {}) {
  if (!isInstalled()) {
    console.error('heddle: installing dependencies (npm ci)');
    npm(['ci']);
  }
  const inputs = fingerprint(buildInputs);
  if (rebuild || !isBuilt(inputs)) {
    console.error('heddle: building packages/heddle');
    npm(['run', '--silent', 'build', '--workspace', 'heddle']);
    mkdirSync(join(library, '.build'), { recursive: true });
    // The inputs as they were before the build: an edit made while it ran leads to another build.
    writeFileSync(buildStamp, inputs);
  }
}

/** Runs the TypeScript compiler on a project, relative to the root. Ends the process if it fails. */
export function compile(project, ...options) {
  runOrExit(process.execPath, [
    join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
    '--project',
    project,
    ...options,
  ]);
}

/** Every file below a folder, as absolute paths in a fixed order; nothing if there is no such folder. */
export function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function isInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  return (
    existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs
  );
}

function isBuilt(inputs) {
  return (
    existsSync(join(library, 'dist', 'index.js')) &&
    existsSync(buildStamp) &&
    readFileSync(buildStamp, 'utf8') === inputs
  );
}

/** A digest of names and contents: it also sees removed files, and is blind to mere checkouts. */
function fingerprint(paths) {
  const digest = createHash('sha256');
  for (const path of paths.map((name) => join(root, name))) {
    const files = existsSync(path) && statSync(path).isFile() ? [path] : filesBelow(path);
    for (const file of files)
      digest
        .update(`${relative(root, file)}\0`)
        .update(readFileSync(file))
        .update('\0');
  }
  return digest.digest('hex');
}

function npm(args) {
  // Inside `npm run`, npm says where it is; that also spares Windows the search for npm.cmd.
  const { npm_execpath: self } = process.env;
  if (self?.endsWith('.js')) runOrExit(process.execPath, [self, ...args]);
  else runOrExit('npm', args);
}

/** What the command prints goes to standard error: standard output is for what the user has asked for. */
function runOrExit(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (error) console.error(`heddle: cannot run ${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  setUp({ rebuild: process.argv.includes('--rebuild') });
}
