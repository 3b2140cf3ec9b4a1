/** Every benchmark's programs work; those of pools are in pools.test.ts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { benchmarks } from '../src/benchmarks/index.js';
import { poolBenchmarks } from '../src/benchmarks/pool.js';
import { runHere } from '../src/harness/run-here.js';
import { works } from './fixtures/works.js';

describe('the programs of', () => {
  for (const benchmark of benchmarks.filter((one) => !poolBenchmarks.includes(one)))
    test(benchmark.name, () => works(benchmark, runHere));
});

test('names of benchmarks are not given twice, and targets speak of peers that are there', () => {
  const names = benchmarks.map(({ name }) => name);
  assert.deepEqual(
    names.filter((name, at) => names.indexOf(name) !== at),
    [],
  );
  for (const { name, peers, figures, targets = [] } of benchmarks) {
    for (const { peer, figure } of targets) {
      const labels = typeof peer === 'object' ? peer.labels : peer === undefined ? [] : [peer];
      for (const label of labels) assert.ok(label in peers, `${name} has no peer ${label}`);
      assert.ok(figure === undefined || figure in figures, `${name} has no figure ${figure ?? ''}`);
    }
  }
});
