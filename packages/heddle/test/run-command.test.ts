import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Summary } from 'heddle/trace';

const manifest = createRequire(import.meta.url).resolve('heddle/package.json');
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
const cli = join(dirname(manifest), 'dist', 'cli.js');
const fixtures = fileURLToPath(new URL('../../test/fixtures/raw/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'heddle-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const loadsTypeScript = typeof (process.features as { typescript?: string | false }).typescript === 'string';

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command among the fixtures. */
function heddle(...args: string[]): Outcome {
  return heddleIn(fixtures, ...args);
}

function heddleIn(cwd: string, ...args: string[]): Outcome {
  return spawnSync(process.execPath, [cli, ...args], { cwd, encoding: 'utf8', input: 'some input' });
}

/** Runs a program on node itself. */
function node(file: string): Outcome {
  return spawnSync(process.execPath, [file], { cwd: fixtures, encoding: 'utf8' });
}

/** Writes a program that does nothing else than being wrong. */
function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

interface Document {
  readonly command: string;
  readonly exitCode: number;
  readonly reports: unknown[];
  readonly summary: Summary | null;
}

/** The last line of the output. */
function documentIn(stdout: string): Document {
  assert.ok(stdout.endsWith('\n'));
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Document;
}

/** The row of a table that begins with a name, without its times. */
function countsIn(tables: string, name: string): string[] {
  const rows = tables.split('\n').filter((line) => line.startsWith(`${name} `));
  assert.equal(rows.length, 1, tables);
  return (rows[0] ?? '').split(/ {2,}/).filter((cell) => !/^[\d,]+\.\d\d$/.test(cell));
}

test('the tables have every thread, lock and queue with exact counts', () => {
  const { status, stdout, stderr } = heddle('run', 'run-count.mjs');
  assert.equal(status, 0, stderr);
  assert.equal(stdout, 'done\n');
  assert.match(stderr, /^\nRan [\d,.]+ ms: 5 threads, 4 locks, 2 queues\.\n\nTHREAD /);
  assert.deepEqual(countsIn(stderr, 'main').slice(0, 2), ['main', 'running']);
  for (const name of ['work-2', 'work-3', 'work-4', 'work-5']) {
    assert.match(stderr, new RegExp(`^${name} +finished `, 'm'));
  }
  assert.deepEqual(countsIn(stderr, 'accounts').slice(0, 3), ['accounts', 'Lock', '1,000']);
  assert.deepEqual(countsIn(stderr, 'permits').slice(0, 3), ['permits', 'Semaphore', '4']);
  assert.deepEqual(countsIn(stderr, 'table').slice(0, 3), ['table', 'RWLock', '2']);
  assert.deepEqual(countsIn(stderr, 'nested').slice(0, 3), ['nested', 'RLock', '1']);
  const jobs = countsIn(stderr, 'jobs');
  assert.deepEqual([...jobs.slice(0, 4), jobs[5]], ['jobs', '100', '100', '0', '10']);
  assert.deepEqual(countsIn(stderr, 'results').slice(0, 4), ['results', '100', '60', '40']);
  for (const line of stderr.split('\n')) assert.ok(line.length <= 100, line);
});

test('--json prints one document as the last line', () => {
  const { status, stdout, stderr } = heddle('run', '--json', 'run-count.mjs');
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  assert.match(stdout, /^done\n\{.*\}\n$/);
  const { command, exitCode, reports, summary } = documentIn(stdout);
  assert.deepEqual({ command, exitCode, reports }, { command: 'run', exitCode: 0, reports: [] });
  assert.ok(summary !== null);
  assert.deepEqual(Object.keys(summary), ['duration', 'threads', 'locks', 'queues', 'others']);
  assert.deepEqual(
    summary.threads.map(({ id, name, daemon, state }) => ({ id, name, daemon, state })),
    [
      { id: 1, name: 'main', daemon: false, state: 'running' },
      ...[2, 3, 4, 5].map((id) => ({ id, name: `work-${id}`, daemon: false, state: 'finished' })),
    ],
  );
  assert.deepEqual(
    summary.locks.map(({ kind, name, acquisitions }) => ({ kind, name, acquisitions })),
    [
      { kind: 'Lock', name: 'accounts', acquisitions: 1000 },
      { kind: 'Semaphore', name: 'permits', acquisitions: 4 },
      { kind: 'RWLock', name: 'table', acquisitions: 2 },
      { kind: 'RLock', name: 'nested', acquisitions: 1 },
    ],
  );
  assert.deepEqual(
    summary.queues.map(({ name, puts, gets, size, capacity }) => ({ name, puts, gets, size, capacity })),
    [
      { name: 'jobs', puts: 100, gets: 100, size: 0, capacity: 10 },
      { name: 'results', puts: 100, gets: 60, size: 40, capacity: null },
    ],
  );
});

test('--json=FILE writes the document to a file', () => {
  const file = join(folder, 'summary.json');
  const { status, stdout, stderr } = heddle('run', `--json=${file}`, 'run-exit.mjs');
  assert.deepEqual({ status, stdout }, { status: 7, stdout: 'listener 7\n' });
  assert.match(stderr, /^heddle: The program ends while thread "main" \(1\) still holds Lock "held"\.\n/);
  const text = readFileSync(file, 'utf8');
  assert.match(text, /^\{.*\}\n$/);
  const { exitCode, summary } = documentIn(text);
  assert.equal(exitCode, 7);
  assert.equal(summary?.locks[0]?.name, 'held');
});

test('the program sees nothing of the command', () => {
  const { status, stdout } = heddle(
    'run',
    '--json',
    '--',
    './run-surroundings.mjs',
    '--json',
    '-x',
    'run',
    '--',
  );
  assert.equal(status, 0);
  assert.deepEqual(JSON.parse(stdout.split('\n')[0] ?? ''), {
    main: true,
    file: join(fixtures, 'run-surroundings.mjs'),
    args: ['--json', '-x', 'run', '--'],
    options: [],
    variables: [],
    input: 'some input',
  });
});

test('a CommonJS program is the main module', () => {
  const { status, stdout, stderr } = heddle('run', 'run-main.cjs');
  assert.equal(status, 0);
  assert.equal(stdout, 'main\n');
  assert.deepEqual(countsIn(stderr, 'common').slice(0, 3), ['common', 'Lock', '1']);
});

test('TypeScript runs, and so do its threads', () => {
  const { status, stdout, stderr } = heddle('run', '--json', 'run-typed.ts');
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^42\n/);
  const { summary } = documentIn(stdout);
  assert.ok(summary !== null);
  assert.equal(summary.locks[0]?.acquisitions, 1);
  assert.deepEqual(
    summary.threads.map(({ name, state }) => `${name} ${state}`),
    ['main running', 'double-2 finished'],
  );
});

test('process.exit keeps its status, and the summary comes after the exit listeners', () => {
  const { status, stdout, stderr } = heddle('run', 'run-exit.mjs');
  assert.equal(status, 7);
  assert.equal(stdout, 'listener 7\n');
  assert.deepEqual(countsIn(stderr, 'held').slice(0, 3), ['held', 'Lock', '1']);
  const json = heddle('run', '--json', 'run-exit.mjs');
  assert.match(json.stdout, /^listener 7\n\{"command":"run","exitCode":7,.*\}\n$/);
});

test('an uncaught error is printed as node prints it', () => {
  for (const file of ['run-throw.mjs', 'run-json-error.mjs']) {
    const { status, stdout, stderr } = heddle('run', file);
    const plain = node(file);
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.ok(stderr.startsWith(plain.stderr), stderr);
    assert.match(stderr.slice(plain.stderr.length), /^\nRan [\d,.]+ ms: 1 thread, 0 locks, 0 queues\.\n/);
    assert.deepEqual(documentIn(heddle('run', '--json', file).stdout).exitCode, 1);
  }
});

test('the failure of a thread that nobody joined fails the program', () => {
  const { status, stderr } = heddle('run', 'run-unjoined.mjs');
  assert.equal(status, 1);
  assert.match(stderr, /^heddle: thread "fail-2" failed, and nobody joined it:\nError: nobody sees this\n/);
  assert.match(stderr, /^fail-2 +failed /m);
});

test('a signal ends the program, and the command with it', async () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const run = spawn(process.execPath, [cli, 'run', '--json', 'run-blocked.mjs'], { cwd: fixtures });
    const [lines, outcome] = [linesOf(run.stdout), once(run, 'exit')];
    assert.equal(await lines.next(), 'ready');
    run.kill(signal);
    const { exitCode, summary } = JSON.parse(await lines.next()) as Document;
    assert.deepEqual({ exitCode, summary }, { exitCode: signal === 'SIGINT' ? 130 : 143, summary: null });
    assert.deepEqual(await outcome, [null, signal]);
  }
});

