/** What a knot is to people: a report. */
import { userFrames } from '../base/site.js';
import type { Report, ReportedHold, ReportedThread, ReportedWait } from '../base/report.js';
import { firstSite } from '../base/stack.js';
import { i32 } from '../memory/heap.js';
import { handlesOf } from '../memory/handles.js';
import { Header } from '../memory/layout.js';
import { kindAt, KindId, titleOf } from '../memory/object.js';
import type { Account } from '../park/inquiry.js';
import { infoOf } from '../park/thread-info.js';
import { sharedNow } from '../platform/clock.js';
import { lastInVain } from '../sync/condition.js';
import { resourceOf } from '../sync/self-deadlock.js';
import { endersOf } from './enders.js';
import type { Knot } from './wait-graph.js';
import type { Wait, Waiting } from './workers.js';

/** The report of a knot, from what its members have said of themselves. */
export function tellOf(knot: Knot, accounts: ReadonlyMap<number, Account>): Report {
  const threads = knot.members.map((member) => threadOf(member, accounts.get(member.worker)));
  return {
    kind: 'deadlock',
    id: Atomics.add(i32, Header.NEXT_REPORT, 1) + 1,
    summary: summaryOf(knot, threads),
    threads,
    advice: adviceFor(knot, threads),
  };
}

/** A thread, what it waits for and holds. */
export function threadOf(
  member: Pick<Waiting, 'worker' | 'tid' | 'thread' | 'blocked' | 'waits'>,
  account: Account | undefined,
): ReportedThread {
  const { id, name } = infoOf(member.thread);
  const [first, ...others] = member.waits
    .filter(({ waiter }) => waiter !== 0)
    .map((wait) => waitOf(wait, member.blocked ? account?.stack : account?.awaits[String(wait.waiter)]));
  const stack = member.blocked ? account?.stack : undefined;
  return {
    id,
    name,
    state: member.blocked ? 'blocked' : 'awaiting',
    ...(first !== undefined && { waitsFor: first }),
    ...(others.length > 0 && { alsoWaitsFor: others }),
    holds: holdsOf(member, account),
    ...(stack !== undefined && { stack: userFrames(stack).join('\n') }),
  };
}

function waitOf({ object, since }: Wait, stack: string | undefined): ReportedWait {
  const site = stack === undefined ? undefined : firstSite(stack);
  return {
    ...resourceOf(object),
    since: Math.max(0, sharedNow() - since),
    ...(site !== undefined && { site }),
  };
}

/** What a worker's thread holds. The worker is asleep, so its table stays as it is. */
function holdsOf(
  { worker, tid }: Pick<Waiting, 'worker' | 'tid'>,
  account: Account | undefined,
): ReportedHold[] {
  const held: ReportedHold[] = [];
  for (const { address, entry } of handlesOf(worker)) {
    const kind = kindAt(address);
    if (kind?.heldBy?.(address, tid, entry) !== true) continue;
    const site = firstSite(account?.holds[String(address)] ?? '');
    held.push({ ...resourceOf(address), ...(site !== undefined && { site }) });
  }
  return held;
}

function summaryOf({ members, isCycle }: Knot, threads: readonly ReportedThread[]): string {
  const names = threads.map(({ name }) => JSON.stringify(name));
  const who = names.length === 1 ? `thread ${names[0] ?? ''} waits` : `threads ${listed(names)} wait`;
  if (isCycle && members.length === 1) return `${who} for itself, which never ends`;
  if (isCycle) return `deadlock: ${who} for each other in a circle, which never ends`;
  const things = [...new Set(members.flatMap(({ waits }) => waits.map(({ object }) => titleOf(object))))];
  return `deadlock: ${who} for ${listed(things)}, and no thread that could end that can run any more`;
}

function listed(names: readonly string[]): string {
  if (names.length > 6) return `${names.slice(0, 5).join(', ')} and ${String(names.length - 5)} more`;
  const last = names[names.length - 1] ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

const SHUT_DOWN =
  'Call shutdown() on a queue when its last producer has ended, so that its consumers end too';
const RELEASE = 'Release each permit in the thread that took it, with "using", also when it throws';

const ADVICE: Readonly<Partial<Record<number, string>>> = {
  [KindId.QUEUE]: `${SHUT_DOWN}; give queues that threads fill for each other more capacity`,
  [KindId.LIFO_QUEUE]: SHUT_DOWN,
  [KindId.PRIORITY_QUEUE]: SHUT_DOWN,
  [KindId.SEMAPHORE]: `${RELEASE}; take several permits in one acquire`,
  [KindId.BOUNDED_SEMAPHORE]: RELEASE,
  [KindId.CONDITION]:
    'Wait with waitFor(predicate), and notify after each change, while holding the lock: a notification that finds nobody waiting is gone',
  [KindId.EVENT]: 'Set the event on every way on which the thread that should set it can end',
  [KindId.BARRIER]:
    'Give the barrier as many parties as threads come to it, or call abort() when one of them fails',
  [KindId.LATCH]: 'Count the latch down on every way on which a thread can end, with try and finally',
};

function adviceFor({ members, isCycle }: Knot, threads: readonly ReportedThread[]): string {
  if (isCycle && members.length > 1) {
    const kinds = members.flatMap(({ waits }) => waits.map(({ object }) => kindAt(object)?.id));
    if (kinds.every((id) => id === KindId.THREAD || id === KindId.FUTURE))
      return 'Let only one of them wait for the other';
    if (kinds.includes(KindId.THREAD)) return 'Release what a thread needs before you join it';
    const sites = i32[Header.SITES] === 1 ? '' : '. Run with HEDDLE_SITES=1 to see where each was taken';
    return `Take them in the same order in every thread: ${orderOf(threads)}${sites}`;
  }
  const told = members.flatMap(({ waits }) =>
    waits.filter((wait) => endersOf(wait) === undefined).map(({ object }) => ADVICE[kindAt(object)?.id ?? 0]),
  );
  const [advice] = told.filter((text) => text !== undefined);
  const lost = members.flatMap(({ waits }) => waits.map(({ object }) => lostNotification(object)));
  if (advice !== undefined) return [advice, ...lost.filter((text) => text !== undefined)].join('. ');
  return 'Release what the others need before you wait, or wait with a timeout';
}

/** Who notified a condition last when nobody waited for it. */
function lostNotification(object: number): string | undefined {
  if (kindAt(object)?.id !== KindId.CONDITION) return undefined;
  const last = lastInVain(object);
  if (last === undefined) return undefined;
  const ago = Math.round(sharedNow() - last.at);
  return `The last notify of ${titleOf(object)} came ${String(ago)} ms ago from thread ${String(last.thread)}, and found nobody waiting`;
}

function orderOf(threads: readonly ReportedThread[]): string {
  const names = threads.flatMap(({ waitsFor }) => (waitsFor === undefined ? [] : [waitsFor]));
  return listed(names.map(({ kind, name }) => `${kind} ${JSON.stringify(name)}`).sort());
}
