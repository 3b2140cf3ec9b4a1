/** Makes dumps, in the supervisor: it asks all threads, of which those answer that are blocked or await. */
import { i32, pointer } from '../memory/heap.js';
import { SLOTS } from '../memory/layout.js';
import { Rec, recordOf, WorkerState } from '../memory/records.js';
import type { Account } from '../park/inquiry.js';
import { infoOf } from '../park/thread-info.js';
import { answerFor } from '../thread/tools.js';
import { SUPERVISOR_SLOT } from '../thread/world.js';
import { type DumpedThread, type ThreadDump, TOOL } from './dump-words.js';
import { ask } from './questions.js';
import { threadOf } from './telling.js';
import { type Wait, waitsNow, whileItHolds } from './workers.js';

answerFor(TOOL, makeDump);

async function makeDump(): Promise<ThreadDump> {
  const workers = busyWorkers();
  // Of the others nobody would answer: they run, or await nothing of heddle's.
  const waiting = workers.filter((worker) => waitsNow(worker).waits.length > 0);
  const accounts = await ask(waiting, true);
  const threads = busyWorkers().flatMap((worker) => threadIn(worker, accounts.get(worker)) ?? []);
  return { time: Date.now(), threads: threads.sort((a, b) => a.id - b.id) };
}

function busyWorkers(): number[] {
  const found: number[] = [];
  for (let slot = 0; slot < SLOTS; slot++) {
    const worker = recordOf(slot);
    if (worker === 0 || slot === SUPERVISOR_SLOT || i32[worker + Rec.STATE] !== WorkerState.BUSY) continue;
    if (pointer(worker + Rec.THREAD) !== 0) found.push(worker);
  }
  return found;
}

/** What a thread does, without what cannot be read since it goes on meanwhile; nothing if it has ended. */
function threadIn(worker: number, account: Account | undefined): DumpedThread | undefined {
  const { blocked, waits } = waitsNow(worker);
  return (
    whileItHolds(() => describe(worker, blocked, waits, account), undefined) ??
    whileItHolds(() => describe(worker, false, [], undefined), undefined)
  );
}

function describe(
  worker: number,
  blocked: boolean,
  waits: readonly Wait[],
  account: Account | undefined,
): DumpedThread {
  const thread = pointer(worker + Rec.THREAD);
  const awaits = !blocked && waits.length > 0;
  return {
    ...threadOf({ worker, tid: i32[worker + Rec.TID]!, thread, blocked, waits }, account),
    state: blocked ? 'blocked' : awaits ? 'awaiting' : 'running',
    daemon: infoOf(thread).daemon,
    ...(awaits && account !== undefined && { open: account.open }),
  };
}
