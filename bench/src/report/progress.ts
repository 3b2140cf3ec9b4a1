import cliProgress from 'cli-progress';
import type { Listener } from '../harness/measure.js';
import { format } from './format.js';

/** Shows how far the run is, on standard error: a bar on a terminal, else a line for each figure. */
export function showProgress(runs: number): Listener & { stop(): void } {
  const isTerminal = process.stderr.isTTY;
  const bar = new cliProgress.SingleBar({
    format: '{bar} {percentage} %, {eta_formatted} left: {benchmark}, {label}',
    barsize: 20,
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  });
  let begun = 0;
  if (isTerminal) bar.start(runs, 0, { benchmark: '', label: '' });
  return {
    onRun: (benchmark, label) => {
      bar.update(begun++, { benchmark: benchmark.name, label });
    },
    onFailure: ({ name }, error) => {
      console.error(`heddle: ${name} failed: ${error instanceof Error ? error.message : String(error)}`);
    },
    onRows: (rows) => {
      if (isTerminal) return;
      for (const { title, ours, kind } of rows)
        console.error(`heddle: ${title}: ${format(ours.median, kind.unit)}`);
    },
    stop: () => bar.stop(),
  };
}
