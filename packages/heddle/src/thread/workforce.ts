/**
 * Which workers there are, and which run what. Everything here changes under Header.REGISTRY.
 *
 * A thread is given to an idle worker if there is one: it sleeps, and is woken. Otherwise the supervisor starts a
 * worker in a free slot. A worker that has run its thread to the end lists itself as idle *before* it tells the
 * thread's joiners, so that a program which starts one thread after another needs one worker.
 */
import { HeddleError, ThreadStateError } from '../base/errors.js';
import { i32, pointer } from '../memory/heap.js';
import { Header, SLOTS } from '../memory/layout.js';
import { lock, unlock } from '../memory/mutex.js';
import { nameOf, release, retain } from '../memory/object.js';
import { Rec, record, recordOf, WorkerState } from '../memory/records.js';
import { addEntry, entries, removeAddress } from '../memory/table.js';
import { Option, Status, Th } from '../park/current.js';
import { park, unpark } from '../park/parker.js';
import { tell } from './upward.js';
import { makeRecord } from './world.js';

/** An idle worker ends after this many milliseconds. */
const KEEP_IDLE = 30_000;

/** Idle workers that are kept; a worker that would be one more ends. */
function mostIdle(): number {
  return Math.max(4, 2 * i32[Header.CORES]!);
}

/**
 * Has a worker run a thread object, whose START is set. The registry gets one reference to it.
 * @throws ThreadStateError if it is not new, or the program is ending; HeddleError if there are too many threads
 */
export function dispatch(thread: number): void {
  let worker: number;
  lock(Header.REGISTRY);
  try {
    // Registered first: should this thread die now, the supervisor finds a thread without a worker.
    register(thread);
    try {
      worker = assign(thread, needsOwn(thread));
    } catch (error) {
      unregister(thread);
      throw error;
    }
  } finally {
    unlock(Header.REGISTRY);
  }
  Atomics.add(i32, Header.THREADS_STARTED, 1);
  rouse(worker, thread);
}

/** Has another worker run a thread whose worker died before it could begin. @throws as {@link dispatch} */
export function redispatch(thread: number): void {
  lock(Header.REGISTRY);
  let worker: number;
  try {
    worker = assign(thread, true);
  } finally {
    unlock(Header.REGISTRY);
  }
  rouse(worker, thread);
}

/** Threads that were started and have no worker: who started them has died meanwhile. */
export function withoutWorker(): number[] {
  lock(Header.REGISTRY);
  try {
    return [...entries(Header.THREADS)]
      .map((entry) => pointer(entry))
      .filter((thread) => i32[thread + Th.STATUS] === Status.RUNNING && i32[thread + Th.WORKER] === 0);
  } finally {
    unlock(Header.REGISTRY);
  }
}

function needsOwn(thread: number): boolean {
  return (i32[thread + Th.OPTIONS]! & Option.ISOLATE) !== 0 || i32[thread + Th.LIMITS] !== 0;
}

function register(thread: number): void {
  // Listed before it is RUNNING: one that runs and is not listed would have nobody to end it, should this thread die now.
  retain(thread);
  try {
    addEntry(Header.THREADS, thread);
  } catch (error) {
    release(thread); // the caller has a reference of its own
    throw error;
  }
  if (Atomics.compareExchange(i32, thread + Th.STATUS, Status.NEW, Status.RUNNING) !== Status.NEW) {
    removeAddress(Header.THREADS, thread);
    release(thread);
    throw new ThreadStateError(`thread ${JSON.stringify(nameOf(thread))} was started or terminated before`);
  }
  if ((i32[thread + Th.OPTIONS]! & Option.DAEMON) !== 0) return;
  Atomics.add(i32, Header.LIVE, 1);
  i32[thread + Th.COUNTED] = 1; // no call in between: it counts, and says so, or neither
}

function unregister(thread: number): void {
  uncount(thread);
  removeAddress(Header.THREADS, thread);
  Atomics.store(i32, thread + Th.STATUS, Status.NEW);
  release(thread);
}

/** The thread does not keep the program alive any more. For who ends it, or the supervisor when that one has died. */
export function uncount(thread: number): void {
  if (i32[thread + Th.COUNTED] === 1) {
    Atomics.sub(i32, Header.LIVE, 1);
    i32[thread + Th.COUNTED] = 0; // no call in between, as in register
  }
  Atomics.notify(i32, Header.LIVE);
}

/** Gives a thread to a worker, which is then to be {@link rouse}d. */
function assign(thread: number, own: boolean): number {
  if (i32[Header.CLOSING] === 1) {
    throw new ThreadStateError('the program is ending: no thread starts any more');
  }
  const worker = (own ? 0 : takeIdle()) || takeSlot();
  // No call from where the worker was taken to NEXT: a worker that was taken has a thread. Whoever reads NEXT without
  // REGISTRY takes that next (beginThread), and sees what belongs to it then.
  i32[thread + Th.WORKER] = worker;
  i32[worker + Rec.NEXT] = thread;
  return worker;
}

