/** Whose waits end, so that a deadlock is undone. */
import type { Knot } from './wait-graph.js';
import type { Waiting } from './workers.js';

/** In a cycle the one that began to wait last: it has closed the cycle. In another knot all. */
export function victimsOf({ members, isCycle }: Knot): Waiting[] {
  const able = members.filter(({ waits }) => waits.some(({ cancellable }) => cancellable));
  const [first, ...others] = able;
  return isCycle && first !== undefined ? [others.reduce(later, first)] : able;
}

function later(one: Waiting, other: Waiting): Waiting {
  return beganLast(other) > beganLast(one) ? other : one;
}

function beganLast({ waits }: Waiting): number {
  return Math.max(...waits.map(({ since }) => since));
}
