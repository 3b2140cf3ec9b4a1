/** Turns, ratios and targets, on programs whose figures are known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Benchmark, PER_OPERATION } from '../src/harness/benchmark.js';
import { timePerOperation } from '../src/harness/effort.js';
import { heddle, raw } from '../src/harness/program.js';
import { countRuns } from '../src/harness/measure.js';
import { rowsOf } from '../src/harness/results.js';
import { takeTurns } from '../src/harness/take-turns.js';
import { atMostTimes, timesAsFast } from '../src/harness/target.js';
import { format } from '../src/report/format.js';

const effort = { sample: 0, samples: 1 };
const benchmark: Benchmark = {
  name: 'a/b',
  title: 'A',
  figures: PER_OPERATION,
  ours: heddle('a.b'),
  peers: { Atomics: raw('a.b') },
  targets: [atMostTimes(1.25, 'Atomics'), timesAsFast(0.9, 'Atomics')],
};

test('programs run in turn, every other round in the opposite order', async () => {
  const order: string[] = [];
  const run = async () => ({ time: [1] });
  await takeTurns(benchmark, 3, effort, run, (label) => order.push(label));
  assert.deepEqual(order, ['heddle', 'Atomics', 'Atomics', 'heddle', 'heddle', 'Atomics']);
});

test('a benchmark may take more rounds than usual, or a part of them, and only one if one was asked for', () => {
  const runner = { run: async () => ({}), hasPython: false };
  const rounds = (some: Partial<Benchmark>, usual: number) =>
    countRuns([{ ...benchmark, ...some }], { rounds: usual, effort }, runner) / 2;
  assert.deepEqual(
    [rounds({}, 7), rounds({ rounds: 15 }, 7), rounds({ part: 0.4 }, 7), rounds({ part: 0.4 }, 3)],
    [7, 15, 3, 2],
  );
  assert.deepEqual([rounds({ rounds: 15 }, 1), rounds({ part: 0.4 }, 1)], [1, 1]);
});

test('a program whose figure is no positive number fails the benchmark', async () => {
  for (const samples of [[], [0], [NaN], [1, -1]]) {
    const run = async () => ({ time: samples });
    await assert.rejects(
      takeTurns(benchmark, 1, effort, run, () => undefined),
      /^Error: a\/b: heddle measured no positive time/,
    );
  }
});

test('a ratio is the median of the ratios of the rounds, each of medians', () => {
  const [row] = rowsOf(benchmark, {
    // Medians 10, 20, 40 against 5, 40, 40: the machine was slow in the last round.
    heddle: [{ time: [10, 9, 99] }, { time: [20] }, { time: [40] }],
    Atomics: [{ time: [5] }, { time: [40] }, { time: [40] }],
  });
  assert.deepEqual(row?.ours, { median: 20, min: 10, max: 40 });
  assert.deepEqual(row.peers, [
    {
      label: 'Atomics',
      value: { median: 40, min: 5, max: 40 },
      ratio: { median: 1, min: 0.5, max: 2 },
    },
  ]);
  assert.deepEqual(
    row.targets.map(({ measured, isMet }) => [measured.median, isMet]),
    [
      [1, true],
      [1, true],
    ],
  );
});

test('where more is better, the ratio is turned round', () => {
  const kind = { time: { unit: 'times', moreIsBetter: true } } as const;
  const [row] = rowsOf(
    { ...benchmark, figures: kind },
    { heddle: [{ time: [2] }], Atomics: [{ time: [1] }] },
  );
  assert.equal(row?.peers[0]?.ratio.median, 2);
});

test('a target whose peer was not measured has no verdict', () => {
  const [row] = rowsOf(benchmark, { heddle: [{ time: [1] }] });
  assert.deepEqual(row?.targets, []);
});

test('a target that names several peers compares with the best of those that were measured', () => {
  const best = { labels: ['slow', 'fast', 'missing'], name: 'the best' };
  const turns = {
    heddle: [{ time: [10] }, { time: [10] }],
    slow: [{ time: [90] }, { time: [90] }],
    fast: [{ time: [40] }, { time: [60] }],
  };
  const targets = [timesAsFast(5, best), atMostTimes(1, { ...best, labels: ['missing'] })];
  const [row] = rowsOf({ ...benchmark, targets }, turns);
  assert.deepEqual(row?.targets, [
    {
      text: '5 × as fast as the best, fast',
      unit: 'times',
      measured: { median: 5, min: 4, max: 6 },
      isMet: true,
    },
  ]);
  const kind = { time: { unit: 'times', moreIsBetter: true } } as const;
  const [other] = rowsOf({ ...benchmark, figures: kind, targets: [atMostTimes(1, best)] }, turns);
  assert.equal(other?.targets[0]?.text, '≤ 1 × the best, slow');
});

test('operations grow in number until a sample is long enough, and are counted', () => {
  const counts: number[] = [];
  // A machine that takes a microsecond for each, and is late at first.
  const times = timePerOperation({ sample: 100, samples: 2 }, (count) => {
    counts.push(count);
    return count / 1000 + (counts.length === 1 ? 500 : 0);
  });
  assert.deepEqual(times, [1000, 1000]);
  assert.equal(counts.at(-1), counts.at(-2));
  assert.ok((counts.at(-1) ?? 0) >= 100_000);
});

test('figures are shown in the scale that suits them', () => {
  assert.deepEqual(
    [
      format(48.23, 'ns'),
      format(1310, 'ns'),
      format(2.5e7, 'ns'),
      format(11.2 * 2 ** 20, 'bytes'),
      format(0.0031, 'share'),
      format(0.0004, 'times'),
    ],
    ['48.2 ns', '1.31 µs', '25.0 ms', '11.2 MiB', '0.310 %', '0.00040 ×'],
  );
});
