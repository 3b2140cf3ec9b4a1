/**
 * How the program ends. The main thread stays alive while a thread runs that is not a daemon, or a task of a pool. Then daemons are asked
 * to stop and get a grace period; then all workers end. Failures that nobody has collected are printed and make the
 * exit status 1.
 */
import { hasHeap, i32, pointer } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import { lock, unlock } from '../memory/mutex.js';
import { nameOf, Obj, release, retain } from '../memory/object.js';
import { readPayload } from '../memory/payload.js';
import { entries } from '../memory/table.js';
import { waitAsync } from '../park/await.js';
import { hasEnded, Option, Th } from '../park/current.js';
import { stirred } from '../park/quiet.js';
import { hold, letGo } from '../platform/keep-alive.js';
import { writeFully } from '../platform/stdio.js';
import { cancelThread } from './cancelling.js';
import { onClosed } from './failures.js';
import { forgotten, heldNow } from './holdings.js';
import { printReport } from './reports.js';
import { allFinished } from './thread-end.js';
import { hasSupervisor, tell } from './upward.js';
import { isMainThread } from './world.js';

/** How long daemons have to end once they were asked to, in milliseconds. */
const GRACE = 200;

let closing = false;

process.on('beforeExit', () => {
  if (isMainThread && !closing && hasSupervisor()) void windUp();
});
process.on('exit', (code) => {
  if (isMainThread && hasHeap()) reportFailures(code);
  if (isMainThread && hasHeap()) reportHeld();
});

/** Waits for the threads, then for the daemons, then for the workers. Keeps the program alive meanwhile. */
async function windUp(): Promise<void> {
  hold();
  try {
    for (let live = Atomics.load(i32, Header.LIVE); live > 0; live = Atomics.load(i32, Header.LIVE)) {
      await changed(Header.LIVE, live);
      stirred();
      // A listener may have had something to do: let the loop run dry again before the program winds up.
      if (Atomics.load(i32, Header.LIVE) === 0) return;
    }
    // Whoever has submitted them: a pool's tasks are run to their end.
    await allFinished();
    if (Atomics.load(i32, Header.LIVE) > 0) return;
    closing = true;
    Atomics.store(i32, Header.CLOSING, 1);
    await endDaemons();
    await new Promise<void>((resolve) => {
      onClosed(resolve);
      tell({ type: 'close' });
    });
  } finally {
    letGo();
  }
}

async function endDaemons(): Promise<void> {
  const daemons = runningDaemons();
  for (const daemon of daemons) cancelThread(daemon, undefined);
  const patience = { timeout: GRACE, signal: undefined };
  await Promise.allSettled(
    daemons.map((daemon) => waitAsync(daemon, daemon + Obj.HEAD, patience, () => hasEnded(daemon))),
  );
  daemons.forEach(release);
}

/** The daemons that have not ended, with a reference to each. */
function runningDaemons(): number[] {
  lock(Header.REGISTRY);
  try {
    const daemons = [...entries(Header.THREADS)]
      .map((entry) => pointer(entry))
      .filter((thread) => (i32[thread + Th.OPTIONS]! & Option.MAIN) === 0);
    daemons.forEach(retain);
    return daemons;
  } finally {
    unlock(Header.REGISTRY);
  }
}

async function changed(word: number, from: number): Promise<void> {
  const outcome = Atomics.waitAsync(i32, word, from);
  if (outcome.async) await outcome.value;
}

function reportFailures(code: number): void {
  const failed = [...entries(Header.FAILURES)].map((entry) => pointer(entry));
  if (failed.length === 0) return;
  for (const thread of failed) {
    const error = readPayload(pointer(thread + Th.RESULT));
    const text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
    writeFully(
      2,
      `heddle: thread ${JSON.stringify(nameOf(thread))} failed, and nobody joined it:\n${text}\n`,
    );
  }
  if (code === 0) process.exitCode = 1;
}

/** No event loop turns any more: what is still held can only be printed. */
function reportHeld(): void {
  const holds = Atomics.load(i32, Header.EXIT_REPORTS) === 0 ? heldNow() : [];
  if (holds.length > 0) printReport(forgotten(holds, true));
}