test('a program that handles a signal ends as it likes', async () => {
  const run = spawn(process.execPath, [cli, 'run', '--json', 'run-listens.mjs'], { cwd: fixtures });
  const [lines, outcome] = [linesOf(run.stdout), once(run, 'exit')];
  assert.equal(await lines.next(), 'ready');
  run.kill('SIGTERM');
  const { exitCode, summary } = JSON.parse(await lines.next()) as Document;
  assert.equal(exitCode, 5);
  assert.equal(summary?.threads.length, 1);
  assert.deepEqual(await outcome, [5, null]);
});

/** The lines of a stream, one after another. */
function linesOf(stream: ChildProcess['stdout']): { next(): Promise<string> } {
  assert.ok(stream !== null);
  const chunks = stream.setEncoding('utf8')[Symbol.asyncIterator]() as AsyncIterator<string>;
  let rest = '';
  return {
    async next() {
      while (!rest.includes('\n')) {
        const chunk = await chunks.next();
        if (chunk.done === true) throw new Error(`the output ended with ${JSON.stringify(rest)}`);
        rest += chunk.value;
      }
      const [line = ''] = rest.split('\n', 1);
      rest = rest.slice(line.length + 1);
      return line;
    },
  };
}

// --- what is no program, and what is no command ----------------------------------------------------------

