import type { Results, Row } from '../harness/results.js';
import { format, formatSpread, threeDigits } from './format.js';

/** Where and how it was measured, as a list. */
export function machineList({ machine, plan }: Results): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const { rounds, effort } = plan;
  return [
    `- ${machine.processor}, ${machine.cores} cores, ${machine.memory} GiB; ${machine.system}; load before the run ${machine.load}`,
    `- ${versions.join(', ')}`,
    `- ${machine.date.slice(0, 10)}, commit ${machine.revision}`,
    `- ${rounds} rounds, each with a fresh process of every program; in it ${effort.samples} samples of at least ${effort.sample} ms`,
  ].join('\n');
}

/** Figures beside those of each peer. */
export function resultTable(rows: readonly Row[]): string {
  return table(
    ['', 'heddle', 'peer', '', 'ratio', 'spread'],
    '-r-rrr',
    rows.flatMap(({ title, kind, ours, peers }) =>
      peers.map(({ label, value, ratio }, at) => [
        at === 0 ? title : '',
        at === 0 ? format(ours.median, kind.unit) : '',
        label,
        format(value.median, kind.unit),
        threeDigits(ratio.median),
        formatSpread(ratio),
      ]),
    ),
  );
}

/** What was promised, and whether it holds. */
export function targetTable(rows: readonly Row[]): string {
  return table(
    ['', 'target', 'measured', 'least – greatest', 'met'],
    '--rr-',
    rows.flatMap(({ title, targets }) =>
      targets.map(({ text, unit, measured, isMet }) => [
        title,
        text,
        format(measured.median, unit),
        `${format(measured.min, unit)} – ${format(measured.max, unit)}`,
        isMet ? 'yes' : '**no**',
      ]),
    ),
  );
}

/** @param align a letter for each column: `r` for right */
function table(head: readonly string[], align: string, lines: readonly (readonly string[])[]): string {
  const rule = Array.from(align, (letter) => (letter === 'r' ? '--:' : '---'));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