function rouse(worker: number, thread: number): void {
  if (i32[worker + Rec.STATE] === WorkerState.STARTING) {
    tell({ type: 'start', slot: i32[worker + Rec.SLOT]!, plain: i32[thread + Th.LIMITS] === 0 });
  } else {
    unpark(worker);
  }
}

function takeIdle(): number {
  const worker = pointer(Header.IDLE);
  if (worker === 0) return 0;
  i32[Header.IDLE] = i32[worker + Rec.IDLE_NEXT]!;
  i32[Header.IDLE_COUNT]! -= 1;
  i32[worker + Rec.STATE] = WorkerState.BUSY;
  return worker;
}

function takeSlot(): number {
  for (let slot = 0; slot < SLOTS; slot++) {
    const worker = recordOf(slot) || makeRecordFor(slot);
    if (i32[worker + Rec.STATE] !== WorkerState.FREE) continue;
    i32[worker + Rec.STATE] = WorkerState.STARTING;
    return worker;
  }
  throw new HeddleError(`there are ${String(SLOTS)} threads already, the most that can run at one time`);
}

function makeRecordFor(slot: number): number {
  const worker = makeRecord(slot);
  i32[worker + Rec.STATE] = WorkerState.FREE;
  return worker;
}

/** Notes that this worker runs `thread` from now on. */
export function beginThread(thread: number): void {
  lock(Header.REGISTRY);
  // No call in between: should this worker die, the supervisor finds the thread under one name or the other.
  i32[record + Rec.THREAD] = thread;
  i32[record + Rec.NEXT] = 0;
  i32[record + Rec.STATE] = WorkerState.BUSY;
  unlock(Header.REGISTRY);
}

/**
 * Says that this worker's thread is ending by itself. From here on nobody kills the worker. False if somebody has
 * said so before: the worker must then do nothing but wait for its end.
 */
export function beginEnding(): boolean {
  lock(Header.REGISTRY);
  const may = i32[record + Rec.DOOMED] === 0;
  if (may) {
    i32[record + Rec.STATE] = WorkerState.ENDING;
    i32[record + Rec.LEAVING] = i32[record + Rec.THREAD]!;
    i32[record + Rec.THREAD] = 0;
  }
  unlock(Header.REGISTRY);
  return may;
}

/** Lists this worker, whose thread is ending, as idle. False if there are enough, and it should end. */
export function becomeIdle(): boolean {
  lock(Header.REGISTRY);
  const stays = i32[Header.IDLE_COUNT]! < mostIdle() && i32[Header.CLOSING] === 0;
  if (stays) {
    i32[record + Rec.STATE] = WorkerState.IDLE;
    i32[record + Rec.IDLE_NEXT] = i32[Header.IDLE]!;
    i32[Header.IDLE] = record;
    i32[Header.IDLE_COUNT]! += 1;
  }
  unlock(Header.REGISTRY);
  return stays;
}

/** Sleeps until this worker is given a thread. 0 if none came for long, and it should end. */
export function awaitThread(): number {
  const deadline = performance.now() + KEEP_IDLE;
  for (;;) {
    const thread = pointer(record + Rec.NEXT);
    if (thread !== 0) return thread;
    const left = deadline - performance.now();
    if (left > 0) park(left);
    else if (leaveIdle(record) || i32[record + Rec.NEXT] === 0) return 0;
  }
}

/** Takes a worker off the idle list. False if it is not there any more. */
export function leaveIdle(worker: number): boolean {
  lock(Header.REGISTRY);
  let link: number = Header.IDLE;
  while (pointer(link) !== 0 && pointer(link) !== worker) link = pointer(link) + Rec.IDLE_NEXT;
  const found = pointer(link) === worker;
  if (found) {
    i32[link] = i32[worker + Rec.IDLE_NEXT]!;
    i32[Header.IDLE_COUNT]! -= 1;
    i32[worker + Rec.STATE] = WorkerState.BUSY;
  }
  unlock(Header.REGISTRY);
  return found;
}

/** Keeps a worker from going on to another thread, if it runs `thread` now. The supervisor will end it. */
export function doom(worker: number, thread: number): boolean {
  lock(Header.REGISTRY);
  const runs = i32[worker + Rec.THREAD] === thread && i32[worker + Rec.STATE] === WorkerState.BUSY;
  if (runs) i32[worker + Rec.DOOMED] = 1;
  unlock(Header.REGISTRY);
  return runs;
}
