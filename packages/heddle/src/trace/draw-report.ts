import type { Report } from '../base/report.js';
import type { Line } from './wait-graph.js';
import { graphOf, linesOf } from './wait-graph.js';

/** Columns of the widest line. */
const WIDTH = 100;

/**
 * Draws who waits for whom in a report, for a terminal of 100 columns: threads, what they wait for, and who holds that.
 * A cycle closes at the left. It does not block, and orders nothing.
 *
 * @returns lines that end in a line feed each; nothing if no thread waits
 * @example
 * ```ts
 * import { onReport } from 'heddle';
 * import { drawReport } from 'heddle/trace';
 *
 * using reports = onReport((report) => console.error(drawReport(report)));
 * ```
 */
export function drawReport(report: Report): string {
  const lines = linesOf(graphOf(report)).filter(({ edges }) => edges.length > 0);
  return lines.map((line) => drawLine(line)).join('\n');
}

function drawLine({ nodes, edges }: Line): string {
  const last = edges[nodes.length - 1];
  const back = last === undefined ? -1 : nodes.indexOf(last.to);
  const rows = nodes.flatMap((node, index) => {
    const inLoop = back !== -1 && index >= back;
    const margin = inLoop ? (index === back ? '╭─▶ ' : '│   ') : '    ';
    const below = inLoop ? '│   ' : '    ';
    const edge = edges[index];
    if (edge === undefined) return [margin + node.title];
    const drawn = [margin + node.title, `${below}  │ ${edge.text}`];
    if (index < nodes.length - 1) return [...drawn, `${below}  ▼`];
    if (inLoop) return [...drawn, '╰─────╯'];
    return [...drawn, `${below}  ▼`, `${below}${edge.to.title}, as above`];
  });
  return rows.map((row) => `${row.length > WIDTH ? `${row.slice(0, WIDTH - 1)}…` : row}\n`).join('');
}
