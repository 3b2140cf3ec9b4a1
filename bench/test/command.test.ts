/** The command, as it is used. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Results } from '../src/harness/results.js';

const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'heddle-bench-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function bench(...args: string[]) {
  const { NODE_TEST_CONTEXT: _context, FORCE_COLOR: _color, ...env } = process.env;
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', env });
}

test('measures in fresh processes, prints a table, writes JSON and the document', () => {
  const json = join(folder, 'results.json');
  const { status, stdout, stderr } = bench('--quick', '--rounds', '1', 'once/done', '--json', json);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^Once: run, after it has run +[\d.]+ [nµ]s +Atomics +[\d.]+ [nµ]s +[\d.]+/m);

  const results = JSON.parse(readFileSync(json, 'utf8')) as Results;
  assert.deepEqual(Object.keys(results.samples), ['once/done']);
  assert.equal(results.samples['once/done']?.['heddle']?.[0]?.['time']?.length, 3);
  assert.equal(results.machine.versions['Node'], process.versions.node);

  const written = bench('--from', json, '--write-docs', folder);
  assert.equal(written.status, 0, written.stderr);
  const document = readFileSync(join(folder, 'performance.md'), 'utf8');
  assert.match(document, /^\| Once: run, after it has run +\|/m);
  assert.doesNotMatch(document, /<!-- (machine|targets|results)/);
  for (const [, image = ''] of document.matchAll(/!\[.+\]\((.+)\)/g)) {
    assert.ok(existsSync(join(folder, image)), image);
    assert.match(readFileSync(join(folder, image), 'utf8'), /^<svg xmlns=.*<\/svg>\n$/s);
  }
  assert.match(document, /performance\/condition\.svg/);
});

test('a benchmark for which the document has no place is not lost silently', () => {
  const json = join(folder, 'results.json');
  const results = JSON.parse(readFileSync(json, 'utf8')) as Results;
  const rows = results.rows.map((row) => ({ ...row, benchmark: 'unheard/of' }));
  writeFileSync(json, JSON.stringify({ ...results, rows }));
  const { status, stderr } = bench('--from', json, '--write-docs', folder);
  assert.notEqual(status, 0);
  assert.match(stderr, /performance\.template\.md has no place for unheard\/of/);
});

test('a place in the document may be that of a single benchmark', () => {
  const json = join(folder, 'results.json');
  const results = JSON.parse(readFileSync(json, 'utf8')) as Results;
  const rows = results.rows.map((row) => ({ ...row, benchmark: 'pool/map' }));
  writeFileSync(json, JSON.stringify({ ...results, rows }));
  const { status, stderr } = bench('--from', json, '--write-docs', folder);
  assert.equal(status, 0, stderr);
  const document = readFileSync(join(folder, 'performance.md'), 'utf8');
  assert.match(document, /^### Map\n\n[^#]+!\[.+\]\(performance\/pool-map\.svg\)/m);
  assert.ok(existsSync(join(folder, 'performance', 'pool-map.svg')));
});

test('bad arguments get one line and status 2', () => {
  for (const [args, said] of [
    [['--rounds', '0'], 'heddle: --rounds takes a whole number from 1, not "0"'],
    [['nonsense'], 'heddle: no benchmark matches nonsense; --list prints their names'],
    [['--smoke', '--write-docs'], 'heddle: --smoke measures nothing to be documented'],
    [['--fast'], "heddle: Unknown option '--fast'"],
  ] as const) {
    const { status, stdout, stderr } = bench(...args);
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.ok(stderr.startsWith(said), stderr);
    assert.equal(stderr.trimEnd().split('\n').length, 1);
  }
});

test('--list prints what can be chosen', () => {
  const { status, stdout } = bench('--list', 'lock/');
  assert.equal(status, 0);
  assert.match(stdout, /^lock\/uncontended +Lock: acquire, release$/m);
});
