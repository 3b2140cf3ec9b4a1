/**
 * Which locks were taken while others were held, by all threads of the program. Lives in the supervisor.
 *
 * The idea is that of Linux's lockdep: an order that was taken once is remembered, and the first opposite order is
 * found although nothing hung. Departures, since no order is blamed that cannot hang: the orders of a cycle must have been
 * taken by different threads, no two of them under a common lock that keeps them apart (a gate), and locks without a
 * name, or of one class, are told apart as instances.
 *
 * A lock read on both sides of a cycle does not close it, although with a writer waiting in between it could.
 */
import type { Report } from '../base/report.js';
import { Side } from '../park/probe.js';
import { describeCycle, describeLevels } from './order-report.js';
import type { Link, Taking, Witness } from './order-taking.js';

type Node = string | number;

/** Orders that are remembered; beyond, those from the lock that has been known longest are forgotten. */
const MOST_ORDERS = 100_000;
/** Ways in which one order was taken that are remembered. */
const MOST_WITNESSES = 8;
/** The longest cycle that is looked for, and how many orders are looked at for one new order. */
const LONGEST = 10;
const MOST_STEPS = 3000;

const orders = new Map<Node, Map<Node, Witness[]>>();
let count = 0;
const reported = new Set<string>();

/** Remembers the orders of a chain. Returns a report of the first that can hang with others, unless it is known. */
export function learn(taking: Taking): Report | undefined {
  let found: Report | undefined;
  for (const from of taking.held) found ??= learnOrder(from, taking);
  return found;
}

function learnOrder(from: Link, { held, wanted, thread, threadName }: Taking): Report | undefined {
  const others = held.filter((link) => link !== from);
  const witness: Witness = { from, to: wanted, others, thread, threadName };
  const alike = from.lockClass === wanted.lockClass;
  if (alike && from.level !== 0 && wanted.level !== 0 && from.level !== wanted.level) {
    if (from.level < wanted.level) return undefined;
    return once([from, wanted], () => describeLevels(witness));
  }
  if (!remember(witness)) return undefined;
  const rest = cycleWith(witness);
  if (rest === undefined) return undefined;
  return once([from, ...rest.map((it) => it.from)], () => describeCycle(witness, rest));
}

/** A lock with a name stands for its class, but beside another of its class for itself. */
function nodeOf(link: Link, beside: Link): Node {
  return link.named && link.lockClass !== beside.lockClass ? link.lockClass : link.serial;
}

function remember(witness: Witness): boolean {
  const from = nodeOf(witness.from, witness.to);
  const to = nodeOf(witness.to, witness.from);
  let after = orders.get(from);
  if (after === undefined) orders.set(from, (after = new Map<Node, Witness[]>()));
  let known = after.get(to);
  if (known === undefined) {
    after.set(to, (known = []));
    count++;
    while (count > MOST_ORDERS) forgetOldest();
  }
  if (known.length >= MOST_WITNESSES || known.some((it) => covers(it, witness))) return false;
  known.push(witness);
  return true;
}

function forgetOldest(): void {
  for (const [node, after] of orders) {
    orders.delete(node);
    count -= after.size;
    return;
  }
}

/** Whether a witness takes part in every cycle in which the other would. */
function covers(known: Witness, other: Witness): boolean {
  return (
    known.thread === other.thread &&
    known.from.serial === other.from.serial &&
    known.to.serial === other.to.serial &&
    known.from.side <= other.from.side &&
    known.to.side <= other.to.side &&
    known.others.every((gate) => other.others.some((it) => it.serial === gate.serial && it.side <= gate.side))
  );
}

/** The witnesses that close the shortest cycle with a new one, in the order in which each waits for the next. */
function cycleWith(first: Witness): Witness[] | undefined {
  const start = nodeOf(first.to, first.from);
  const goal = nodeOf(first.from, first.to);
  if (!orders.has(start)) return undefined;
  let steps = MOST_STEPS;
  const search = (
    path: readonly Witness[],
    last: Witness,
    node: Node,
    left: number,
  ): Witness[] | undefined => {
    for (const [next, witnesses] of orders.get(node) ?? []) {
      if (steps-- <= 0) return undefined;
      if ((next === goal) !== (left === 1)) continue;
      for (const witness of witnesses) {
        if (!canMeet(last, witness) || !canHang(first, witness)) continue;
        if (!path.every((it) => canHang(it, witness))) continue;
        const longer = [...path, witness];
        if (left > 1) {
          const found = search(longer, witness, next, left - 1);
          if (found !== undefined) return found;
        } else if (canMeet(witness, first)) return longer;
      }
    }
    return undefined;
  };
  for (let length = 1; length < LONGEST && steps > 0; length++) {
    const found = search([], first, start, length);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether two witnesses can hang at one time: in different threads, with no lock that keeps them apart. */
function canHang(one: Witness, other: Witness): boolean {
  return one.thread !== other.thread && !areApart(holdsOf(one), holdsOf(other));
}

/** Whether waiting for `waiting.to` can be waiting for the one who holds `holding.from`. */
function canMeet(waiting: Witness, holding: Witness): boolean {
  return waiting.to.side !== Side.READ || holding.from.side !== Side.READ;
}

function holdsOf(witness: Witness): readonly Link[] {
  return [witness.from, ...witness.others];
}

/** Whether two threads cannot hold all of these at one time. */
function areApart(some: readonly Link[], others: readonly Link[]): boolean {
  return some.some((one) =>
    others.some((two) => one.serial === two.serial && (one.side !== Side.READ || two.side !== Side.READ)),
  );
}

/** Makes a report of locks unless there was one of their classes. */
function once(locks: readonly Link[], describe: () => Report): Report | undefined {
  const key = locks
    .map((link) => link.lockClass)
    .sort()
    .join('\n');
  if (reported.has(key)) return undefined;
  reported.add(key);
  return describe();
}
