/**
 * Every program, command, example and link in the documents works.
 *
 * In README.md, CONTRIBUTING.md and what is in docs/ and its folders:
 *
 * - a `js` or `ts` block is a program. It is run as it stands and has to succeed. If its first line is `// NAME.ext`,
 *   that is its file's name. TypeScript is compiled first, under `strict`.
 * - an `output` block is what the block before it prints, exactly. In a `measured` block figures stand for any figures,
 *   and its lines are among those that are printed. An `error` block says that the program before it fails, and holds
 *   lines that it then prints on standard error.
 * - a line of a `sh` block is a command: a script of package.json, `npx heddle`, or node with a file, which is the
 *   document's or the repository's.
 * - a block behind a line that begins with "Not run by the tests:" is left alone.
 *
 * In the sources, an `@example` with imports is a program too, and `// …` behind its `console.log` is what that prints.
 * The others are given imports and what they take for granted (fixtures/raw/example-surroundings.ts).
 */
import assert from 'node:assert/strict';
import { spawn as startProcess, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as heddle from 'heddle';
import { anchorsOf, examplesIn, linksOf, type Snippet, snippetsOf } from './fixtures/documents.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const library = join(root, 'packages', 'heddle');
/** Where the programs are written and run. */
const work = join(library, '.build', 'documentation');

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((name) => `docs/${name.replaceAll('\\', '/')}`)
    .sort(),
].filter((name) => name.endsWith('.md'));

/** Examples that are compiled and not run, and why. */
const notRun = new Map([
  ['sync/barrier.ts', 'it needs the three other parties'],
  ['queue/queue.ts', 'its threads would import it, and it does not guard its main part'],
]);

interface Program {
  readonly snippet: Snippet;
  /** Without folder. */
  readonly name: string;
  readonly folder: string;
}

const programs = new Map<string, Program[]>(documents.map((name) => [name, programsOf(name)]));
const examples = examplePrograms();

before(() => {
  rmSync(work, { recursive: true, force: true });
  for (const { folder, name, snippet } of [...programs.values()].flat()) write(folder, name, snippet.text);
  for (const { folder, name, text } of examples) write(folder, name, text);
  copyFileSync(
    join(library, 'test', 'fixtures', 'raw', 'example-surroundings.ts'),
    join(work, 'examples', 'example-surroundings.ts'),
  );
  write(work, 'package.json', '{ "private": true, "type": "module" }\n');
  const compilerOptions = {
    module: 'NodeNext',
    target: 'ES2022',
    strict: true,
    types: ['node'],
    sourceMap: true,
    skipLibCheck: true,
  };
  write(work, 'tsconfig.json', JSON.stringify({ compilerOptions, include: ['**/*.ts'] }));
  const { stdout, status } = spawnSync(
    process.execPath,
    [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '--project', work, '--pretty', 'false'],
    { encoding: 'utf8', cwd: work },
  );
  assert.equal(status, 0, `the snippets do not compile:\n${stdout}`);
});