/** Each is one line on standard error, and the exit status is 2. */
const refusals: [args: string[], message: string][] = [
  [[], 'which command? "heddle run FILE" runs a program'],
  [['fly'], 'there is no command "fly"; "heddle --help" lists them'],
  [['--fast', 'run', 'run-exit.mjs'], 'no option --fast: heddle takes --help and --version'],
  [['--toString'], 'no option --toString: heddle takes --help and --version'],
  [['--help=run'], 'no option --help=run: heddle takes --help and --version'],
  [['run'], 'which program? heddle run [OPTIONS] FILE [ARGS]'],
  [['run', '--json'], 'which program? heddle run [OPTIONS] FILE [ARGS]'],
  [
    ['run', '--jsn', 'run-exit.mjs'],
    'no option --jsn: heddle run takes --json and --help; options of the program follow FILE',
  ],
  [
    ['run', '-x', 'run-exit.mjs'],
    'no option -x: heddle run takes --json and --help; options of the program follow FILE',
  ],
  [['run', '--json=', 'run-exit.mjs'], '--json= names no file; --json alone prints to standard output'],
  [['run', '--json=none/out.json', 'run-exit.mjs'], 'cannot write none/out.json: there is no such folder'],
  [['run', '--json=.', 'run-exit.mjs'], 'cannot write .: it is a folder'],
  [['run', 'none.mjs'], 'cannot run none.mjs: there is no such file'],
  [['run', 'run-exit.mjs/x'], 'cannot run run-exit.mjs/x: a part of its path is no folder'],
  [['run', '.'], 'cannot run .: it is a folder; name the file in it'],
];

for (const [args, message] of refusals) {
  test(`refuses: ${['heddle', ...args].join(' ')}`, () => {
    const { status, stdout, stderr } = heddle(...args);
    assert.deepEqual({ status, stdout, stderr }, { status: 2, stdout: '', stderr: `heddle: ${message}\n` });
  });
}

test('a syntax error in the program is one line with its place', () => {
  const message = new Map([
    ['.mjs', "Unexpected token ';'"],
    ['.cjs', "Unexpected token ';'"],
  ]);
  for (const [extension, what] of message) {
    write(`wrong${extension}`, '// A comment.\nconst a = ;\n');
    const { status, stdout, stderr } = heddleIn(folder, 'run', '--json', `wrong${extension}`);
    assert.deepEqual({ status, stdout }, { status: 2, stdout: '' });
    assert.equal(stderr, `heddle: cannot run wrong${extension}: wrong${extension}:2: ${what}\n`);
  }
});

test('a syntax error in a TypeScript program is one line with its place', () => {
  for (const extension of ['.ts', '.mts', '.cts']) {
    const path = join(folder, `wrong${extension}`);
    write(`wrong${extension}`, '// A comment.\nconst a: number = ;\n');
    // Among the fixtures, where tsx is found.
    const { status, stdout, stderr } = heddle('run', path);
    assert.deepEqual({ status, stdout }, { status: 2, stdout: '' });
    assert.match(stderr, new RegExp(`^heddle: cannot run ${path}: ${path}:2: [^\\n]+\\n$`));
  }
});

test('an import that does not exist in a module is named with its line', () => {
  write('missing.mjs', "import { nothing } from 'node:fs';\n");
  const { status, stderr } = heddleIn(folder, 'run', 'missing.mjs');
  assert.equal(status, 2);
  assert.match(stderr, /^heddle: cannot run missing\.mjs: missing\.mjs:1: [^\n]*nothing[^\n]*\n$/);
});

test('TypeScript that nothing loads says what to install', { skip: loadsTypeScript }, () => {
  write('typed.ts', 'const a: number = 1;\n');
  const { status, stdout, stderr } = heddleIn(folder, 'run', 'typed.ts');
  assert.deepEqual(
    { status, stdout, stderr },
    {
      status: 2,
      stdout: '',
      stderr:
        `heddle: cannot run typed.ts: Node ${process.versions.node} does not load TypeScript; install tsx beside ` +
        'it (npm install --save-dev tsx), or use Node 22.18 or newer\n',
    },
  );
});

test('help and version', () => {
  for (const args of [['--help'], ['-h'], ['-h', 'run']]) {
    const { status, stdout, stderr } = heddle(...args);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    assert.match(stdout, /^Usage: heddle COMMAND\n/);
  }
  for (const args of [
    ['run', '--help'],
    ['run', '-h', 'none.mjs'],
  ]) {
    const { status, stdout, stderr } = heddle(...args);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    assert.match(stdout, /^Usage: heddle run \[OPTIONS\] FILE \[ARGS\]\n/);
    assert.match(stdout, /NODE_OPTIONS=--enable-source-maps heddle run FILE\n/);
  }
  for (const option of ['--version', '-v']) {
    assert.deepEqual(heddle(option).stdout, `${version}\n`);
  }
});
