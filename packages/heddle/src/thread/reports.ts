/** Hearing of what goes wrong in a program: reports go to all threads that listen, through the supervisor. */
import { checkFunction } from '../base/arguments.js';
import { describeReport } from '../base/describe-report.js';
import { freezeReport, type Report } from '../base/report.js';
import { i32, hasHeap } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import { callAll } from './failures.js';
import { writeWhole } from './output.js';
import { atThreadEnd } from './thread-end.js';
import { hear, News } from './hearing.js';
import { neverQuietWhile } from '../park/quiet.js';
import { answerReplies, isConnected, tell } from './upward.js';

type Handler = (report: Report) => void;

const handlers = new Set<Handler>();
neverQuietWhile(() => handlers.size > 0);

answerReplies((reply) => {
  if (reply.type === 'report') callAll([...handlers], freezeReport(reply.report));
});

/**
 * Calls `handler` with each report, such as of a deadlock, once, in the thread that asked for it, when its event loop
 * turns. While nobody listens, reports are printed on standard error, but for deadlocks that are thrown. What a handler
 * throws is thrown in its thread. The handlers of a thread end with it. It does not block.
 *
 * *Happens before*: everything before the report was made happens before the call.
 *
 * @returns dispose of it to stop
 * @throws TypeError if `handler` is no function
 * @example
 * ```ts
 * using reports = onReport(({ kind, summary }) => log(kind, summary));
 * ```
 */
export function onReport(handler: (report: Report) => void): Disposable {
  checkFunction('handler', handler);
  const own: Handler = (report) => {
    handler(report);
  };
  if (handlers.size === 0) hear(News.REPORTS, true);
  handlers.add(own);
  return {
    [Symbol.dispose]() {
      if (handlers.delete(own) && handlers.size === 0) hear(News.REPORTS, false);
    },
  };
}

atThreadEnd(() => {
  if (handlers.size === 0) return;
  handlers.clear();
  hear(News.REPORTS, false);
});

/** Delivers a report, from any thread and from the supervisor: to those who listen, or else to standard error. */
export function emitReport(report: Report): void {
  // Without a supervisor no thread has said that it listens, not even this one: that starts the supervisor.
  if (isConnected()) tell({ type: 'report', report });
  else printReport(report);
}

/** What becomes of a report that nobody listens for. */
export function printReport(report: Report): void {
  if (!isThrown(report)) writeWhole(2, `heddle: ${describeReport(report)}\n`);
}

function isThrown({ kind }: Report): boolean {
  if (!hasHeap()) return false;
  return kind === 'deadlock'
    ? i32[Header.DEADLOCK] === 0
    : kind === 'lock-order' && i32[Header.LOCK_ORDER] === 2;
}
