/**
 * How a worker that waits is asked what it waits for, and is told that it waits in vain. The supervisor asks
 * (detect/questions.ts); a worker answers where it wakes: blocked, inside the wait; awaiting, in a turn of its event loop.
 *
 * A question is a number in ASKED, odd if it wants to know the places in the source too, which may take long to find. The
 * worker writes its account, a payload, to ACCOUNT and then the number to ANSWERED.
 * One that runs the user's code does not answer, and that is an answer too.
 */
import { describeReport } from '../base/describe-report.js';
import { DeadlockError } from '../base/errors.js';
import type { Report } from '../base/report.js';
import { f64, i32, reach } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import { freePayload, readPayload, writePayload } from '../memory/payload.js';
import { record, Rec } from '../memory/records.js';
import { now } from '../platform/clock.js';
import { surelyOpenToo } from '../platform/resources.js';
import { W } from './waiter.js';

/** What a worker says of itself. */
export interface Account {
  /** Whether nothing but what it waits for can make it go on. */
  readonly still: boolean;
  /** Its stack, if it is blocked. */
  readonly stack: string;
  /** Where it awaits what it awaits, by the addresses of the waiters: stacks. */
  readonly awaits: Readonly<Record<string, string>>;
  /** What else its event loop waits for, by the kinds that the runtime tells of. */
  readonly open: readonly string[];
  /** Where it has acquired what it holds, by address, if it remembers: stacks. */
  readonly holds: Readonly<Record<string, string>>;
}

let sites: () => Record<string, string> = () => ({});

/** Says how it is told where this thread has acquired what it holds, which is known a layer above. */
export function rememberBy(tell: () => Record<string, string>): void {
  sites = tell;
}

/** Whether this worker has been asked, or told, something. */
export function isAddressed(): boolean {
  return i32[record + Rec.ASKED] !== i32[record + Rec.ANSWERED] || i32[record + Rec.VERDICT] !== 0;
}

function accountFor(question: number, still: boolean, awaits: () => Record<string, string>): Account {
  if ((question & 1) === 0) return { still, stack: '', awaits: {}, open: [], holds: {} };
  return {
    still,
    stack: textOf(new Error().stack),
    awaits: textsOf(awaits()),
    open: surelyOpenToo(),
    holds: textsOf(sites()),
  };
}

/** A program may make something else of stacks than text. */
function textOf(stack: unknown): string {
  return typeof stack === 'string' ? stack : '';
}

function textsOf(stacks: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(stacks).map(([key, stack]) => [key, textOf(stack)]));
}

/** Answers the last question, if it has not been answered. `awaits`: where this thread awaits what. */
export function answer(still: boolean, awaits: () => Record<string, string>): void {
  const asked = Atomics.load(i32, record + Rec.ASKED);
  if (asked === i32[record + Rec.ANSWERED]) return;
  let payload = 0;
  try {
    payload = writePayload(accountFor(asked, still, awaits), 'account');
  } catch {
    // No memory is left, or the program makes of stacks what throws. This must not end the wait: it answers without an account.
  }
  const before = Atomics.exchange(i32, record + Rec.ACCOUNT, payload);
  if (before !== 0) freePayload(reach(before)); // the answer to a question that nobody waits for any more
  Atomics.store(i32, record + Rec.ANSWERED, asked);
  Atomics.add(i32, Header.ANSWERS, 1);
  Atomics.notify(i32, Header.ANSWERS);
}

/**
 * What the supervisor tells a worker: these waits, by waiter and when they began, never end.
 *
 * Several workers may be told the same. What the first one does, when its wait has ended, may end the wait of the next; so all
 * leave their waits first, and go on when the supervisor says that they have.
 */
export interface Verdict {
  /** Counts the verdicts. */
  readonly number: number;
  readonly report: Report;
  readonly waits: readonly { readonly waiter: number; readonly since: number }[];
}

/** What this worker was told, if anything. It calls {@link acknowledge} when it has left the waits. */
export function readVerdict(): Verdict | undefined {
  const payload = Atomics.load(i32, record + Rec.VERDICT);
  return payload === 0 ? undefined : (readPayload(reach(payload)) as Verdict);
}

/** Says that this worker has left the waits of which it was told that they never end, as far as they had not ended. */
export function acknowledge(): void {
  const payload = Atomics.exchange(i32, record + Rec.VERDICT, 0);
  if (payload === 0) return;
  freePayload(reach(payload));
  Atomics.add(i32, Header.ANSWERS, 1);
  Atomics.notify(i32, Header.ANSWERS);
}

/** Whether all who were told so have left their waits. */
export function isExecuted({ number }: Verdict): boolean {
  return Atomics.load(i32, Header.VERDICTS) >= number;
}

/** So long, in milliseconds, a worker waits at most for the others to leave: one of them may have died. */
const LONGEST_LEAVING = 1000;

/** Blocks until all who were told so have left their waits. */
export function untilExecuted(verdict: Verdict): void {
  const deadline = now() + LONGEST_LEAVING;
  for (;;) {
    const executed = Atomics.load(i32, Header.VERDICTS);
    const left = deadline - now();
    if (executed >= verdict.number || left <= 0) return;
    Atomics.wait(i32, Header.VERDICTS, executed, left);
  }
}

/** Whether a verdict is about this wait. */
export function concerns({ waits }: Verdict, waiter: number): boolean {
  return waits.some((wait) => wait.waiter === waiter && wait.since === f64[(waiter + W.SINCE) >> 1]);
}

/** Forgets what a dead worker was asked and told. */
export function forgetInquiry(dead: number): void {
  for (const word of [dead + Rec.ACCOUNT, dead + Rec.VERDICT]) {
    const payload = Atomics.exchange(i32, word, 0);
    if (payload !== 0) freePayload(reach(payload));
  }
  i32[dead + Rec.QUIET] = 0;
  Atomics.store(i32, dead + Rec.ANSWERED, i32[dead + Rec.ASKED]!);
}

/** The error by which a wait ends that never would have ended. */
export function deadlockError(report: Report): DeadlockError {
  return new DeadlockError(describeReport(report), { report });
}
