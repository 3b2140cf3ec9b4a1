/**
 * What threads and the supervisor say to each other in messages. Everything that must be fast, or must work while
 * the receiver is blocked, goes through shared memory instead.
 */
import type { Report } from '../base/report.js';

/** From a thread to the supervisor. Addresses carry one reference each where they say so. */
export type Request =
  /** Start a worker in a slot whose record is STARTING. `plain`: its thread has no limits of its own. */
  | { readonly type: 'start'; readonly slot: number; readonly plain: boolean }
  /** End the worker that runs a thread (one reference), whatever it is doing. */
  | { readonly type: 'terminate'; readonly thread: number }
  /** Keep a value that cannot cross as bytes. */
  | { readonly type: 'keep'; readonly id: number; readonly value: object }
  /** Send such a value to the worker in a slot, which waits for it. */
  | { readonly type: 'fetch'; readonly id: number; readonly slot: number }
  /** Keep values that were given away, under numbers from `first` on; `take` is as `fetch`, and ends that. */
  | { readonly type: 'give'; readonly first: number; readonly values: readonly object[] }
  | { readonly type: 'take'; readonly id: number; readonly slot: number }
  /** Nobody will ask for what is kept under this number. */
  | { readonly type: 'drop'; readonly id: number }
  /** Start the thread of a timer (one reference) after a delay, unless it is cancelled. */
  | { readonly type: 'timer'; readonly timer: number; readonly delay: number }
  /** A timer was cancelled (one reference). */
  | { readonly type: 'timer-cancelled'; readonly timer: number }
  /** After a delay, call the `due` of an object's kind (one reference). */
  | { readonly type: 'alarm'; readonly object: number; readonly delay: number }
  /** Something goes wrong: tell those who listen. */
  | { readonly type: 'report'; readonly report: Report }
  /** A thread has failed (one reference). */
  | { readonly type: 'failed'; readonly thread: number }
  /** A question for a tool in the supervisor; answered as a `fetch` if it has a number. */
  | { readonly type: 'ask'; readonly id?: number; readonly tool: string; readonly question: object }
  /** The program is ending: end all workers. */
  | { readonly type: 'close' };

/** From the supervisor to a thread. */
export type Reply =
  | { readonly type: 'value'; readonly id: number; readonly value: object | undefined }
  /** A thread has failed (one reference). */
  | { readonly type: 'failed'; readonly thread: number }
  /** Something goes wrong. */
  | { readonly type: 'report'; readonly report: Report }
  /** All workers have ended. */
  | { readonly type: 'closed' };