for (const [document, its] of programs) {
  describe(document, () => {
    const snippets = snippetsOf(join(root, document));
    for (const [index, snippet] of snippets.entries()) {
      const next = snippets[index + 1];
      const where = `${document}:${snippet.line}`;
      if (snippet.isExempt) continue;
      const program = its.find((one) => one.snippet === snippet || one.snippet.line === snippet.line);
      if (program !== undefined) {
        test(`the program at ${where} runs`, async () => {
          compare(await run(process.execPath, [compiled(program)], program.folder), next);
        });
      } else if (snippet.language === 'sh') {
        test(`the commands at ${where} work`, async () => {
          const lines = snippet.text.split('\n').map((line) => line.replace(/\s+#.*$/, ''));
          let last: Ended | undefined;
          for (const line of lines.filter((one) => one.trim() !== '')) last = await command(line, document);
          if (last !== undefined) compare(last, next);
        });
      }
    }

    test('its relative links lead somewhere', () => {
      const from = join(root, document);
      for (const link of linksOf(from)) {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? from : join(dirname(from), path);
        assert.ok(existsSync(target), `${document} links to ${link}, which does not exist`);
        if (anchor !== undefined)
          assert.ok(anchorsOf(target).includes(anchor), `${document} links to ${link}: no such heading`);
      }
    });
  });
}

describe('docs/architecture.md', () => {
  const tables = [
    ['Blocks', 'memory/allocator.ts'],
    ['Waiters', 'park/waiter.ts'],
    ['The lock word', 'sync/raw-lock.ts'],
  ] as const;
  for (const [heading, file] of tables) {
    test(`has the table of ${file}`, () => {
      const rows = (text: string): string[] =>
        [...text.matchAll(/^(?: \* )?\| (?!-{3})(.+?) *\|$/gm)].map(([, row = '']) =>
          row.replace(/ +/g, ' '),
        );
      const section = readFileSync(join(root, 'docs', 'architecture.md'), 'utf8')
        .split(`### ${heading}\n`)[1]
        ?.split('\n#')[0];
      const said = rows(section ?? '');
      const source = rows(readFileSync(join(library, 'src', file), 'utf8'));
      assert.ok(said.length > 3, `there is no table under "${heading}"`);
      assert.deepEqual(
        said.filter((row) => !source.includes(row)),
        [],
      );
    });
  }
});

describe('README.md', () => {
  test('speaks of every public name', () => {
    const text = readFileSync(join(root, 'README.md'), 'utf8');
    const unsaid = Object.keys(heddle).filter((name) => !new RegExp(`\\b${name}\\b`).test(text));
    assert.deepEqual(unsaid, []);
  });

  test('is the text that npm publishes', () => {
    assert.equal(
      readFileSync(join(library, 'README.md'), 'utf8'),
      readFileSync(join(root, 'README.md'), 'utf8'),
      'npm run build copies it',
    );
  });
});

describe('the examples in the sources', () => {
  before(() => {
    // The supervisor and some workers are up: an example's own timeout is then for its own work.
    for (const thread of [1, 2, 3].map(() => heddle.spawn(() => undefined))) thread.join();
  });

  for (const example of examples) {
    const { source, line, name, folder, isWhole, printed } = example;
    if (notRun.has(source)) continue;
    test(`${source}:${line} runs`, async () => {
      if (isWhole) {
        const ended = await run(process.execPath, [compiled(example)], folder);
        assert.equal(ended.status, 0, ended.stderr);
        if (printed.length > 0) assert.deepEqual(ended.stdout.trimEnd().split('\n'), printed);
      } else {
        await import(pathToFileURL(join(folder, name.replace(/ts$/, 'js'))).href);
      }
    });
  }
});

// --- what is written where ---------------------------------------------------------------------------------

function programsOf(document: string): Program[] {
  const folder = join(work, basename(document, '.md').toLowerCase());
  return snippetsOf(join(root, document))
    .filter(({ language, isExempt }) => !isExempt && ['js', 'mjs', 'ts'].includes(language))
    .map((snippet) => {
      const named = /^\/\/ ([\w-]+\.\w+)$/m.exec(snippet.text.split('\n')[0] ?? '')?.[1];
      return { snippet, name: named ?? `line-${snippet.line}.${snippet.language}`, folder };
    });
}

interface Example {
  readonly source: string;
  readonly line: number;
  readonly name: string;
  readonly folder: string;
  readonly text: string;
  /** Whether it has its own imports, and so is a program. */
  readonly isWhole: boolean;
  /** What its `console.log` lines are said to print. */
  readonly printed: readonly string[];
}

function examplePrograms(): Example[] {
  const src = join(library, 'src');
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .flatMap((name) =>
      examplesIn(join(src, name)).map(({ text, line }) => {
        const isWhole = /^import /m.test(text);
        const isGuarded = text.includes('import.meta');
        const head = [
          ...(isGuarded ? [] : ["import './example-surroundings.js';"]),
          `import { ${namesIn(text).join(', ')} } from 'heddle';`,
        ];
        return {
          source: name.replaceAll('\\', '/'),
          line,
          name: `${name.replace(/\W+/g, '-').replace(/-ts$/, '')}-${line}.ts`,
          folder: join(work, 'examples'),
          text: isWhole ? text : [...head, text, 'export {};'].join('\n'),
          isWhole: isWhole || isGuarded,
          printed: [...text.matchAll(/console\.log\(.*\);? \/\/ (.+)$/gm)].map(([, said = '']) => said),
        };
      }),
    );
}

/** The public names that a piece of code uses and does not declare. */
function namesIn(text: string): string[] {
  return Object.keys(heddle).filter(
    (name) =>
      new RegExp(`\\b${name}\\b`).test(text) && !new RegExp(`(?:const|function) ${name}\\b`).test(text),
  );
}

function write(folder: string, name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
}

function compiled({ folder, name }: { folder: string; name: string }): string {
  return join(folder, name.replace(/\.ts$/, '.js'));
}

// --- running it --------------------------------------------------------------------------------------------

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, or for a minute. */
async function run(file: string, args: readonly string[], cwd: string): Promise<Ended> {
  const { NODE_TEST_CONTEXT: _context, FORCE_COLOR: _color, ...env } = process.env;
  const child = startProcess(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
  const printed = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (status) => resolve({ status, ...printed }));
  });
}

