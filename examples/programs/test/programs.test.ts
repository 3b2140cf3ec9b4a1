/** The programs as users run them. What they find is computed a second time here, without threads. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'acorn';
import { decode } from 'fast-png';
import { ThreadPool } from 'heddle';
import markdownIt from 'markdown-it';
import { render, serverOf } from '../src/markdown-server.js';

const workspace = fileURLToPath(new URL('../../', import.meta.url));
const root = join(workspace, '..', '..');
const sources = readdirSync(join(workspace, 'src'));
const scratch = mkdtempSync(join(tmpdir(), 'programs-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function node(args: string[], cwd: string): Ended {
  const { NODE_TEST_CONTEXT: _context, FORCE_COLOR: _color, INIT_CWD: _cwd, ...env } = process.env;
  return spawnSync(process.execPath, args, { cwd, env, encoding: 'utf8', maxBuffer: 1 << 26 });
}

/** Runs a program to its end. */
function run(name: string, args: string[] = [], cwd = root): Ended {
  return node([join(workspace, '.build', 'src', `${name}.js`), ...args], cwd);
}

/** Runs a program that finds nothing wrong. Returns the lines that it prints. */
function linesOf(name: string, args: string[] = [], cwd = root): string[] {
  const { status, stdout, stderr } = run(name, args, cwd);
  assert.equal(stderr, '');
  assert.equal(status, 0);
  return stdout.trimEnd().split('\n');
}

