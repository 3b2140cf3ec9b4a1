import { Presets, SingleBar } from 'cli-progress';

/**
 * Shows a progress bar until it is disposed of, if the program runs in a terminal. `done` is asked now and then how far
 * things are, out of `total`.
 */
export function showProgress(label: string, total: number, done: () => number): Disposable {
  const { stderr } = process;
  const barsize = Math.min(40, (stderr.columns || 80) - label.length - 8);
  if (!stderr.isTTY || barsize < 5) return { [Symbol.dispose]: () => undefined };

  // The bar must not change how the terminal wraps lines: Ctrl-C would leave it so.
  const options = { format: `${label} {bar} {percentage}%`, barsize, linewrap: true, clearOnComplete: true };
  const bar = new SingleBar(options, Presets.shades_classic);
  bar.start(total, 0);
  const timer = setInterval(() => bar.update(Math.min(done(), total)), 50);
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      bar.stop();
    },
  };
}
