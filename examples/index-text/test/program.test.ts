/** The program as users run it, on folders whose words are known. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../src/main.js', import.meta.url));
const folders: string[] = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** Makes a folder with these files. */
function folderOf(files: Record<string, string | Uint8Array>): string {
  const folder = mkdtempSync(join(tmpdir(), 'index-text-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** Runs it on a folder where all is well. Returns its output, paragraph by paragraph. */
function paragraphs(...args: string[]): string[] {
  const { status, stdout, stderr } = run(...args);
  assert.equal(stderr, '');
  assert.equal(status, 0);
  return stdout.split('\n\n');
}

test('counts words and the files they are in, and skips what is no text', () => {
  const folder = folderOf({
    'one.txt': 'The cat, and THE dog.\nA cat: the end',
    'deep/er/two.md': '# Cat\n\ndéjà vu — “the” naïve cat’s\n',
    'empty.txt': '',
    'picture.png': new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0, 0x63, 0x61, 0x74]),
    'out.js.map': 'cat cat cat',
    '.git/config': 'cat cat cat',
  });
  symlinkSync(join(folder, 'one.txt'), join(folder, 'link.txt'));

  const [heading, words, totals, timing, , profile] = paragraphs(folder, '--top', '3', '--threads', '3');
  assert.equal(heading, `Indexing ${folder}: 4 files, 0.000 MB`);
  assert.deepEqual(words?.split('\n'), [
    'MOST FREQUENT WORD  COUNT  IN FILES',
    'cat                     4         2',
    'the                     4         2',
    'and                     1         1',
  ]);
  assert.deepEqual(totals?.split('\n'), [
    '3 text files, 0.000 MB: 14 words, 8 distinct.',
    'Skipped: 1 binary file.',
  ]);
  assert.match(timing ?? '', /^speed-up +\d+\.\d\dx$/m);
  assert.match(profile ?? '', /6 threads, 32 locks, 1 queue/);
});

test('finds every word when threads pour into the index at the same time', () => {
  const letters = (n: number) =>
    n.toString(26).replace(/./g, (digit) => String.fromCharCode(97 + parseInt(digit, 26)));
  const files = Array.from({ length: 90 }, (_, file): [string, string] => [
    `${String(file % 9)}/${String(file)}.txt`,
    // A word of all files, one of every third, and 1000 of this file alone.
    `everywhere ${file % 3 === 0 ? 'third third' : ''} ` +
      Array.from({ length: 1000 }, (_, word) => `q${letters(file * 1000 + word)}`).join(' '),
  ]);
  const [, words, totals] = paragraphs(folderOf(Object.fromEntries(files)), '--top', '2', '--threads', '4');
  assert.deepEqual(words?.split('\n').slice(1), [
    'everywhere             90        90',
    'third                  60        30',
  ]);
  assert.match(totals ?? '', /: 90,150 words, 90,002 distinct\./);
});

test('stops at the limit and says so', () => {
  const megabyte = 'word '.repeat(200_000);
  const folder = folderOf({ 'a.txt': megabyte, 'b.txt': megabyte, 'c.txt': 'never' });
  const [heading, words] = paragraphs(folder, '--limit', '1');
  assert.equal(heading, `Indexing ${folder}: the first 1 file, 1 MB (see --limit)`);
  assert.deepEqual(words?.split('\n').slice(1), ['word                200,000         1']);
});

test('skips what it may not read', { skip: process.getuid?.() === 0 && 'root may read everything' }, (t) => {
  const folder = folderOf({
    'yes.txt': 'some words',
    'no.txt': 'other words',
    'closed/no.txt': 'more words',
  });
  chmodSync(join(folder, 'no.txt'), 0);
  chmodSync(join(folder, 'closed'), 0);
  t.after(() => chmodSync(join(folder, 'closed'), 0o700)); // so that it can be removed
  const [, , totals] = paragraphs(folder);
  assert.match(totals ?? '', /^1 text file, .*\nSkipped: 0 binary files, 2 unreadable\./);
});

test('tells what is wrong in one line', () => {
  const folder = folderOf({ 'binary.dat': new Uint8Array(10) });
  const empty = folderOf({});
  const file = join(folder, 'binary.dat');
  const cases: [args: string[], status: number, message: string][] = [
    [[join(folder, 'missing')], 2, `there is no folder ${join(folder, 'missing')}`],
    [[file], 2, `${file} is not a folder`],
    [[folder, empty], 2, 'give one folder, not 2'],
    [[folder, '--threads', '0'], 2, '--threads takes a whole number from 1 to 256, not "0"'],
    [[folder, '--top', 'many'], 2, '--top takes a whole number from 1 to 10000, not "many"'],
    [[folder, '--fast'], 2, "Unknown option '--fast'"],
    [[empty], 1, `no text below ${empty}; skipped: 0 binary files`],
    [[folder], 1, `no text below ${folder}; skipped: 1 binary file`],
  ];
  for (const [args, status, message] of cases) {
    const result = run(...args);
    assert.equal(result.stderr.split('\n').length, 2, result.stderr);
    assert.ok(result.stderr.startsWith(`index-text: ${message}`), result.stderr);
    assert.equal(result.status, status, message);
  }
});

test('explains itself', () => {
  const { status, stdout, stderr } = run('--help');
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(stdout, /^Usage: npm start/);
});

test('ends at once by Ctrl-C', { skip: process.platform === 'win32' && 'has no signals' }, async () => {
  const folder = folderOf({ 'a.txt': 'so many words '.repeat(200_000) });
  const program = spawn(process.execPath, [PROGRAM, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(program.stdout, 'data'); // it has begun
  program.kill('SIGINT');
  const [status, signal] = (await once(program, 'exit')) as [number | null, string | null];
  assert.deepEqual([status, signal], [null, 'SIGINT']);
});
