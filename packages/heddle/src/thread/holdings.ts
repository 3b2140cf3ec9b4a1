/** What a thread, or a task that runs in it, still holds at its end. */
import { handlesOf } from '../memory/handles.js';
import { i32 } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import { kindOf, nameOf } from '../memory/object.js';
import { record, tid } from '../memory/records.js';
import { endOwnership } from '../park/death.js';
import type { ReportedHold, Report } from '../base/report.js';
import { titleOfResource, titleOfThread } from '../base/describe-report.js';
import { current, Th } from '../park/current.js';
import { resourceOf } from '../sync/self-deadlock.js';
import { emitReport } from './reports.js';
import { holdings, resetHoldings } from '../sync/raw-lock.js';

/** What this thread still holds is abandoned: nobody would ever release it. */
export function abandonHoldings(): void {
  if (holdings === 0) return;
  const left: ReportedHold[] = [];
  for (const { address, entry } of handlesOf(record)) {
    if (endOwnership(address, tid, entry)) left.push(resourceOf(address));
  }
  resetHoldings();
  if (left.length > 0 && Atomics.load(i32, Header.EXIT_REPORTS) === 0) emitReport(forgotten(left));
}

/** What is held by this thread and can never be released by anything that it was to do. */
export function heldNow(): ReportedHold[] {
  if (holdings === 0) return [];
  return [...handlesOf(record)]
    .filter(({ address, entry }) => kindOf(address).isHeld?.(address, entry + 1) === true)
    .map(({ address }) => resourceOf(address));
}

/** The report of releases that were forgotten, by a thread or a task that has ended, or at the end of the program. */
export function forgotten(holds: readonly ReportedHold[], atExit: boolean = false): Report {
  const thread = { id: i32[current + Th.ID]!, name: nameOf(current) };
  const what = holds.map(titleOfResource).join(', ');
  return {
    kind: atExit ? 'held-at-exit' : 'abandoned-lock',
    id: 0,
    summary: atExit
      ? `The program ends while ${titleOfThread(thread)} still holds ${what}.`
      : `The end of ${titleOfThread(thread)}, or of a task in it, came without releasing ${what}.`,
    threads: [{ ...thread, state: atExit ? 'running' : 'ended', holds }],
    advice: 'Take it with "using guard = …", or call release() in a finally block.',
  };
}