function compare({ status, stdout, stderr }: Ended, said: Snippet | undefined): void {
  if (said?.language === 'error') {
    assert.notEqual(status, 0, 'it should fail');
    for (const line of said.text.split('\n'))
      assert.ok(stderr.includes(line), `not printed: ${line}\n${stderr}`);
    return;
  }
  assert.equal(status, 0, stderr);
  if (said?.language === 'output') assert.equal(stdout.trimEnd(), said.text);
  if (said?.language !== 'measured') return;
  const printed = linesOf(stdout + stderr);
  for (const line of linesOf(said.text))
    assert.ok(printed.includes(line), `not printed: ${line}\n${stdout}${stderr}`);
}

/** Lines without their figures. */
function linesOf(text: string): string[] {
  return text.split('\n').map((line) =>
    line
      .replace(/\d[\d.,]*/g, '#')
      .replace(/\s+/g, ' ')
      .trim(),
  );
}

interface Manifest {
  readonly name: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** What commands of the repository's have printed: they need not be run for each document. */
const said = new Map<string, Promise<Ended>>();

/** Checks that a command exists, and runs it if that is cheap. Returns how it ended. */
async function command(line: string, document: string): Promise<Ended | undefined> {
  const [tool = '', first = '', ...rest] = line.split(/\s+/);
  const folder = join(work, basename(document, '.md').toLowerCase());
  if (tool === 'npm' && first === 'install') {
    assert.deepEqual(rest, [manifest(library).name]);
  } else if (tool === 'npm') {
    const script = first === 'run' ? rest[0] : first;
    assert.ok(
      Object.hasOwn(manifest(root).scripts ?? {}, script ?? ''),
      `there is no script ${script ?? ''}`,
    );
  } else if (tool === 'npx') {
    const bin = first === 'heddle' ? manifest(library).bin?.[first] : undefined;
    assert.ok(bin !== undefined, `npx ${first} is no command of heddle's`);
    const ended = await run(process.execPath, [join(library, bin), ...rest], folder);
    assert.equal(ended.status, 0, ended.stderr);
    return ended;
  } else if (tool === 'node') {
    const own = join(folder, first);
    if (existsSync(own)) return run(process.execPath, [own, ...rest], folder);
    const file = join(root, first);
    assert.ok(existsSync(file), `${relative(root, file)} does not exist`);
    let ended = said.get(line);
    if (ended === undefined) said.set(line, (ended = run(process.execPath, [file, ...rest], root)));
    return ended;
  } else {
    assert.fail(`${document} has a command that is not checked: ${line}`);
  }
  return undefined;
}