/** Makes a folder with these files. */
function folderOf(files: Record<string, string | Uint8Array>): string {
  const folder = mkdtempSync(join(scratch, 'folder-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

function assertRefused(name: string, args: string[], message: string, status = 2): void {
  const ended = run(name, args);
  assert.deepEqual([ended.stderr, ended.stdout, ended.status], [`${name}: ${message}\n`, '', status]);
}

describe('mandelbrot', () => {
  /** Paints the view into a file and reads that. */
  function painted(...view: string[]): (column: number, row: number) => number[] {
    const file = join(scratch, 'set.png');
    const [line = ''] = linesOf('mandelbrot', [file, ...view]);
    const [, shares = ''] =
      /set\.png: 900 x 600 pixels; the threads painted ([\d +]+) rows$/.exec(line) ?? [];
    assert.equal(
      shares.split(' + ').reduce((sum, rows) => sum + Number(rows), 0),
      600,
    );
    const { width, height, channels, data } = decode(readFileSync(file));
    assert.deepEqual([width, height, channels, data.length], [900, 600, 3, 900 * 600 * 3]);
    return (column, row) => [...data.subarray((row * 900 + column) * 3, (row * 900 + column) * 3 + 3)];
  }

  /** The colour at c, from the complex numbers z as [re, im] and the definition of the smooth count. */
  function colourAt(re: number, im: number): number[] {
    let z: [number, number] = [0, 0];
    for (let step = 1; step <= 1000; step++) {
      z = [z[0] ** 2 - z[1] ** 2 + re, 2 * z[0] * z[1] + im];
      const size = Math.hypot(...z);
      if (size <= 100) continue;
      const turn = 2.6 * Math.log(step - Math.log2(Math.log(size)) + 8);
      return [0, 0.55, 1.1].map((phase) => 255 * Math.abs(Math.sin((turn + phase) / 2)) ** 2.4);
    }
    return [0, 0, 0];
  }

  test('paints the set black and mirrors it at the real axis', () => {
    const pixel = painted('-0.6', '0', '3.4');
    const columnOf = (re: number): number => Math.floor(((re + 0.6) / 3.4) * 900 + 450);
    for (const re of [0, -1, -0.5, 0.2, -1.2]) assert.deepEqual(pixel(columnOf(re), 300), [0, 0, 0]);
    for (let row = 0; row < 300; row++) {
      assert.notDeepEqual(pixel(0, row), [0, 0, 0], `row ${row} was painted`);
      for (let column = 0; column < 900; column++) {
        const [here, there] = [pixel(column, row), pixel(column, 599 - row)];
        assert.ok(
          here.every((light, k) => Math.abs(light - (there[k] ?? NaN)) <= 1),
          `${column}, ${row}: ${here.join()} and ${there.join()}`,
        );
      }
    }
  });

  test('gives each point its colour', () => {
    const [re, im, width] = [-0.7452, 0.1135, 0.0065];
    const pixel = painted();
    let coloured = 0;
    for (let n = 0; n < 500; n++) {
      const [column, row] = [(n * 7919) % 900, (n * 104729) % 600];
      const points = [0.25, 0.75].flatMap((dx) =>
        [0.25, 0.75].map((dy) =>
          colourAt(re + ((column + dx - 450) * width) / 900, im - ((row + dy - 300) * width) / 900),
        ),
      );
      const got = pixel(column, row);
      for (const [k, light] of got.entries()) {
        const mean = points.reduce((sum, point) => sum + (point[k] ?? NaN), 0) / 4;
        assert.ok(Math.abs(light - mean) <= 1, `${column}, ${row}: ${got.join()}, not ${mean}`);
      }
      if (got.some((light) => light > 0)) coloured++;
    }
    assert.ok(coloured > 400);
  });

  test('refuses what it cannot paint', () => {
    const numbers = 'give a file and three numbers: RE, IM, and WIDTH above 0';
    for (const args of ['0 0', '0 zero 1', '0 0 0', '0 0 -1', '0 0 1 1'])
      assertRefused('mandelbrot', ['a.png', ...args.split(' ')], numbers);
    assertRefused('mandelbrot', ['missing/a.png'], 'there is no folder missing');
  });
});

describe('hash-tree', () => {
  /** What `sha256sum` prints for these files of a folder. */
  function sums(folder: string, names: string[], shown = (name: string) => name): string[] {
    return names
      .map((name) => {
        const hash = createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex');
        return [shown(name), hash] as const;
      })
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, hash]) => `${hash}  ${name}`);
  }

  const files = {
    'one.txt': 'one',
    empty: '',
    'a folder/with a space.txt': 'words',
    'a/b/c/deep.bin': new Uint8Array(3_000_000).map((_, n) => n % 251),
    'a/naïve.md': '# A heading\n',
    ...Object.fromEntries(Array.from({ length: 700 }, (_, n) => [`many/${n}.txt`, `number ${n}`])),
  };

  test('prints the hash of each file', () => {
    const folder = folderOf(files);
    symlinkSync(join(folder, 'one.txt'), join(folder, 'link'));
    assert.deepEqual(linesOf('hash-tree', ['.'], folder), sums(folder, Object.keys(files)));
  });

  test('prints what sha256sum prints, strange names too', (t) => {
    const folder = folderOf({ ...files, ...(sep === '/' ? { 'a\\b': 'x', 'a\nb': 'y', 'a\rb': 'z' } : {}) });
    const names = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    const theirs = spawnSync('sha256sum', names, { encoding: 'utf8' });
    if (theirs.error !== undefined) {
      t.skip('there is no sha256sum');
      return;
    }
    assert.deepEqual(linesOf('hash-tree', [folder]), theirs.stdout.trimEnd().split('\n'));
  });

  test('hashes the library itself when nothing is said', () => {
    const library = join('packages', 'heddle', 'src');
    const names = readdirSync(join(root, library), { recursive: true, encoding: 'utf8' });
    const own = names.filter((name) => name.endsWith('.ts'));
    assert.ok(own.length > 50);
    assert.deepEqual(
      linesOf('hash-tree'),
      sums(join(root, library), own, (name) => join(library, name)),
    );
  });

  test('hashes the rest when a file cannot be read', (t) => {
    const folder = folderOf({ 'a.txt': 'a', 'closed.txt': 'b' });
    if (!isClosed(join(folder, 'closed.txt'))) {
      t.skip('this user may read everything');
      return;
    }
    const { status, stdout, stderr } = run('hash-tree', ['.'], folder);
    assert.deepEqual([status, stdout.trimEnd().split('\n')], [1, sums(folder, ['a.txt'])]);
    assert.match(stderr, /^hash-tree: EACCES: permission denied, open 'closed\.txt'\n$/);
  });

  test('refuses what is no folder', () => {
    assertRefused('hash-tree', ['missing'], 'there is no folder missing');
    assertRefused('hash-tree', ['package.json'], 'there is no folder package.json');
    assertRefused('hash-tree', ['docs', 'scripts'], 'there is no folder docs scripts');
  });
});

/** Takes away the right to read a file. Returns whether that stops this user. */
function isClosed(file: string): boolean {
  chmodSync(file, 0);
  try {
    readFileSync(file);
    return false;
  } catch {
    return true;
  }
}

