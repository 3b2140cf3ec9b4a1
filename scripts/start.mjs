// Runs an example on a fresh clone or a changed tree: installs, builds, compiles the example, starts it.
//
//   npm start                        index the text below the example's default folder
//   npm start -- DIR                 index the text below DIR
//   npm start -- --deadlock          run into a deadlock, and see what is said of it
//   npm run example -- NAME [ARGS]   run examples/programs/src/NAME.ts; without NAME, list what there is

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { compile, filesBelow, root, setUp } from './setup.mjs';

const args = process.argv.slice(2);
const { workspace, name } = chosen();

setUp();
compile(join('examples', workspace, 'tsconfig.json'));

// npm runs scripts in the workspace root; a relative path is meant from where the user stands.
const { status, signal } = spawnSync(
  process.execPath,
  ['--enable-source-maps', join(root, 'examples', workspace, 'dist', `${name}.js`), ...args],
  { cwd: process.env['INIT_CWD'] ?? process.cwd(), stdio: 'inherit' },
);
if (signal) process.kill(process.pid, signal);
process.exit(status ?? 1);

function chosen() {
  if (args[0] === '--example') return program();
  if (args[0] !== '--deadlock') return { workspace: 'index-text', name: 'main' };
  args.shift();
  return { workspace: 'programs', name: 'deadlock' };
}

/** The program that is asked for. Takes its name off the arguments; ends the process if there is no such program. */
function program() {
  const [, name] = args.splice(0, 2);
  const sources = filesBelow(join(root, 'examples', 'programs', 'src'));
  const names = sources.map((source) => basename(source, '.ts'));
  if (names.includes(name)) return { workspace: 'programs', name };
  const list = sources.map((source, n) => `  ${names[n].padEnd(17)}${firstSentence(source)}`);
  console.error(
    [
      name === undefined ? 'Usage: npm run example -- NAME [ARGS]' : `heddle: there is no example ${name}`,
      '',
      ...list,
    ].join('\n'),
  );
  process.exit(2);
}

/** What the comment at the beginning of a program says first. */
function firstSentence(source) {
  return /\/\*\*\n \* (.*?\.)(?= |\n)/.exec(readFileSync(source, 'utf8'))?.[1] ?? '';
}
