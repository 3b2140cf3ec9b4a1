/**
 * Worker records: what shared memory knows of each worker.
 *
 * A *worker* is an operating-system thread with its own JavaScript world; it runs one heddle thread after
 * another. It has a *slot* (0 … 4095) and a record, both reused after it has ended; records are never freed, so
 * a stale address of one is harmless.
 *
 * A *tid* names one thread in one worker for as long as it runs: `slot | generation << 12`, 27 bits, never 0.
 * Lock words hold tids. A worker takes a new generation for each thread that it runs, and when it dies its
 * record's TID becomes 0; so a tid is alive exactly while its record still says so.
 *
 * | word | meaning | written by |
 * | --- | --- | --- |
 * | TID | the thread that runs here now; 0: free or dead | its worker; supervisor at death |
 * | GENERATION | last generation used | whoever holds REGISTRY, then its worker |
 * | STATE | see {@link WorkerState} | see there |
 * | THREAD | address of the thread object that runs here, or 0 | its worker |
 * | NEXT | address of the thread object to run next, or 0 | who takes it from the idle list (one reference) |
 * | PARK | park token: 0 none, 1 wake-up pending, -1 asleep | park/parker.ts |
 * | BELL | counts wake-ups for awaited waits | park/doorbell.ts |
 * | INBOX | stack of waiters whose awaited wait has news | park/doorbell.ts |
 * | NODES | chain of every waiter this worker has made | its worker |
 * | HANDLES | first chunk of the table of objects it has handles to (table.ts) | its worker |
 * | IDLE_NEXT | next record on the idle list | under REGISTRY |
 * | WAITING | address of the waiter it is blocked on, of a selection the leader; or 0: for people | its worker |
 * | MAIL | counts replies of the supervisor (thread/upward.ts) | supervisor |
 * | RUNS | 1 while it counts as running in Header.RUNNING | its worker; supervisor at death |
 * | DOOMED | 1: it ends with the thread that it runs now | under REGISTRY |
 * | LEAVING | address of the thread object whose end it is telling, or 0 | its worker |
 * | DONE | stack of tasks that it submitted and that have ended (executor/completion.ts) | see there |
 * | LISTENS | 1: ring for the next one | its worker; who rings clears it |
 * | SPARE | first of the blocks that it keeps for tasks (executor/task-blocks.ts) | its worker |
 * | LOOK | 1: look at every awaited wait, not only at the inbox | supervisor; its worker clears it |
 * | HEARS | what its thread wants to hear from the supervisor (thread/hearing.ts) | its worker; supervisor at death |
 * | QUIET | 1: nothing but heddle's waits keeps its event loop turning (park/quiet.ts) | its worker |
 * | ASKED | number of the last question that it was asked (park/inquiry.ts) | supervisor |
 * | ANSWERED | number of the last question that it has answered | its worker |
 * | ACCOUNT | payload with that answer, or 0 | its worker; the supervisor takes it |
 * | VERDICT | payload with the report by which its waits end, or 0 | supervisor; its worker takes it |
 */
import { i32, pointer, reach } from './heap.js';
import { SLOTS, SLOT_BASE } from './layout.js';

export const Rec = {
  TID: 0,
  GENERATION: 1,
  STATE: 2,
  THREAD: 3,
  NEXT: 4,
  PARK: 5,
  BELL: 6,
  INBOX: 7,
  NODES: 8,
  HANDLES: 9,
  IDLE_NEXT: 10,
  WAITING: 11,
  MAIL: 12,
  SLOT: 13,
  RUNS: 14,
  LOOK: 15,
  DOOMED: 16,
  LEAVING: 17,
  DONE: 18,
  LISTENS: 19,
  SPARE: 20,
  QUIET: 21,
  ASKED: 22,
  ANSWERED: 23,
  ACCOUNT: 24,
  VERDICT: 25,
  HEARS: 26,
  WORDS: 28,
} as const;

/**
 * All under REGISTRY: FREE → STARTING (who starts a thread) → BUSY (worker, with THREAD set) → ENDING (worker: the
 * thread's end is being told, nobody may kill it now) → IDLE (worker) → BUSY (who starts a thread) …; any → FREE
 * (supervisor, after the worker's death has been cleaned up).
 */
export const WorkerState = { FREE: 0, STARTING: 1, BUSY: 2, IDLE: 3, ENDING: 4 } as const;

const SLOT_BITS = 12;
const SLOT_MASK: number = SLOTS - 1;
/** The bits of a word that hold a tid. The five above them are the primitive's own. */
export const TID_MASK = 0x07ff_ffff;

/** This worker's slot, the address of its record, and the tid of the thread that it runs now. */
export let slot = -1;
export let record = 0;
export let tid = 0;

/** Takes over a slot as this worker's own. */
export function occupy(ownSlot: number): void {
  slot = ownSlot;
  record = recordOf(ownSlot);
  nextGeneration();
}

/** Starts a new generation: tids of the thread that ran here before are dead from now on. */
export function nextGeneration(): void {
  const generation = (i32[record + Rec.GENERATION]! + 1) & (TID_MASK >> SLOT_BITS);
  i32[record + Rec.GENERATION] = generation === 0 ? 1 : generation;
  tid = slot | (i32[record + Rec.GENERATION]! << SLOT_BITS);
  Atomics.store(i32, record + Rec.TID, tid);
}

/** The record of a slot, or 0 if none was ever made. */
export function recordOf(ofSlot: number): number {
  return pointer(SLOT_BASE + ofSlot);
}

/** Whether the thread with this tid still runs. */
export function isAlive(someTid: number): boolean {
  const its = recordOf(someTid & SLOT_MASK);
  return its !== 0 && Atomics.load(i32, its + Rec.TID) === someTid;
}

/** The record of the worker in which the thread with a tid runs, or 0. */
export function workerOfTid(someTid: number): number {
  return someTid !== 0 && isAlive(someTid) ? recordOf(someTid & SLOT_MASK) : 0;
}

/** The address of the thread object that runs under a tid, or 0 if that thread has ended. */
export function threadOfTid(someTid: number): number {
  const its = recordOf(someTid & SLOT_MASK);
  if (its === 0 || Atomics.load(i32, its + Rec.TID) !== someTid) return 0;
  const thread = Atomics.load(i32, its + Rec.THREAD);
  // Read again: between the two loads the worker may have gone on to another thread.
  return Atomics.load(i32, its + Rec.TID) === someTid ? reach(thread) : 0;
}
