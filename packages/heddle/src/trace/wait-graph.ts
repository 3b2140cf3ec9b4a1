/** The wait-for graph of a report: who waits for what, and who holds that. */
import { describeSite, titleOfResource, titleOfThread } from '../base/describe-report.js';
import type { Report, ReportedHold } from '../base/report.js';

/** A thread or something that is waited for. */
export interface Node {
  readonly title: string;
  readonly isThread: boolean;
  readonly edges: Edge[];
}

/** From a thread to what it waits for, or from that to a thread that holds it. */
interface Edge {
  readonly to: Node;
  readonly text: string;
}

/** The nodes of a report, threads first; what nobody waits for is left out. */
export function graphOf({ threads }: Report): Node[] {
  const nodes = new Map<string, Node>();
  const nodeFor = (key: string, title: string, isThread: boolean): Node => {
    const node = nodes.get(key) ?? { title, isThread, edges: [] };
    nodes.set(key, node);
    return node;
  };
  for (const thread of threads) nodeFor(`thread ${String(thread.id)}`, titleOfThread(thread), true);
  for (const { id, waitsFor, alsoWaitsFor = [] } of threads) {
    for (const wait of [...(waitsFor === undefined ? [] : [waitsFor]), ...alsoWaitsFor]) {
      // A join waits for a thread, which is there already if the report tells of it.
      const joined =
        wait.kind === 'Thread' && wait.id !== undefined ? `thread ${String(wait.id)}` : keyOf(wait);
      const to = nodeFor(joined, titleOfResource(wait), wait.kind === 'Thread');
      const text = wait.site === undefined ? 'waits for' : `waits for, at ${describeSite(wait.site)}`;
      nodeFor(`thread ${String(id)}`, '', true).edges.push({ to, text });
    }
  }
  for (const { id, holds } of threads) {
    for (const hold of holds) {
      const text = hold.site === undefined ? 'held by' : `held by, since ${describeSite(hold.site)}`;
      nodes.get(keyOf(hold))?.edges.push({ to: nodeFor(`thread ${String(id)}`, '', true), text });
    }
  }
  return [...nodes.values()];
}

function keyOf({ kind, name, id }: ReportedHold): string {
  return JSON.stringify(id === undefined ? [kind, name] : [kind, id]);
}

/** The nodes in lines, each along the edges: from where a line ends, an edge may lead back, to where is told. */
export interface Line {
  readonly nodes: readonly Node[];
  /** The edges between them; one more than needed if the last leads to a node that is in a line already. */
  readonly edges: readonly Edge[];
}

/** Every node and every edge once. */
export function linesOf(nodes: readonly Node[]): Line[] {
  const seen = new Set<Node>();
  const done = new Set<Edge>();
  const lines: Line[] = [];
  const follow = (start: Node): void => {
    const line = { nodes: [start], edges: [] as Edge[] };
    seen.add(start);
    for (let node = start; ;) {
      const edge: Edge | undefined = node.edges.find((one) => !done.has(one));
      if (edge === undefined) break;
      done.add(edge);
      line.edges.push(edge);
      if (seen.has(edge.to)) break;
      node = edge.to;
      seen.add(node);
      line.nodes.push(node);
    }
    lines.push(line);
  };
  for (const node of nodes) {
    if (!seen.has(node)) follow(node);
    while (node.edges.some((edge) => !done.has(edge))) follow(node);
  }
  // What lines lead to may have more edges than the one that was followed.
  for (const node of nodes) while (node.edges.some((edge) => !done.has(edge))) follow(node);
  return lines;
}
