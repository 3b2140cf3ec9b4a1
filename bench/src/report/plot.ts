import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Row } from '../harness/results.js';

/** Colours by what a peer is made of; they can be told apart without seeing red or green. */
const COLOURS: readonly (readonly [labels: RegExp, colour: string])[] = [
  [/^Atomics$/, '#4b5563'],
  [/^swap/, '#a1a1aa'],
  [/^CPython$/, '#2563eb'],
  [/^SimpleQueue$/, '#7db0f5'],
  [/^(ThreadPoolExecutor|ProcessPoolExecutor|multiprocessing)$/, '#2563eb'],
  [/^(ports|Worker|an empty module)$/, '#d97706'],
  [/^piscina/, '#6d28d9'],
  [/^tinypool/, '#a78bfa'],
  [/^workerpool/, '#0e7490'],
  [/^poolifier/, '#111827'],
  [/^multithreading/, '#db2777'],
  [/./, '#0d9488'],
];

const WIDTH = 860;
const LABELS = 330;
const ROW = 24;
/** Above the plot: the legend, of so many lines. Below it: the axis. */
const MARGINS = { top: 26, bottom: 44 };
const LEGEND_LINE = 18;
const FONT = 'font-family="Helvetica, Arial, sans-serif" font-size="12"';

/**
 * A plot of ratios as SVG: a line of the plot for each row, a dot for each peer, a stroke for its spread. It has a
 * white ground of its own, so that it can be read on any page.
 */
export function renderPlot(rows: readonly Row[]): string {
  const points = rows.flatMap(({ title, peers }) =>
    peers.map(({ label, ratio }) => ({ title, label, ...ratio, colour: colourOf(label) })),
  );
  const labels = [...new Set(points.map(({ label }) => label))];
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const lines = legendLines(labels);
  const top = MARGINS.top + LEGEND_LINE * lines.length;
  const height = top + MARGINS.bottom + ROW * rows.length;
  const plot = Plot.plot({
    document,
    width: WIDTH,
    height,
    marginLeft: LABELS,
    marginRight: 24,
    marginTop: top,
    marginBottom: MARGINS.bottom,
    style: { fontFamily: 'Helvetica, Arial, sans-serif', fontSize: '12px', color: '#1f2937' },
    x: {
      type: 'log',
      domain: domainOf(points),
      grid: true,
      ticks: 6,
      tickFormat: (value: number) => `${value}`,
      label: 'ratio: right of 1, heddle is ahead of the peer',
      labelAnchor: 'center',
      labelArrow: 'none',
    },
    y: { domain: rows.map(({ title }) => title), label: null, tickSize: 0 },
    marks: [
      Plot.ruleX([1], { stroke: '#111827' }),
      Plot.link(points, {
        x1: 'min',
        x2: 'max',
        y1: 'title',
        y2: 'title',
        stroke: 'colour',
        strokeWidth: 2,
        strokeOpacity: 0.4,
      }),
      Plot.dot(points, { x: 'median', y: 'title', fill: 'colour', r: 4.5, stroke: 'white' }),
    ],
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">` +
    `<rect width="100%" height="100%" rx="6" fill="white"/>${legend(lines)}${plot.outerHTML}</svg>\n`
  );
}

function colourOf(label: string): string {
  return COLOURS.find(([labels]) => labels.test(label))?.[1] ?? '#000000';
}

/** From the least to the greatest, and 1 in any case, with some air. */
function domainOf(points: readonly { min: number; max: number }[]): [number, number] {
  const values = points.flatMap(({ min, max }) => [min, max]);
  return [Math.min(0.7, ...values) / 1.15, Math.max(1.5, ...values) * 1.15];
}

/** The room that an entry of the legend takes. */
function widthOf(label: string): number {
  return 34 + 7 * label.length;
}

/** The labels in lines that are not wider than the plot. */
function legendLines(labels: readonly string[]): string[][] {
  const lines: string[][] = [[]];
  let at = LABELS;
  for (const label of labels) {
    if (at > LABELS && at + widthOf(label) > WIDTH) {
      lines.push([]);
      at = LABELS;
    }
    lines.at(-1)?.push(label);
    at += widthOf(label);
  }
  return lines;
}

function legend(lines: readonly (readonly string[])[]): string {
  const entries = lines.flatMap((labels, line) => {
    let at = LABELS;
    const y = LEGEND_LINE * (line + 1);
    return labels.map((label) => {
      const entry =
        `<circle cx="${at}" cy="${y}" r="4.5" fill="${colourOf(label)}"/>` +
        `<text x="${at + 10}" y="${y + 4}" fill="#1f2937">${label}</text>`;
      at += widthOf(label);
      return entry;
    });
  });
  return `<g ${FONT}>${entries.join('')}</g>`;
}
