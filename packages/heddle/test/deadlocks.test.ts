/** Waits that never end are told of, and waits that only look so are not. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { programs as mains } from './fixtures/deadlock-mains.js';
import { type Program, programs } from './fixtures/deadlock-programs.js';
import { longTwins, twins } from './fixtures/deadlock-twins.js';
import { rounds, soak } from './fixtures/waiting.js';

/** What the library says of a deadlock, as far as this suite reads it. */
interface Told {
  readonly kind: string;
  readonly id: number;
  readonly summary: string;
  readonly advice: string;
  readonly threads: readonly {
    readonly name: string;
    readonly waitsFor?: { kind: string; name: string; site?: { file: string; line: number } };
    readonly holds: readonly { kind: string; name: string }[];
  }[];
}

interface Outcome {
  readonly ended: string;
  readonly report?: Told;
}

const limit = soak ? 3_600_000 : 60_000;

/** Runs a fixture in a process of its own, which cannot take the suite with it when it hangs. */
function run(fixture: string, args: string[], timeout: number): { status: number | null; stdout: string } {
  const path = fileURLToPath(new URL(`./fixtures/${fixture}.js`, import.meta.url));
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    ['--enable-source-maps', path, ...args],
    { encoding: 'utf8', timeout, killSignal: 'SIGKILL' },
  );
  assert.equal(signal, null, `${args[0] ?? ''} hung\n${stdout}${stderr}`);
  assert.equal(status, 0, stderr);
  return { status, stdout };
}

/** The line of the fixture that a site names, in the source or as it was compiled. */
function lineOf({ file, line }: { file: string; line: number }): string {
  assert.match(file, /deadlock-programs\.[jt]s$/);
  const compiled = new URL('./fixtures/deadlock-programs.js', import.meta.url);
  const source = new URL('../../test/fixtures/deadlock-programs.ts', import.meta.url);
  return readFileSync(file.endsWith('.ts') ? source : compiled, 'utf8').split('\n')[line - 1] ?? '';
}

/** Runs a program of the table; what became of each of its threads. */
function outcomes(name: string, program: Program): Map<string, Outcome> {
  const directory = mkdtempSync(join(tmpdir(), 'heddle-deadlock-'));
  try {
    run('deadlock-programs', [name, directory], 20_000);
    return new Map(
      Object.keys(program.threads).map((label) => {
        const file = join(directory, `${label}.json`);
        assert.ok(existsSync(file), `${label} has not said how it ended`);
        return [label, JSON.parse(readFileSync(file, 'utf8')) as Outcome];
      }),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The report names every thread of the deadlock, with its wait, its line and what it holds. */
function checkReport(report: Told, program: Program): void {
  assert.equal(report.kind, 'deadlock');
  assert.notEqual(report.summary, '');
  assert.notEqual(report.advice, '');
  for (const [label, { steps, waits, holds = [] }] of Object.entries(program.threads)) {
    if (waits === undefined) continue;
    const thread = report.threads.find(({ name }) => name === label);
    assert.ok(thread?.waitsFor !== undefined, `${label} is not in the report: ${JSON.stringify(report)}`);
    const [kind, name] = waits;
    assert.deepEqual([thread.waitsFor.kind, thread.waitsFor.name], [kind, name]);
    for (const [kind, name] of holds) {
      assert.ok(
        thread.holds.some((hold) => hold.kind === kind && hold.name === name),
        `${label} holds ${kind} ${name}`,
      );
    }
    assert.ok(thread.waitsFor.site !== undefined, `${label} waits at no known line`);
    const line = lineOf(thread.waitsFor.site);
    assert.ok(
      steps.some(([verb]) => line.includes(`// waits: ${verb}`)),
      `${label} does not wait at ${line}`,
    );
  }
}

describe('a deadlock', { timeout: limit }, () => {
  for (const [name, program] of Object.entries(programs)) {
    test(name, () => {
      const ended = outcomes(name, program);
      const failed = [...ended].filter(([, outcome]) => outcome.ended !== 'normally');
      for (const [label, outcome] of failed) {
        assert.equal(outcome.ended, 'HEDDLE_DEADLOCK', label);
        assert.ok(outcome.report !== undefined, `${label} has no report`);
        checkReport(outcome.report, program);
      }
      const labels = failed.map(([label]) => label).sort();
      if (program.verdict === 'closer') assert.deepEqual(labels, [program.closer]);
      else if (program.verdict === 'anyone') assert.equal(labels.length, 1);
      else {
        const inKnot = Object.entries(program.threads).filter(
          ([, { steps, waits }]) => waits !== undefined || steps.some(([verb]) => verb === 'select'),
        );
        assert.deepEqual(labels, inKnot.map(([label]) => label).sort());
        assert.equal(new Set(failed.map(([, { report }]) => report?.id)).size, 1);
      }
      if (name === 'lost wake-up') {
        const { summary, advice } = failed[0]?.[1].report ?? {};
        assert.match(`${summary ?? ''} ${advice ?? ''}`, /notify/);
      }
    });
  }
});

/** Who fails: all of these, or one of them where either may close the cycle. */
const failing: Record<string, { all: string[] } | { one: string[] }> = {
  'main joins a thread that sleeps for ever': { all: ['main', 'thread'] },
  'main awaits a thread that sleeps for ever': { all: ['main', 'thread'] },
  'a thread joins itself': { all: ['thread'] },
  'threads join each other': { one: ['a', 'b'] },
  'lock and Once': { one: ['a', 'b'] },
  'a task waits for its own future': { all: ['task'] },
  'tasks on a full pool wait for each other': { all: ['a', 'b'] },
  'threads of a group': { one: ['a', 'b'] },
};

describe('a deadlock of main, joins and tasks', { timeout: limit }, () => {
  for (const name of Object.keys(mains)) {
    test(name, () => {
      const told = run('deadlock-mains', [name], 20_000)
        .stdout.trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Outcome & { label: string });
      const failed = told.filter(({ ended }) => ended !== 'normally');
      const labels = failed.map(({ label }) => label).sort();
      const who = failing[name] ?? { all: ['main'] };
      if ('all' in who) assert.deepEqual(labels, who.all);
      else assert.ok(labels.length === 1 && who.one.includes(labels[0] ?? ''), labels.join());
      for (const { ended, report } of failed) {
        assert.equal(ended, 'HEDDLE_DEADLOCK');
        assert.equal(report?.kind, 'deadlock');
        assert.ok(report.threads.some(({ waitsFor }) => waitsFor !== undefined));
      }
      assert.equal(new Set(failed.map(({ report }) => report?.id)).size, 1);
    });
  }
});

describe('what only looks like a deadlock for long is none', { timeout: limit }, () => {
  for (const name of Object.keys(longTwins)) {
    test(name, () => {
      const count = rounds(3, 200);
      assert.equal(run('deadlock-twins', [name, String(count)], limit).stdout, `${count} rounds\n`);
    });
  }
});

describe('what only looks like a deadlock is none', { timeout: limit }, () => {
  for (const name of Object.keys(twins)) {
    test(name, () => {
      const count = rounds(20, 1000);
      assert.equal(run('deadlock-twins', [name, String(count)], limit).stdout, `${count} rounds\n`);
    });
  }
});

test('random correct use by many threads', { timeout: limit }, () => {
  const seconds = process.env['HEDDLE_SOAK_SECONDS'] ?? '300';
  const sizes = soak ? ['64', '10000', seconds] : ['8', '100', '1'];
  assert.equal(run('deadlock-soak', sizes, limit).stdout, 'rounds were run\n');
});
