/**
 * What heddle has to say about a program that goes wrong: the same facts as an object, as JSON and in words.
 *
 * A report is plain data, so it crosses between threads and is written in JSON as it is.
 */

/** A place in the user's source, as the runtime names it in stacks: through source maps where it knows them. */
export interface Site {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The function, or an empty string at the top of a module. */
  readonly function: string;
}

/** What a thread waits for. */
export interface ReportedWait {
  /** The class of what it waits for, such as `Lock`, or `Thread` in a join. */
  readonly kind: string;
  readonly name: string;
  /** The object's number, a thread's for a join: tells apart what has one name, such as locks made at one line. */
  readonly id?: number;
  /** For how many milliseconds it has waited. */
  readonly since: number;
  /** The line of the user's own code that waits, where it is known. */
  readonly site?: Site;
}

/** What a thread holds. */
export interface ReportedHold {
  readonly kind: string;
  readonly name: string;
  /** As a wait's. */
  readonly id?: number;
  /** Where it was taken; known when sites are recorded. */
  readonly site?: Site;
}

/** A thread that a report tells of. */
export interface ReportedThread {
  /** The thread's number, as `thread.id`. */
  readonly id: number;
  readonly name: string;
  /** `running`, `blocked` (inside a wait), `awaiting` (its event loop has nothing but waits), `ended`. */
  readonly state: string;
  /** What it waits for; a thread that awaits may wait for several. */
  readonly waitsFor?: ReportedWait;
  readonly alsoWaitsFor?: readonly ReportedWait[];
  readonly holds: readonly ReportedHold[];
  /** The stack of the wait, the user's own frames first. */
  readonly stack?: string;
}

/** What kind of trouble a report tells of. */
export type ReportKind =
  | 'deadlock'
  | 'lock-order'
  | 'abandoned-lock'
  | 'leaked-thread'
  | 'lost-failure'
  | 'held-at-exit'
  | 'undone-tasks'
  | 'race';

/** One thing that goes wrong. */
export interface Report {
  readonly kind: ReportKind;
  /** A number of its own: all errors of one deadlock have the same. */
  readonly id: number;
  /** What happened, in one sentence. */
  readonly summary: string;
  readonly threads: readonly ReportedThread[];
  /** What to do about it: the lines to swap, the lock to take first, the call that is missing. */
  readonly advice: string;
}

/** Freezes a report and all that is in it, and returns it. */
export function freezeReport<R extends object | undefined>(report: R): R {
  if (report === undefined || Object.isFrozen(report)) return report;
  for (const part of Object.values(report) as unknown[]) {
    if (typeof part === 'object' && part !== null) freezeReport(part);
  }
  return Object.freeze(report);
}
