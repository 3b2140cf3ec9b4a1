/**
 * The wait-for graph: which of the workers that wait can never go on.
 *
 * A wait that certain others must end (a lock's owner, a thread that is joined) is *dead* if one of them can never go on. A
 * wait that any of several can end is dead if none of them can. Most waits are *open*: whoever has the object can end them, or
 * may come by it, or cancel the thread that waits; they are dead only if nobody runs any more and nobody will.
 *
 * Rejected design: *an open wait is dead if all references to its object are handles of workers that can never go on*. It finds
 * more, but who runs may also cancel the thread, have a task run in an idle worker that still has a handle, or both.
 *
 * Which workers can never go on is the greatest set in which each only has waits that are dead by that very set: it begins
 * with all that wait, and whoever can go on is taken out until nobody is. What is left of it holds together in *knots*: sets of
 * workers that wait for each other and for nobody else. Those who wait for one of a knot go on when it is undone.
 *
 * For waits for one owner a knot is a cycle: Coffman et al., "System Deadlocks" (1971); for the others, Holt, "Some Deadlock
 * Properties of Computer Systems" (1972).
 */
import type { Enders } from './enders.js';
import { endersOf, holdersOf } from './enders.js';
import { isMoving, pools } from './pools.js';
import type { Wait, Waiting, Workers } from './workers.js';

/** Workers that wait for each other and for nobody else. */
export interface Knot {
  readonly members: readonly Waiting[];
  /** Whether each waits for certain others: then it is a cycle, and undone when one of them goes on. */
  readonly isCycle: boolean;
}

/** The workers that can never go on, and the knots among them. */
export interface Stuck {
  readonly members: readonly Waiting[];
  readonly knots: readonly Knot[];
}

/** Looks for them. `timers`: how many wait outside, and will start a thread. */
export function findKnots(workers: Workers, timers: number): Stuck {
  const graph = new Graph(workers, timers);
  graph.reduce();
  return { members: graph.members(), knots: graph.knots() };
}

/** Whom a worker in the graph waits for. */
interface Edges {
  readonly to: readonly Waiting[];
  /** Whether each wait is for certain others. */
  readonly owned: boolean;
}

class Graph {
  readonly #stuck: Map<number, Waiting>;
  /** Whether somebody may do anything. */
  #othersRun: boolean;
  readonly #enders = new Map<Wait, Enders | undefined>();
  #holders: ReadonlyMap<number, readonly number[]> = new Map();

  constructor({ waiting, active }: Workers, timers: number) {
    this.#stuck = new Map(waiting);
    this.#othersRun = active > 0 || timers > 0 || [...pools()].some(isMoving);
    const open = new Set<number>();
    for (const { waits } of waiting.values()) {
      for (const wait of waits) {
        const enders = endersOf(wait);
        this.#enders.set(wait, enders);
        if (enders === undefined) open.add(wait.object);
      }
    }
    if (open.size > 0) this.#holders = holdersOf(open, waiting.keys());
  }

  /** Takes out whoever can go on, until nobody can. */
  reduce(): void {
    for (let changed = true; changed;) {
      changed = false;
      for (const { worker, waits } of this.#stuck.values()) {
        if (waits.every((wait) => this.#isDead(wait))) continue;
        this.#stuck.delete(worker);
        this.#othersRun = changed = true;
      }
    }
  }

  #isDead(wait: Wait): boolean {
    const enders = this.#enders.get(wait);
    if (enders !== undefined) {
      return enders.every
        ? enders.workers.some((worker) => this.#stuck.has(worker))
        : enders.workers.every((worker) => this.#stuck.has(worker));
    }
    return !this.#othersRun;
  }

  /** The stuck that wait for something. */
  members(): Waiting[] {
    return [...this.#stuck.values()].filter(({ waits }) => waits.length > 0);
  }

  /**
   * The sets of the stuck that wait for each other and for nobody else. Those that rest are in none; nor are daemons alone,
   * which may wait for work until the program ends.
   */
  knots(): Knot[] {
    const edges = new Map(this.members().map((member) => [member, this.#edgesOf(member)]));
    return sinksOf(edges)
      .map((members) => ({ members, isCycle: members.every((member) => edges.get(member)?.owned === true) }))
      .filter(({ members, isCycle }) => isCycle || !members.every(({ isDaemon }) => isDaemon));
  }

  #edgesOf({ worker, waits }: Waiting): Edges {
    const to = new Set<Waiting>();
    let owned = true;
    for (const wait of waits) {
      const enders = this.#enders.get(wait);
      const workers = enders?.workers ?? this.#holders.get(wait.object) ?? [];
      owned &&= enders?.every === true;
      for (const other of workers) {
        const node = this.#stuck.get(other);
        if (node !== undefined && node.waits.length > 0 && (other !== worker || enders !== undefined))
          to.add(node);
      }
    }
    return { to: [...to], owned };
  }
}

/** The strongly connected components that no edge leaves: Tarjan, "Depth-first search and linear graph algorithms" (1972). */
function sinksOf(edges: ReadonlyMap<Waiting, Edges>): Waiting[][] {
  const numbers = new Map<Waiting, number>();
  const componentOf = new Map<Waiting, Waiting[]>();
  const stack: Waiting[] = [];

  const visit = (node: Waiting): number => {
    const number = numbers.size;
    numbers.set(node, number);
    stack.push(node);
    let low = number;
    for (const next of edges.get(node)?.to ?? []) {
      if (!numbers.has(next)) low = Math.min(low, visit(next));
      else if (!componentOf.has(next)) low = Math.min(low, numbers.get(next) ?? low);
    }
    if (low === number) {
      const component = stack.splice(stack.indexOf(node));
      for (const member of component) componentOf.set(member, component);
    }
    return low;
  };
  for (const node of edges.keys()) if (!numbers.has(node)) visit(node);

  return [...new Set(componentOf.values())].filter((component) =>
    component.every((member) =>
      (edges.get(member)?.to ?? []).every((next) => componentOf.get(next) === component),
    ),
  );
}