describe('tally', () => {
  /** What the program should print. */
  function tallied(text: string, pattern: RegExp): string[] {
    const found = Array.from(text.matchAll(pattern), ([all, part = all]) => part);
    return [...new Set(found)]
      .map((part) => [part, found.filter((other) => other === part).length] as const)
      .sort(([, a], [, b]) => b - a)
      .map(([part, times]) => `${String(times).padStart(7)}  ${part}`);
  }

  test('counts the licences in package-lock.json', () => {
    const text = readFileSync(join(root, 'package-lock.json'), 'utf8');
    assert.deepEqual(linesOf('tally'), tallied(text, /"license": "(.+)"/g));
  });

  test('finds everything in lines and characters that lie in two slots', () => {
    // 1,300,000 bytes or so, in slots of 65,536.
    const lines = Array.from({ length: 40_000 }, (_, n) => `${n % 7} – ${'é'.repeat(n % 5)}ß «${n % 100}»`);
    const text = [...lines, 'x'.repeat(200_000), '«end»'].join('\n');
    const folder = folderOf({ 'a.log': text });
    assert.deepEqual(linesOf('tally', ['a.log', '«(.+)»'], folder), tallied(text, /«(.+)»/g));
    assert.deepEqual(linesOf('tally', ['a.log', '^\\d – é+'], folder), tallied(text, /^\d – é+/gm));
  });

  test('prints nothing when there is nothing', () => {
    assert.deepEqual(linesOf('tally', ['empty'], folderOf({ empty: '' })), ['']);
  });

  test('tells what is wrong in one line', () => {
    assertRefused('tally', ['missing'], "ENOENT: no such file or directory, open 'missing'", 1);
    assertRefused('tally', ['docs'], 'EISDIR: illegal operation on a directory, read', 1);
    assertRefused('tally', ['package.json', '('], 'Invalid regular expression: /(/gu: Unterminated group', 1);
    assertRefused('tally', ['a', 'b', 'c'], 'give a file and a pattern, and quote the pattern', 1);
  });
});

describe('philosophers', () => {
  for (const [count, portions] of [
    [5, 50_000],
    [2, 3000],
    [16, 30_000],
  ] as const) {
    test(`${count} eat ${portions} portions, and nobody starves`, () => {
      const args = count === 5 ? [] : [String(count), String(portions)];
      const meals = linesOf('philosophers', args).map((line, n) => {
        const [, philosopher, times] = /^philosopher +(\d+) ate +(\d+) times #*$/.exec(line) ?? [];
        assert.equal(philosopher, String(n + 1));
        return Number(times);
      });
      assert.equal(meals.length, count);
      assert.equal(
        meals.reduce((sum, times) => sum + times),
        portions,
      );
      assert.ok(Math.min(...meals) > 0, meals.join());
    });
  }

  test('refuses other tables', () => {
    const message = 'give 2 to 100 philosophers and 1 to 10,000,000 portions, in this order';
    for (const args of ['1', '101', 'five', '5 0', '5 1.5', '5 5 5'])
      assertRefused('philosophers', args.split(' '), message);
  });
});

describe('deadlock', () => {
  for (const count of [2, 3, 7]) {
    test(`of ${count} philosophers one is told, and the others eat`, () => {
      const { status, stdout, stderr } = run('deadlock', count === 3 ? [] : [String(count)]);
      assert.equal(stderr, '');
      assert.equal(status, 0);
      const told = /^philosopher \d+ got a DeadlockError, and the other (\d+) ate:$/gm;
      assert.deepEqual(
        [...stdout.matchAll(told)].map(([, others]) => Number(others)),
        [count - 1],
      );
      for (let n = 0; n < count; n++) {
        assert.match(stdout, new RegExp(`waits for Lock "fork ${n}" since .* at .*deadlock\\.[jt]s:\\d+`));
        assert.match(stdout, new RegExp(`holds Lock "fork ${n}"`));
      }
      assert.match(stdout, /^What to do: Take them in the same order in every thread/m);
    });
  }

  test('refuses other tables', () => {
    for (const arg of ['1', '101', 'five']) assertRefused('deadlock', [arg], 'give 2 to 100 philosophers');
  });
});

