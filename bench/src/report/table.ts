import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { Results, Row, TargetResult } from '../harness/results.js';
import { format, formatSpread, threeDigits } from './format.js';

const LEGEND = [
  'ratio: how many times as fast as the peer heddle is, or as small; above 1, heddle is ahead.',
  'Medians over the rounds; spread: the least and the greatest ratio of a round.',
].join('\n');

/** The results as a table for a terminal. */
export function renderTable({ rows }: Results): string {
  const head = ['', 'heddle', 'peer', '', 'ratio', 'spread', 'target', 'measured'];
  const table = new Table({
    head: head.map((text) => styleText('bold', text, { stream: process.stdout })),
    colAligns: ['left', 'right', 'left', 'right', 'right', 'right', 'left', 'right'],
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 2 },
    chars: NO_LINES,
  });
  for (const row of rows) table.push(...linesOf(row));
  return `${table.toString()}\n\n${LEGEND}`;
}

const NO_LINES = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid']
    .flatMap((place) => [place, `${place}-mid`, `${place}-left`, `${place}-right`])
    .concat('middle')
    .map((place) => [place, '']),
);

function linesOf({ title, kind, ours, peers, targets }: Row): string[][] {
  const lines = peers.map(({ label, value, ratio }) => [
    label,
    format(value.median, kind.unit),
    threeDigits(ratio.median),
    formatSpread(ratio),
  ]);
  const height = Math.max(lines.length, targets.length, 1);
  return Array.from({ length: height }, (_, at) => [
    at === 0 ? title : '',
    at === 0 ? format(ours.median, kind.unit) : '',
    ...(lines[at] ?? ['', '', '', '']),
    ...targetCells(targets[at]),
  ]);
}

function targetCells(target: TargetResult | undefined): [string, string] {
  if (target === undefined) return ['', ''];
  const { text, measured, unit, isMet } = target;
  const verdict = styleText(isMet ? 'green' : 'red', isMet ? 'met' : 'NOT MET', { stream: process.stdout });
  return [text, `${format(measured.median, unit)} ${verdict}`];
}
