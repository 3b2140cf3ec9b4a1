// Runs the tests on a fresh clone or a changed tree: installs, builds, compiles the tests, runs node's test runner.
//
//   npm test                       every suite
//   npm test -- lock queue         the suites whose path contains "lock" or "queue"
//   npm test -- index-text         the tests of that example: its suites are called index-text/…
//   npm test -- lock --repeat 50   up to 50 rounds, stopping at the first that fails
//
//   --name PATTERN     only the tests whose name matches
//   --repeat N         rounds (1)
//   --concurrency N    test files at a time (1: the tests start threads themselves)
//   --timeout SECONDS  for one test file (120)

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { compile, filesBelow, library, root, setUp } from './setup.mjs';

/** Where tests are: in `test/` of the library, of the benchmarks and of each example. */
const workspaces = [
  library,
  join(root, 'bench'),
  ...readdirSync(join(root, 'examples')).map((name) => join(root, 'examples', name)),
];
const census = join(library, '.build', 'census.json');

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
for (const workspace of new Set(suites.map((suite) => suite.workspace))) {
  compile(join(workspace, 'test', 'tsconfig.json'));
}

for (let round = 1; round <= rounds; round++) {
  if (rounds > 1) console.log(`\nheddle: round ${round} of ${rounds}`);
  const failure = await runSuites();
  if (failure === undefined) continue;
  console.error(`heddle: ${failure}${rounds > 1 ? `, in round ${round} of ${rounds}` : ''}`);
  process.exit(1);
}

/** The suites to run. A suite is called by its path below `test/`, one of another workspace by its name before it. */
function chooseSuites() {
  const all = workspaces.flatMap(suitesOf);
  const chosen = all.filter(
    ({ name }) => filters.length === 0 || filters.some((part) => name.includes(part)),
  );
  if (chosen.length === 0) {
    exitWith(
      all.length === 0
        ? 'there are no tests'
        : `no suite matches ${filters.join(', ')}; there are: ${namesOf(all)}`,
    );
  }
  return chosen;
}

function suitesOf(workspace) {
  const sources = join(workspace, 'test');
  const prefix = workspace === library ? '' : `${basename(workspace)}/`;
  return filesBelow(sources)
    .map((file) => relative(sources, file).replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.test.ts') && !file.startsWith('fixtures/'))
    .map((file) => ({
      workspace,
      name: prefix + file.slice(0, -'.test.ts'.length),
      source: join(sources, file),
      compiled: join(workspace, '.build', 'test', file.replace(/ts$/, 'js')),
    }));
}

function namesOf(some) {
  return some.map(({ name }) => name).join(', ');
}

/** Runs the chosen suites once. Returns what went wrong, or nothing. */
async function runSuites() {
  const files = suites.map(({ compiled }) => compiled);
  mkdirSync(dirname(census), { recursive: true });
  rmSync(census, { force: true });
  // The last resort, should the runner itself not return.
  const status = await runToEnd(Math.ceil(files.length / concurrency) * timeout + 60_000, [
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
  ]);
  if (status !== 0) return 'tests failed';

  const ran = JSON.parse(readFileSync(census, 'utf8'));
  // With source maps the runner names the source, without them the compiled file.
  const idle = suites.filter(({ source, compiled }) => !ran[source] && !ran[compiled]);
  if (idle.length === suites.length) return 'no test ran';
  if (idle.length > 0 && values.name === undefined) return `no test ran in ${namesOf(idle)}`;
  return undefined;
}

/**
 * Runs node in a process group of its own, so that whatever a test file leaves behind (a process that ignores
 * SIGTERM, a pool's child) ends with the run. Returns the exit code.
 */
async function runToEnd(limit, args) {
  const runner = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: process.platform !== 'win32',
  });
  const killAll = () => {
    try {
      process.kill(process.platform === 'win32' ? runner.pid : -runner.pid, 'SIGKILL');
    } catch {
      // Nothing is left to kill.
    }
  };
  const interrupt = (signal) => {
    killAll();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const watchdog = setTimeout(() => {
    console.error(`heddle: the test runner did not finish within ${limit / 1000} s`);
    killAll();
  }, limit);
  const [status] = await once(runner, 'exit');
  clearTimeout(watchdog);
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  killAll();
  return status;
}

function positiveInteger(option) {
  const number = Number(values[option]);
  if (!Number.isInteger(number) || number < 1)
    exitWith(`--${option} takes a whole number from 1, not "${values[option]}"`);
  return number;
}

function exitWith(message) {
  console.error(`heddle: ${message}`);
  process.exit(1);
}
