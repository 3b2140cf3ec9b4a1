// Measures heddle against its peers on a fresh clone or a changed tree: installs, builds, compiles, measures.
//
//   npm run bench                    every benchmark
//   npm run bench -- lock queue/     the benchmarks whose name contains "lock" or "queue/"
//   npm run bench -- --help          the options

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { compile, root, setUp } from './setup.mjs';

setUp();
compile('bench/tsconfig.json');

// npm runs scripts in the workspace root; file names are meant from where the user stands.
const { status, signal } = spawnSync(
  process.execPath,
  ['--enable-source-maps', join(root, 'bench', '.build', 'src', 'main.js'), ...process.argv.slice(2)],
  { cwd: process.env['INIT_CWD'] ?? process.cwd(), stdio: 'inherit' },
);
if (signal) process.kill(process.pid, signal);
process.exit(status ?? 1);
