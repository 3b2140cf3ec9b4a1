/**
 * Joins this JavaScript world to heddle's, once, when heddle is first used: a worker of heddle's maps the shared heap
 * that it was given, the main thread lays out a new one. A worker that the program started itself, without heddle,
 * becomes the main thread of a world of its own. Importing heddle does none of this, to cost little.
 */
import { HeddleError } from '../base/errors.js';
import { allocateZeroed } from '../memory/allocator.js';
import { createHeap, ensureHeap, i32, makeHeapBy, openHeap } from '../memory/heap.js';
import { Header, SLOT_BASE } from '../memory/layout.js';
import { createObject, KindId } from '../memory/object.js';
import { occupy, Rec, record, tid, WorkerState } from '../memory/records.js';
import { addEntry } from '../memory/table.js';
import { Option, setCurrent, Status, Th } from '../park/current.js';
import { setRunning } from '../park/parker.js';
import { startClock } from '../platform/clock.js';
import { type Boot, countCores, takeBoot } from '../platform/workers.js';

/** Slots of the two workers that always exist. */
export const MAIN_SLOT = 0;
export const SUPERVISOR_SLOT = 1;

/** True in the thread in which the program began. */
export let isMainThread = true;

/** What this worker was given, once it has entered; undefined in the main thread. */
let boot: Boot | undefined;

makeHeapBy(() => {
  startClock();
  boot = takeBoot();
  if (boot === undefined) {
    createWorld();
  } else {
    isMainThread = false;
    openHeap(boot.heap);
    occupy(boot.slot);
  }
});

/** Joins the world that a worker of heddle's was started for. The first thing that such a worker does. */
export function enterWorld(): Boot {
  ensureHeap();
  if (boot === undefined) throw new HeddleError('this module is for workers that heddle itself starts');
  return boot;
}

function createWorld(): void {
  createHeap(countCores());
  if (process.env['HEDDLE_SITES'] === '1') i32[Header.SITES] = 1;
  makeRecord(MAIN_SLOT);
  makeRecord(SUPERVISOR_SLOT);
  occupy(MAIN_SLOT);
  const main = createObject({ id: KindId.THREAD, name: 'Thread', attach: noHandle }, Th.WORDS, 'main');
  i32[main + Th.ID] = Atomics.add(i32, Header.NEXT_THREAD, 1);
  i32[main + Th.OPTIONS] = Option.MAIN;
  i32[main + Th.WORKER] = record;
  i32[main + Th.TID] = tid;
  i32[main + Th.STATUS] = Status.RUNNING;
  i32[record + Rec.THREAD] = main;
  addEntry(Header.THREADS, main);
  setCurrent(main);
  setRunning(1);
}

/** The main thread's object is made before the class of its handles is known; `kindOf` finds that one. */
function noHandle(): never {
  throw new HeddleError('internal: the main thread has no handle yet');
}

/** Makes the record of a slot that has none. */
export function makeRecord(slot: number): number {
  const its = allocateZeroed(Rec.WORDS);
  i32[its + Rec.SLOT] = slot;
  i32[its + Rec.STATE] = WorkerState.BUSY;
  Atomics.store(i32, SLOT_BASE + slot, its);
  return its;
}

/** The object of the main thread. */
export function mainThreadObject(): number {
  return i32[i32[SLOT_BASE + MAIN_SLOT]! + Rec.THREAD]!; // made first of all: every view reaches it
}
