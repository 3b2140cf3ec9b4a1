/** Every benchmark's programs work: each does a few operations and checks its own result. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { benchmarks } from '../src/benchmarks/index.js';
import { measure } from '../src/harness/measure.js';
import { pythonVersion } from '../src/harness/python.js';
import { runHere } from '../src/harness/run-here.js';
import { PLANS } from '../src/options.js';

const hasPython = pythonVersion() !== undefined;

describe('the programs of', () => {
  for (const benchmark of benchmarks) {
    test(benchmark.name, async () => {
      const { rows, failed } = await measure(
        [benchmark],
        PLANS.smoke,
        { run: runHere, hasPython },
        {
          onRun: () => undefined,
          onRows: () => undefined,
          onFailure: (_, error) => {
            throw error;
          },
        },
      );
      assert.deepEqual(failed, []);
      assert.equal(rows.length, Object.keys(benchmark.figures).length);
      const peers = Object.entries(benchmark.peers).filter(
        ([, { world }]) => hasPython || world !== 'python',
      );
      for (const row of rows) {
        assert.deepEqual(
          row.peers.map(({ label }) => label),
          peers.map(([label]) => label),
        );
        for (const { median } of [row.ours, ...row.peers.flatMap(({ value, ratio }) => [value, ratio])])
          assert.ok(Number.isFinite(median) && median > 0, `${median} in ${JSON.stringify(row)}`);
      }
    });
  }
});

test('names of benchmarks are not given twice, and targets speak of peers that are there', () => {
  const names = benchmarks.map(({ name }) => name);
  assert.deepEqual(
    names.filter((name, at) => names.indexOf(name) !== at),
    [],
  );
  for (const { name, peers, figures, targets = [] } of benchmarks) {
    for (const { peer, figure } of targets) {
      assert.ok(peer === undefined || peer in peers, `${name} has no peer ${peer ?? ''}`);
      assert.ok(figure === undefined || figure in figures, `${name} has no figure ${figure ?? ''}`);
    }
  }
});
