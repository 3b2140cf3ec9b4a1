import type { Report } from '../base/report.js';
import { graphOf, linesOf, type Node } from './wait-graph.js';

const BOX = { width: 220, height: 40 } as const;
/** Characters that a box has room for, and text beside an edge. */
const MOST = 28;
const MARGIN = 24;
const STYLE =
  '.box{fill:#fff;stroke:#334155;stroke-width:1.5}.res{fill:#fef3c7}.edge{stroke:#b91c1c;stroke-width:1.5;fill:none}' +
  '.held{stroke:#1d4ed8;stroke-dasharray:5 3}text{font:13px system-ui,sans-serif;fill:#111;text-anchor:middle}' +
  '.label{font-size:11px;fill:#334155}svg{background:#fff}' +
  '@media (prefers-color-scheme:dark){svg{background:#111827}.box{fill:#1f2937;stroke:#94a3b8}.res{fill:#422006}' +
  '.edge{stroke:#f87171}.held{stroke:#60a5fa}text{fill:#f3f4f6}.label{fill:#cbd5e1}}';

interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Draws who waits for whom in a report as a picture in SVG: all in a ring, a cycle as a circle. Lines lead from threads
 * to what they wait for, dashed ones from that to who holds it. The text is self-contained, has no script, and takes
 * light or dark colours as its reader prefers. It does not block, and orders nothing.
 *
 * @example
 * ```ts
 * import { onReport } from 'heddle';
 * import { drawReportAsSvg } from 'heddle/trace';
 *
 * using reports = onReport((report) => console.log(drawReportAsSvg(report)));
 * ```
 */
export function drawReportAsSvg(report: Report): string {
  const nodes = [...new Set(linesOf(graphOf(report)).flatMap((line) => line.nodes))];
  const radius = nodes.length < 2 ? 0 : Math.max(110, nodes.length * 38);
  const width = 2 * (1.5 * radius + BOX.width / 2 + MARGIN);
  const height = 2 * (radius + BOX.height / 2 + MARGIN);
  const places = new Map(
    nodes.map((node, index) => {
      const angle = (2 * Math.PI * index) / nodes.length - Math.PI / 2;
      return [
        node,
        { x: width / 2 + 1.5 * radius * Math.cos(angle), y: height / 2 + radius * Math.sin(angle) },
      ];
    }),
  );
  const placeOf = (node: Node): Point => places.get(node) ?? { x: 0, y: 0 };
  const edges = nodes.flatMap((node) =>
    node.edges.map(({ to, text }) => drawEdge(placeOf(node), placeOf(to), text)),
  );
  const size = `${round(width)} ${round(height)}`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size}" width="${round(width)}" height="${round(height)}" role="img">` +
    `<title>${escape(report.summary)}</title><style>${STYLE}</style>` +
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">' +
    '<path d="M0 0L8 4L0 8z" fill="#64748b"/></marker></defs>' +
    `${edges.join('')}${nodes.map((node) => drawNode(node, placeOf(node))).join('')}</svg>`
  );
}

function drawNode({ title, isThread }: Node, { x, y }: Point): string {
  const corner = isThread ? BOX.height / 2 : 4;
  return (
    `<rect class="box${isThread ? '' : ' res'}" x="${round(x - BOX.width / 2)}" y="${round(y - BOX.height / 2)}" ` +
    `width="${String(BOX.width)}" height="${String(BOX.height)}" rx="${String(corner)}"/>` +
    `<text x="${round(x)}" y="${round(y + 4)}">${escape(title)}</text>`
  );
}

/** An edge that bends a little outward, so that two between the same nodes do not cover each other. */
function drawEdge(from: Point, to: Point, text: string): string {
  const bend = {
    x: (from.x + to.x) / 2 - (to.y - from.y) / 10,
    y: (from.y + to.y) / 2 + (to.x - from.x) / 10,
  };
  const start = border(from, bend);
  const end = border(to, bend);
  return (
    `<path class="edge${text.startsWith('held') ? ' held' : ''}" marker-end="url(#tip)" ` +
    `d="M${round(start.x)} ${round(start.y)}Q${round(bend.x)} ${round(bend.y)} ${round(end.x)} ${round(end.y)}"/>` +
    `<text class="label" x="${round(bend.x)}" y="${round(bend.y - 4)}">${escape(text)}</text>`
  );
}

/** Where the line from a box's middle to a point leaves the box. */
function border(middle: Point, to: Point): Point {
  const x = to.x - middle.x;
  const y = to.y - middle.y;
  const share = Math.min(
    BOX.width / 2 / Math.max(Math.abs(x), 1),
    BOX.height / 2 / Math.max(Math.abs(y), 1),
    1,
  );
  return { x: middle.x + x * share, y: middle.y + y * share };
}

function round(value: number): string {
  return value.toFixed(0);
}

function escape(text: string): string {
  const short =
    Array.from(text).length > 2 * MOST
      ? `${Array.from(text)
          .slice(0, 2 * MOST)
          .join('')}…`
      : text;
  const signs: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return short.replace(/\p{Cc}/gu, ' ').replace(/[&<>"]/g, (sign) => signs[sign] ?? sign);
}