describe('bank', () => {
  /** Runs it. Returns the total in cents after checking that it has not changed, and all transfers made or refused. */
  function transfers(...args: string[]): { accounts: number; made: number; refused: number } {
    const [before = '', afterwards = '', ...rest] = linesOf('bank', args);
    const [, sum, accounts] = /^before: ([\d,]+\.\d\d) in (\d+) accounts$/.exec(before) ?? [];
    assert.equal(afterwards, `after:  ${sum} in ${accounts} accounts`);
    const richest = rest.pop() ?? '';
    assert.match(richest, /^richest: customer \d+ with \d+\.\d\d after \d+ transfers$/);
    const [made, refused] = [0, 0].map((_, part) =>
      rest.reduce((total, line, n) => {
        const found = /^thread (\d+): (\d+) transfers, and (\d+) refused for lack of money$/.exec(line);
        assert.equal(found?.[1], String(n + 1), line);
        return total + Number(found[2 + part]);
      }, 0),
    ) as [number, number];
    assert.ok(rest.length >= 2, 'several threads have made transfers');
    assert.ok(made > 0);
    const each = (made + refused) / rest.length;
    assert.equal(each, Number(args[1] ?? 200_000));
    return { accounts: Number(accounts), made, refused };
  }

  test('loses no cent among many accounts', () => {
    assert.equal(transfers().accounts, 1000);
  });

  test('loses no cent where all threads want the same locks', () => {
    assert.equal(transfers('2', '30000').accounts, 2);
    assert.equal(transfers('3', '30000').accounts, 3);
  });

  test('refuses other banks', () => {
    const message = 'give 2 to 100,000 accounts and 1 to 10,000,000 transfers a thread, in this order';
    for (const args of ['1', 'many', '5 0', '5 0.5', '5 5 5'])
      assertRefused('bank', args.split(' '), message);
  });
});

