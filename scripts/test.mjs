// Runs the tests on a fresh clone or a changed tree: installs, builds, compiles the tests, runs node's test runner.
//
//   npm test                       every suite
//   npm test -- lock queue         the suites whose path contains "lock" or "queue"
//   npm test -- lock --repeat 50   up to 50 rounds, stopping at the first that fails
//
//   --name PATTERN     only the tests whose name matches
//   --repeat N         rounds (1)
//   --concurrency N    test files at a time (1: the tests start threads themselves)
//   --timeout SECONDS  for one test file (120)

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { compile, filesBelow, library, root, setUp } from './setup.mjs';

const sources = join(library, 'test');
const compiled = join(library, '.build', 'test');

const { values, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string' },
    repeat: { type: 'string', default: '1' },
    concurrency: { type: 'string', default: '1' },
    timeout: { type: 'string', default: '120' },
  },
});
const rounds = positiveInteger('repeat');
const concurrency = positiveInteger('concurrency');
const timeout = positiveInteger('timeout') * 1000;

setUp();
const suites = chooseSuites();
console.log('heddle: compiling the tests');
compile('packages/heddle/test/tsconfig.json');

for (let round = 1; round <= rounds; round++) {
  if (rounds > 1) console.log(`\nheddle: round ${round} of ${rounds}`);
  const failure = runSuites();
  if (failure === undefined) continue;
  console.error(`heddle: ${failure}${rounds > 1 ? `, in round ${round} of ${rounds}` : ''}`);
  process.exit(1);
}

/** The test files to run, as paths below `test/` without `.test.ts`. */
function chooseSuites() {
  const all = filesBelow(sources)
    .map((file) => relative(sources, file).replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.test.ts') && !file.startsWith('fixtures/'))
    .map((file) => file.slice(0, -'.test.ts'.length));
  const chosen = all.filter((suite) => filters.length === 0 || filters.some((part) => suite.includes(part)));
  if (chosen.length === 0) {
    exitWith(
      all.length === 0
        ? 'there are no tests in packages/heddle/test'
        : `no suite matches ${filters.join(', ')}; there are: ${all.join(', ')}`,
    );
  }
  return chosen;
}

/** Runs the chosen suites once. Returns what went wrong, or nothing. */
function runSuites() {
  const files = suites.map((suite) => join(compiled, `${suite}.test.js`));
  const census = join(compiled, 'census.json');
  mkdirSync(compiled, { recursive: true });
  rmSync(census, { force: true });
  const { status, error } = spawnSync(
    process.execPath,
    [
      '--enable-source-maps',
      '--test',
      `--test-concurrency=${concurrency}`,
      `--test-timeout=${timeout}`,
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      `--test-reporter=${new URL('test-census.mjs', import.meta.url)}`,
      `--test-reporter-destination=${census}`,
      ...(values.name === undefined ? [] : [`--test-name-pattern=${values.name}`]),
      ...files,
    ],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      // The last resort, should the runner itself not return.
      timeout: Math.ceil(files.length / concurrency) * timeout + 60_000,
      killSignal: 'SIGKILL',
    },
  );
  if (error) return `the test runner did not finish: ${error.message}`;
  if (status !== 0) return 'tests failed';

  const ran = JSON.parse(readFileSync(census, 'utf8'));
  const idle = suites.filter((_, index) => !ran[files[index]]);
  if (idle.length === suites.length) return 'no test ran';
  if (idle.length > 0 && values.name === undefined) return `no test ran in ${idle.join(', ')}`;
  return undefined;
}

function positiveInteger(option) {
  const number = Number(values[option]);
  if (!Number.isInteger(number) || number < 1) exitWith(`--${option} takes a whole number from 1, not "${values[option]}"`);
  return number;
}

function exitWith(message) {
  console.error(`heddle: ${message}`);
  process.exit(1);
}
