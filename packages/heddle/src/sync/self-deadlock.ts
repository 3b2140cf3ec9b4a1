/** Waits of a thread for itself: nothing needs to be looked for, so they are refused at once. */
import { DeadlockError } from '../base/errors.js';
import type { ReportedHold } from '../base/report.js';
import { firstSite } from '../base/stack.js';
import { i32 } from '../memory/heap.js';
import { kindOf, nameOf, Obj } from '../memory/object.js';
import { current, Th } from '../park/current.js';

/**
 * The error for a wait of this thread for what it alone could end.
 *
 * @param summary what is the matter, in one sentence without its full stop
 * @param advice what to do
 * @param resource what it waits for
 * @param holds whether it holds that, as a lock
 */
export function selfDeadlock(
  summary: string,
  advice: string,
  resource: ReportedHold,
  holds: boolean,
): DeadlockError {
  const site = firstSite(new Error().stack ?? '');
  const report = {
    kind: 'deadlock',
    id: 0,
    summary: `${summary}.`,
    threads: [
      {
        id: i32[current + Th.ID]!,
        name: nameOf(current),
        state: 'running',
        waitsFor: { ...resource, since: 0, ...(site === undefined ? {} : { site }) },
        holds: holds ? [resource] : [],
      },
    ],
    advice,
  } as const;
  return new DeadlockError(`${summary}. ${advice}`, { report });
}

/** An object, as reports speak of it. */
export function resourceOf(address: number): ReportedHold {
  return { kind: kindOf(address).name, name: nameOf(address), id: i32[address + Obj.SERIAL]! };
}