describe('word-count', () => {
  /** What it should print at its end, for the files of this text. */
  function counted(texts: string[]): string[] {
    const words = texts.flatMap((text) => text.toLowerCase().match(/\p{L}+/gu) ?? []);
    const counts = new Map<string, number>();
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    const sorted = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
    return [
      `${words.length} words, ${counts.size} different ones; the most frequent:`,
      ...sorted.slice(0, 10).map(([word, times]) => `${String(times).padStart(8)}  ${word}`),
    ];
  }

  /** What it prints, without what it tells meanwhile. */
  function finalLinesOf(folder: string): string[] {
    const lines = linesOf('word-count', [folder]);
    const end = lines.findIndex((line) => line.includes('different ones'));
    for (const line of lines.slice(0, end)) assert.match(line, /^so far, with \d+ files to go: /);
    return lines.slice(end);
  }

  test('counts each word of each file', () => {
    // Every file brings words of its own and words that all threads count at the same time.
    const texts = Array.from(
      { length: 300 },
      (_, n) =>
        `The naïve cat – the CAT! ${'éa '.repeat(n % 9)} ${'abcdefghij'[n % 10]}${'x'.repeat(n % 17)}\n`,
    );
    const files = texts.map((text, n): [string, string] => [`${n % 7}/${n}.${n % 2 ? 'md' : 'txt'}`, text]);
    const folder = folderOf({ ...Object.fromEntries(files), 'not.json': '{ "word": 1 }' });
    assert.deepEqual(finalLinesOf(folder), counted(texts));
  });

  test('counts the documentation in node_modules', () => {
    // Names alone would lead through links; entries do not.
    const texts = readdirSync(join(root, 'node_modules'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(md|txt)$/.test(entry.name))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    assert.ok(texts.length > 100);
    assert.deepEqual(finalLinesOf('node_modules'), counted(texts));
  });

  test('refuses what is no folder', () => {
    assertRefused('word-count', ['missing'], 'there is no folder missing');
    assertRefused('word-count', ['package.json'], 'there is no folder package.json');
  });
});

describe('parse-scripts', () => {
  const files = {
    'module.mjs': 'import { a } from "./a.js";\nexport default await a(import.meta.url);\n',
    'deep/common.cjs': '#!/usr/bin/env node\nif (x) return;\nwith (x) module.exports = function () {};\n',
    'deep/class.js': 'class A {\n  #b = 1n;\n  c() {\n    return /d/u;\n  }\n}',
    'empty.js': '',
    'not.ts': 'const a: number = 1;',
    'not.json': '{}',
    ...Object.fromEntries(
      Array.from({ length: 300 }, (_, n) => [`many/${n}.js`, `function f${n}() {}\n`.repeat(n % 7)]),
    ),
  };

  /** What it should print for these, but for the times. Types are counted in the tree as JSON. */
  function told(texts: ReadonlyMap<string, string>): string[] {
    const types = [...texts.values()].flatMap((text) => {
      const isModule = /^(?:im|ex)port /m.test(text);
      const sourceType = isModule ? 'module' : 'commonjs';
      const tree = JSON.stringify(parse(text, { ecmaVersion: 'latest', sourceType }), (_, value: unknown) =>
        typeof value === 'bigint' ? Number(value) : value,
      );
      return Array.from(tree.matchAll(/"type":"(\w+)"/g), ([, type = '']) => type);
    });
    const greatest = (measured: Iterable<[string, number]>): string[] =>
      [...measured]
        .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
        .slice(0, 5)
        .map(([name, measure]) => `${String(measure).padStart(9)}  ${name}`);
    const lines = [...texts.values()].reduce((sum, text) => sum + text.split('\n').length, 0);
    return [
      `${texts.size} files, ${lines} lines, ${types.filter((type) => type.includes('Function')).length} functions`,
      '',
      'most frequent nodes',
      ...greatest([...new Set(types)].map((type) => [type, types.filter((other) => other === type).length])),
      '',
      'bytes of the longest files',
      ...greatest([...texts].map(([path, text]) => [path, Buffer.byteLength(text)])),
      '',
    ];
  }

  /** What it prints, without the line of times. */
  function linesWithoutTimes(args: string[], cwd: string): string[] {
    const [first = '', times = '', ...rest] = linesOf('parse-scripts', args, cwd);
    assert.match(times, /^\d+\.\d\d s on one thread, \d+\.\d\d s on a pool$/);
    return [first, ...rest];
  }

  const scripts = Object.entries(files)
    .filter(([name]) => name.endsWith('js'))
    .map(([name, text]): [string, string] => [join(...name.split('/')), text])
    .sort(([a], [b]) => (a < b ? -1 : 1));

  test('tells what the scripts consist of', () => {
    assert.deepEqual(linesWithoutTimes(['.'], folderOf(files)), [
      ...told(new Map(scripts)),
      '0 cannot be parsed',
    ]);
  });

  test('takes as many as it may, here and there', () => {
    const some = scripts.filter((_, n) => n % Math.ceil(scripts.length / 10) === 0);
    assert.ok(some.length > 5 && some.length <= 10);
    assert.deepEqual(linesWithoutTimes(['.', '10'], folderOf(files)), [
      ...told(new Map(some)),
      '0 cannot be parsed',
    ]);
  });

  test('tells what it cannot parse, and why', () => {
    const bad = Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`bad-${n}.js`, `const a;\n// ${n}`]));
    const lines = linesOf('parse-scripts', ['.'], folderOf({ ...files, ...bad }));
    const end = lines.indexOf('6 cannot be parsed');
    assert.deepEqual(
      lines.slice(end + 1),
      [0, 1, 2, 3, 4].map((n) => `  bad-${n}.js: SyntaxError: Unexpected token (1:7)`),
    );
  });

  test('refuses what it cannot do', () => {
    const message = 'give a folder, and how many of its files at most, in this order';
    for (const args of ['missing', 'package.json', 'docs 0', 'docs 1.5', 'docs many', 'docs 1 1'])
      assertRefused('parse-scripts', args.split(' '), message);
  });
});

