// The long run of the suites that know one: more threads, more rounds, every way to die.
//
//   npm run soak                      all of them, once: the better part of an hour
//   npm run soak -- killer            the suites whose path contains "killer"
//   npm run soak -- stress --repeat 9 other options are those of npm test
//
// Random choices come from a seed that stands in the tests' names; HEDDLE_SEED=N makes them again.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './setup.mjs';

const options = process.argv.slice(2);
const suites =
  options.length > 0 && !options[0].startsWith('--')
    ? []
    : ['sync/', 'pool-deaths', 'pool-leak', 'deadlocks'];
const { status } = spawnSync(
  process.execPath,
  [join(root, 'scripts', 'test.mjs'), ...suites, '--timeout', '7200', ...options],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, HEDDLE_SOAK: '1' } },
);
process.exit(status ?? 1);
