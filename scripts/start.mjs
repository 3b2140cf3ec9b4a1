// Runs the example on a fresh clone or a changed tree: installs, builds, compiles the example, starts it.
//
//   npm start             index the text below the example's default folder
//   npm start -- DIR      index the text below DIR

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { compile, root, setUp } from './setup.mjs';

const example = join(root, 'examples', 'index-text');

if (!existsSync(join(example, 'src', 'main.ts'))) {
  console.error('heddle: examples/index-text/src/main.ts is missing');
  process.exit(1);
}
setUp();
compile('examples/index-text/tsconfig.json');

// npm runs scripts in the workspace root; a relative DIR is meant from where the user stands.
const { status, signal } = spawnSync(
  process.execPath,
  ['--enable-source-maps', join(example, 'dist', 'main.js'), ...process.argv.slice(2)],
  { cwd: process.env['INIT_CWD'] ?? process.cwd(), stdio: 'inherit' },
);
if (signal) process.kill(process.pid, signal);
process.exit(status ?? 1);
