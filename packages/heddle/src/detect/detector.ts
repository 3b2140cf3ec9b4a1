/**
 * The detector of deadlocks. It runs in the supervisor, which never blocks, and looks when somebody suspects
 * (park/suspicion.ts).
 *
 * 1. It looks at all workers and finds the knots (wait-graph.ts).
 * 2. It asks the members, and all others that can never go on, whether they still wait (questions.ts).
 * 3. It looks again. Only a knot whose members are in the same waits as before is one: whoever could have ended a wait has
 *    been asleep all the time between.
 * 4. It reports, and ends waits by a DeadlockError: in a cycle that of who closed it, since the others go on then; in another
 *    knot those of all its members.
 */
import type { Report } from '../base/report.js';
import { i32 } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import { freePayload, writePayload } from '../memory/payload.js';
import { Rec } from '../memory/records.js';
import { ring } from '../park/doorbell.js';
import type { Account, Verdict } from '../park/inquiry.js';
import { unpark } from '../park/parker.js';
import { suspect } from '../park/suspicion.js';
import { now } from '../platform/clock.js';
import { emitReport } from '../thread/reports.js';
import { whenNobodyDies } from '../thread/supervisor.js';
import { answered, ask } from './questions.js';
import { tellOf } from './telling.js';
import { victimsOf } from './victims.js';
import type { Knot, Stuck } from './wait-graph.js';
import { findKnots } from './wait-graph.js';
import type { Waiting } from './workers.js';
import { isSame, lookAtWorkers, whileItHolds } from './workers.js';

/** Milliseconds after which something that was suspected and could not be made sure is looked at again, at first and at last. */
const SOON = 100;
const LATE = 5000;
/** Milliseconds between two looks: so many times what the last one took of this thread's time, within bounds. */
const TIMES = 100;
const SHORTEST = 5;
const LONGEST = 200;

/** Values of Header.DEADLOCK beside 0. */
const ONLY_REPORT = 1;
const OFF = 2;

/** What the last look took, in milliseconds. */
let took = 0;

/** Looks for deadlocks for as long as the program runs. */
export async function watch(): Promise<never> {
  let seen = 0;
  let later = SOON / 2;
  for (;;) {
    const outcome = Atomics.waitAsync(i32, Header.SUSPICIONS, seen);
    if (outcome.async) await outcome.value;
    seen = Atomics.load(i32, Header.SUSPICIONS);
    const isOn = i32[Header.DEADLOCK] !== OFF && i32[Header.CLOSING] === 0;
    later = isOn && (await look()) ? Math.min(2 * later, LATE) : SOON / 2;
    if (later >= SOON) setTimeout(suspect, later);
    await pause(Math.min(Math.max(SHORTEST, took * TIMES), LONGEST));
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/** Looks, asks and looks again. True if something was suspected that could not be made sure. */
async function look(): Promise<boolean> {
  const began = now();
  const before = stuckNow();
  took = now() - began;
  if (before === undefined) return true;
  if (before.knots.every(isReported)) return false;
  const members = new Map(before.members.map((member) => [member.worker, member]));
  const accounts = await accountsOf(before.members, false);
  const after = stuckNow(
    (member) => accounts.get(member.worker)?.still === true && isSame(member, members.get(member.worker)),
  );
  const [knot, ...others] = after?.knots.filter((one) => !isReported(one)) ?? [];
  if (knot === undefined) return true;
  await judge(knot);
  // What its threads do now may undo the others.
  if (others.length > 0) suspect();
  return false;
}

/** What workers say of themselves. */
function accountsOf(members: readonly Waiting[], places: boolean): Promise<Map<number, Account>> {
  return ask(
    members.map(({ worker }) => worker),
    places,
  );
}

/** Who can never go on, of all workers or those that `which` picks; undefined if something changed while it was read. */
function stuckNow(which: (member: Waiting) => boolean = () => true): Stuck | undefined {
  return whileItHolds(() => {
    const all = lookAtWorkers();
    const waiting = new Map(
      [...all.waiting].filter(([, member]) => member.waits.length === 0 || which(member)),
    );
    const active = all.active + all.waiting.size - waiting.size;
    return findKnots({ waiting, active }, Atomics.load(i32, Header.TIMERS));
  }, undefined);
}

/** What was reported and goes on, by worker: in mode `report`, or if nobody could be told. */
const reported = new Map<number, Waiting>();

function isReported({ members }: Knot): boolean {
  return members.every((member) => isSame(member, reported.get(member.worker)));
}

/** Reports a knot and undoes it, unless one of its members has died meanwhile; nothing else can have changed it. */
async function judge(knot: Knot): Promise<void> {
  const accounts = await accountsOf(knot.members, true);
  const victims = i32[Header.DEADLOCK] === ONLY_REPORT ? [] : victimsOf(knot);
  const stands = await new Promise<boolean>((resolve) => {
    whenNobodyDies(() => {
      const report = whileItHolds(() => {
        const { waiting } = lookAtWorkers();
        const stands = knot.members.every((member) => isSame(member, waiting.get(member.worker)));
        return stands ? tellOf(knot, accounts) : undefined;
      }, undefined);
      if (report !== undefined) {
        for (const member of knot.members) reported.set(member.worker, member);
        emitReport(report);
        for (const victim of victims) tell(victim, report, verdicts + 1);
      }
      resolve(report !== undefined);
    });
  });
  if (stands && victims.length > 0) await execute(victims);
}

let verdicts = 0;

/** Ends waits that were told so: all are left before any of the threads goes on (park/inquiry.ts). */
async function execute(victims: readonly Waiting[]): Promise<void> {
  wake(victims);
  await answered(() => victims.every(({ worker }) => Atomics.load(i32, worker + Rec.VERDICT) === 0));
  verdicts++;
  Atomics.store(i32, Header.VERDICTS, verdicts);
  Atomics.notify(i32, Header.VERDICTS);
  wake(victims);
}

function wake(workers: readonly Waiting[]): void {
  for (const { worker } of workers) {
    unpark(worker);
    ring(worker);
  }
}

function tell({ worker, waits }: Waiting, report: Report, number: number): void {
  const verdict: Verdict = { number, report, waits: waits.filter(({ cancellable }) => cancellable) };
  const before = Atomics.exchange(i32, worker + Rec.VERDICT, writePayload(verdict, 'verdict'));
  if (before !== 0) freePayload(before);
}
