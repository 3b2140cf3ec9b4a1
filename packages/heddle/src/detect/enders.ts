/** Who can end a wait. */
import { f64, i32, pointer } from '../memory/heap.js';
import { handlesOf } from '../memory/handles.js';
import { SLOTS } from '../memory/layout.js';
import { kindAt, KindId } from '../memory/object.js';
import { recordOf, workerOfTid } from '../memory/records.js';
import { entries } from '../memory/table.js';
import { hasEnded, workerOf } from '../park/current.js';
import { W } from '../park/waiter.js';
import { hasOutcome, P, T, TaskState } from '../executor/words.js';
import { READ, readersOf, writerOf } from '../sync/raw-rwlock.js';
import { Gr } from '../thread/membership.js';
import { busyWorkers, isMoving, workerOfTask, workersOf } from './pools.js';
import type { Wait } from './workers.js';

/** The workers, by their records, that can end a wait; `every`: each of them has to do something, not just any. */
export interface Enders {
  readonly every: boolean;
  readonly workers: readonly number[];
}

/** Nobody has to do anything more: the wait is about to end. */
const SOON: Enders = { every: true, workers: [] };

/** Who can end a wait; undefined: whoever has the object. */
export function endersOf({ object, list, waiter }: Wait): Enders | undefined {
  const kind = kindAt(object);
  if (kind === undefined) return SOON;
  switch (kind.id) {
    case KindId.RWLOCK:
      return endersOfRWLock(object, waiter);
    case KindId.THREAD:
      return only(hasEnded(object) ? 0 : workerOf(object));
    case KindId.THREAD_GROUP:
      return all(runningIn(object));
    case KindId.FUTURE:
      return endersOfTask(object);
    case KindId.THREAD_POOL:
      if (isMoving(object)) return SOON;
      return list === object + P.SENDERS ? any(workersOf(object)) : all(busyWorkers(object));
    default: {
      const holder = kind.holder?.(object);
      // Only a barrier whose action does not run has nobody and is not about to go on.
      return holder === undefined || (holder === 0 && kind.id === KindId.BARRIER)
        ? undefined
        : only(workerOfTid(holder));
    }
  }
}

/** A worker that is not known is one that has ended, or not begun: what it leaves ends the wait, or what it does. */
function only(worker: number): Enders {
  return worker === 0 ? SOON : { every: true, workers: [worker] };
}

function all(workers: readonly number[]): Enders {
  return workers.includes(0) ? SOON : { every: true, workers };
}

function any(workers: readonly number[]): Enders {
  return workers.length === 0 || workers.includes(0) ? SOON : { every: false, workers };
}

/** Readers wait for the writer, or for the first writer who waits before them; writers for whoever holds the lock. */
function endersOfRWLock(lock: number, waiter: number): Enders {
  const writer = writerOf(lock);
  if (writer !== 0) return only(workerOfTid(writer));
  if (readersOf(lock) === 0) return SOON;
  if (i32[waiter + W.MODE] !== READ) return all(readersIn(lock));
  for (
    let before = pointer(waiter + W.PREV), n = 0;
    before !== 0 && n < SLOTS;
    before = pointer(before + W.PREV), n++
  )
    if (i32[before + W.MODE] !== READ) return only(workerOfTid(i32[before + W.TID]!));
  return SOON;
}

function readersIn(lock: number): number[] {
  const found: number[] = [];
  for (let slot = 0; slot < SLOTS; slot++) {
    const worker = recordOf(slot);
    if (worker === 0) continue;
    for (const { address, entry } of handlesOf(worker))
      if (address === lock && i32[entry + 1]! > 0) found.push(worker);
  }
  return found;
}

function runningIn(group: number): number[] {
  return [...entries(group + Gr.MEMBERS)]
    .map((entry) => pointer(entry))
    .filter((member) => !hasEnded(member))
    .map(workerOf);
}

function endersOfTask(task: number): Enders {
  const state = i32[task + T.STATE]!;
  if (hasOutcome(state) || state === TaskState.ASKED) return SOON;
  if (state === TaskState.RUNNING) return only(workerOfTask(task));
  if (f64[(task + T.PATIENCE) >> 1] !== 0) return SOON; // its queueTimeout passes
  const pool = pointer(task + T.POOL);
  return isMoving(pool) ? SOON : any(workersOf(pool));
}

/** Which of these workers have handles to the objects. */
export function holdersOf(
  objects: ReadonlySet<number>,
  workers: Iterable<number>,
): ReadonlyMap<number, readonly number[]> {
  const holders = new Map<number, number[]>([...objects].map((object) => [object, []]));
  for (const worker of workers)
    for (const { address } of handlesOf(worker)) holders.get(address)?.push(worker);
  return holders;
}
