/** `npm run bench`: chooses benchmarks, measures them, reports. */
import { readFileSync, writeFileSync } from 'node:fs';
import { benchmarks } from './benchmarks/index.js';
import type { Benchmark } from './harness/benchmark.js';
import { describeMachine } from './harness/machine.js';
import { countRuns, measure } from './harness/measure.js';
import { PYTHON } from './harness/python.js';
import type { Results } from './harness/results.js';
import { runApart } from './harness/run-apart.js';
import { runHere } from './harness/run-here.js';
import { type Options, readOptions, UsageError } from './options.js';
import { showProgress } from './report/progress.js';
import { renderTable } from './report/table.js';

try {
  const options = readOptions(process.argv.slice(2));
  if (typeof options === 'string') console.log(options);
  else await run(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`heddle: ${error.message}; npm run bench -- --help lists the options`);
  process.exitCode = 2;
}

async function run(options: Options): Promise<void> {
  if (options.list) {
    for (const { name, title } of chosen(options)) console.log(`${name.padEnd(32)} ${title}`);
    return;
  }
  const results =
    options.from === undefined
      ? await measureAll(options)
      : (JSON.parse(readFileSync(options.from, 'utf8')) as Results);
  if (options.isSmoke) console.log(`${results.rows.length} figures of ${chosen(options).length} benchmarks`);
  else console.log(renderTable(results));
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results)}\n`);
  if (options.docs !== undefined) {
    // Loaded when needed: drawing and laying out take longer to load than all the rest.
    const { DOCUMENTS, writeDocument } = await import('./report/document.js');
    await writeDocument(results, options.docs || DOCUMENTS);
  }
  if (results.failed.length > 0) {
    console.error(`heddle: failed: ${results.failed.join(', ')}`);
    process.exitCode = 1;
  }
}

async function measureAll(options: Options): Promise<Results> {
  const some = chosen(options);
  const machine = describeMachine();
  if (machine.load > machine.cores / 4)
    console.error(`heddle: this machine is busy (load ${machine.load}): figures will spread`);
  const hasPython = machine.versions['CPython'] !== undefined;
  if (!hasPython) console.error(`heddle: there is no ${PYTHON}, so nothing is compared with CPython`);
  const runner = { run: options.isSmoke ? runHere : runApart, hasPython };
  const progress = showProgress(countRuns(some, options.plan, runner));
  try {
    return { machine, ...(await measure(some, options.plan, runner, progress)) };
  } finally {
    progress.stop();
  }
}

/** @throws UsageError if there is none */
function chosen({ filters }: Options): readonly Benchmark[] {
  const some = benchmarks.filter(
    ({ name }) => filters.length === 0 || filters.some((part) => name.includes(part)),
  );
  if (some.length === 0)
    throw new UsageError(`no benchmark matches ${filters.join(', ')}; --list prints their names`);
  return some;
}