describe('markdown-server', () => {
  const texts = Array.from(
    { length: 40 },
    (_, n) => `# Page ${n}\n\n- "one" -- https://example.org/${n}\n- <b>two</b>\n`,
  );

  for (const where of ['on main', 'on a pool']) {
    test(`serves each file as its page, ${where}`, async () => {
      await using pool = new ThreadPool({ threads: 2 });
      const server = await serverOf(
        texts,
        where === 'on main' ? render : (text) => pool.submit(render, text),
      );
      const markdown = markdownIt({ html: true, linkify: true, typographer: true });
      const answers = await Promise.all(texts.map((_, n) => server.inject(`/${n}`)));
      for (const [n, { statusCode, body, headers }] of answers.entries()) {
        assert.deepEqual([statusCode, headers['content-type']], [200, 'text/html']);
        assert.ok(body.endsWith(markdown.render(texts[n] ?? '')), body);
        assert.ok(body.includes(`<a href="https://example.org/${n}">`), body);
      }
      assert.equal((await server.inject('/40')).statusCode, 500);
      assert.equal(pool.stats().finished, where === 'on main' ? 0 : texts.length);
      await server.close();
    });
  }

  test('tells how fast both ways are', () => {
    const folder = folderOf({
      ...Object.fromEntries(texts.map((text, n) => [`${n}.md`, text])),
      'no.txt': '',
    });
    const [first, blank, heading, ...rows] = linesOf('markdown-server', ['.', '1'], folder);
    assert.deepEqual([first, blank], ['40 files, 2 KB of Markdown; 16 clients', '']);
    assert.match(heading ?? '', /^ +pages\/s +answer, ms +99 % +late, ms +at most$/);
    const names = rows.map((row) => {
      const [, name, figures = ''] = /^(.{9})((?: +\d+\.\d){5})$/.exec(row) ?? [];
      assert.ok(Number(figures.trim().split(/ +/)[0]) > 0, row);
      return name?.trim();
    });
    assert.deepEqual(names, ['on main', 'on a pool']);
  });

  test('refuses what it cannot do', () => {
    const message = 'give a folder, and a number of seconds from 1 to 60, in this order';
    for (const args of ['missing', 'package.json', 'docs 0', 'docs 61', 'docs long', 'docs 1 1'])
      assertRefused('markdown-server', args.split(' '), message);
  });
});

describe('README.md', () => {
  const text = readFileSync(join(workspace, 'README.md'), 'utf8');

  /** Lines without their figures, hashes and bars. */
  const shapeOf = (printed: string): string[] =>
    printed
      .trimEnd()
      .split('\n')
      .filter((line) => !line.startsWith('so far')) // a slow machine may print one
      .map((line) => line.replace(/\b[\da-f]{64}\b|[\d#][\d#,.+ ]*/g, '#').replace(/\s+/g, ' '));

  for (const [, command = '', kind = '', said = ''] of text.matchAll(
    /^```sh\nnpm run (?:--silent )?example -- (.+)\n```\n\n```(output|measured)\n([^]*?)^```$/gm,
  )) {
    test(`says what ${command} prints`, () => {
      const [name = '', ...args] = command.split(' ').map((word) => word.replace(/^'(.*)'$/, '$1'));
      const printed = linesOf(name, args, name === 'mandelbrot' ? scratch : root).join('\n');
      if (kind === 'output') assert.equal(printed, said.trimEnd());
      else assert.deepEqual(shapeOf(printed), shapeOf(said));
    });
  }

  test('shows every program', () => {
    const shown = [...text.matchAll(/^## (.+)\n[^#]*?^```sh\nnpm run (?:--silent )?example -- ([\w-]+)/gm)];
    const names = sources.map((file) => file.replace(/\.ts$/, ''));
    assert.deepEqual(
      shown.map(([, heading, name]) => [heading, name]).sort(),
      names.map((name) => [name, name]).sort(),
    );
  });
});

describe('npm run example', () => {
  const start = (...args: string[]): Ended => node(['scripts/start.mjs', '--example', ...args], root);

  test('runs a program', () => {
    const { status, stdout, stderr } = start('tally', 'examples/programs/package.json', 'name|licen[cs]e');
    assert.equal(stderr, '');
    assert.deepEqual([status, stdout], [0, '      1  name\n      1  license\n']);
  });

  test('lists the programs', () => {
    for (const [args, first] of [
      [[], 'Usage: npm run example -- NAME [ARGS]'],
      [['nix'], 'heddle: there is no example nix'],
    ] as const) {
      const { status, stdout, stderr } = start(...args);
      assert.deepEqual([status, stdout], [2, '']);
      const [said, blank, ...list] = stderr.trimEnd().split('\n');
      assert.deepEqual([said, blank], [first, '']);
      assert.deepEqual(
        list.map((line) => /^ {2}([\w-]+) +[A-Z].+\.$/.exec(line)?.[1]),
        sources.map((file) => file.replace(/\.ts$/, '')).sort(),
      );
    }
  });
});
