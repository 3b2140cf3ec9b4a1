/** What is said about orders that can hang. */
import { describeSite, titleOfResource } from '../base/describe-report.js';
import type { Report, ReportedHold, ReportedThread } from '../base/report.js';
import { firstSite } from '../base/stack.js';
import { i32 } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import type { Link, Witness } from './order-taking.js';

/** The report of orders of which each waits for the next, and the last for the first. */
export function describeCycle(first: Witness, rest: readonly Witness[]): Report {
  const cycle = [first, ...rest];
  const orders = cycle.map(
    (it) => `${it.threadName} takes ${titleOfResource(it.to)} while it holds ${titleOfResource(it.from)}`,
  );
  return make(
    `locks are taken in opposite orders, which can end in a deadlock: ${orders.join('; ')}`,
    cycle,
    `Take them in one order everywhere: at ${at(first.to)}, take ${titleOfResource(first.to)} before ${titleOfResource(first.from)}, ` +
      `or change the order at ${rest.map((it) => at(it.to)).join(' and ')}`,
  );
}

/** The report of a lock that was taken after one of its class with a higher level. */
export function describeLevels(witness: Witness): Report {
  const { from, to, threadName } = witness;
  return make(
    `${threadName} takes ${titleOfResource(to)}, of order ${String(to.level)}, while it holds ${titleOfResource(from)}, ` +
      `of order ${String(from.level)}`,
    [witness],
    `Take locks of one class in ascending order: ${titleOfResource(to)} first`,
  );
}

function make(summary: string, witnesses: readonly Witness[], advice: string): Report {
  const id = Atomics.add(i32, Header.NEXT_REPORT, 1) + 1;
  return { kind: 'lock-order', id, summary, threads: witnesses.map(describeThread), advice };
}

function describeThread({ thread, threadName, from, to, others }: Witness): ReportedThread {
  return {
    id: thread,
    name: threadName,
    state: 'running',
    waitsFor: { ...describeLink(to), since: 0 },
    holds: [from, ...others].map(describeLink),
    stack: to.stack,
  };
}

function describeLink({ kind, name, serial, stack }: Link): ReportedHold {
  const site = firstSite(stack);
  return { kind, name, id: serial, ...(site !== undefined && { site }) };
}

function at({ stack }: Link): string {
  const site = firstSite(stack);
  return site === undefined ? 'an unknown line' : describeSite(site);
}
