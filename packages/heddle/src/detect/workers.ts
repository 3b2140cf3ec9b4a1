/**
 * What each worker does, as shared memory says: the nodes of the wait-for graph.
 *
 * | the worker | | |
 * | --- | --- | --- |
 * | blocked | Rec.WAITING names a waiter that is WAITING and has no timeout | it waits for that one |
 * | quiet | Rec.QUIET (park/quiet.ts), and so are all its awaited waiters | it waits for each of them: any may make it go on |
 * | resting | the same, for work: an idle worker, an idle thread of a pool, a main thread whose script has ended while other threads run | it waits for what others begin |
 * | active | anything else | it may do anything |
 *
 * All is read while threads run, so it may be untrue the next moment. What is found is therefore looked at twice, with a
 * question in between that only a worker which still waits can answer (questions.ts): a wait that is the same both times, by
 * its waiter and the time it began, has lasted all the time.
 */
import { HeddleError } from '../base/errors.js';
import { f64, i32, pointer } from '../memory/heap.js';
import { Header, SLOTS } from '../memory/layout.js';
import { kindAt, KindId, Obj } from '../memory/object.js';
import { Rec, recordOf, WorkerState } from '../memory/records.js';
import { Option, Th } from '../park/current.js';
import { Patient, W, Wait as WaitState } from '../park/waiter.js';
import { T } from '../executor/words.js';
import { SUPERVISOR_SLOT } from '../thread/world.js';
import { isPoolThread, isTimed, tasksOf } from './pools.js';

/** One thing that a worker waits for. */
export interface Wait {
  /** The waiter, or 0 for a task whose end the worker that submitted it will hear of without one. */
  readonly waiter: number;
  readonly object: number;
  readonly list: number;
  readonly since: number;
  /** Whether it can be ended by a verdict. */
  readonly cancellable: boolean;
}

/** A worker that waits, and can go on only when one of its waits ends. */
export interface Waiting {
  readonly worker: number;
  readonly tid: number;
  readonly thread: number;
  readonly blocked: boolean;
  /** Whether it does not keep the program alive; a thread of a pool does, by its task. */
  readonly isDaemon: boolean;
  /** Empty: it rests. */
  readonly waits: readonly Wait[];
}

/** All workers at one time. */
export interface Workers {
  readonly waiting: ReadonlyMap<number, Waiting>;
  /** How many others may do anything; idle workers do nothing by themselves. */
  readonly active: number;
}

/** Looks at all workers. */
export function lookAtWorkers(): Workers {
  const waiting = new Map<number, Waiting>();
  let active = 0;
  for (let slot = 0; slot < SLOTS; slot++) {
    const worker = recordOf(slot);
    if (worker === 0 || slot === SUPERVISOR_SLOT) continue;
    const state = i32[worker + Rec.STATE];
    if (state === WorkerState.FREE) continue;
    const node = state === WorkerState.BUSY && i32[worker + Rec.NEXT] === 0 ? nodeOf(worker) : undefined;
    if (node !== undefined) waiting.set(worker, node);
    else if (state !== WorkerState.IDLE || i32[worker + Rec.NEXT] !== 0) active++;
  }
  return { waiting, active };
}

/**
 * Reads what may change meanwhile. An object that is freed while it is read may leave an address that is none, or a kind that
 * is none: then what was read is of no use.
 */
export function whileItHolds<R>(read: () => R, otherwise: R): R {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError || error instanceof HeddleError) return otherwise;
    throw error;
  }
}

/** What a worker that runs a thread waits for; undefined if it may do anything. */
function nodeOf(worker: number): Waiting | undefined {
  const thread = pointer(worker + Rec.THREAD);
  const tid = Atomics.load(i32, worker + Rec.TID);
  if (thread === 0 || tid === 0 || isTimed(thread)) return undefined;
  // It was asked to stop, or will be ended: its waits end.
  if (i32[thread + Th.CANCEL] === 1 || i32[thread + Th.TERMINATE] === 1) return undefined;
  const leader = pointer(worker + Rec.WAITING);
  const blocked = leader !== 0;
  if (!blocked && (i32[worker + Rec.QUIET] !== 1 || Atomics.load(i32, worker + Rec.DONE) !== 0))
    return undefined;
  const waits = blocked
    ? waitsOf(worker, tid, (waiter) => leaderOf(waiter) === leader)
    : waitsOf(worker, tid, isAwaited);
  if (waits === undefined || (blocked && waits.length === 0 && !isRest(leader))) return undefined;
  const all = blocked ? waits : [...waits, ...awaitedTasks(worker, tid)];
  if (all.length === 0 && isLeaving(thread)) return undefined;
  return { worker, tid, thread, blocked, isDaemon: isDaemon(thread), waits: all };
}

/** Whether the thread does not keep the program alive. */
function isDaemon(thread: number): boolean {
  return (i32[thread + Th.OPTIONS]! & Option.DAEMON) !== 0 && !isPoolThread(thread);
}

/** Whether it is the main thread, which has nothing more to wait for and ends the program. */
function isLeaving(thread: number): boolean {
  return (i32[thread + Th.OPTIONS]! & Option.MAIN) !== 0 && Atomics.load(i32, Header.LIVE) === 0;
}

/** All that a worker waits for now, also with a timeout; empty if it runs, or rests. */
export function waitsNow(worker: number): { readonly blocked: boolean; readonly waits: readonly Wait[] } {
  const tid = Atomics.load(i32, worker + Rec.TID);
  const leader = pointer(worker + Rec.WAITING);
  const belongs = leader === 0 ? isAwaited : (waiter: number): boolean => leaderOf(waiter) === leader;
  const waiters = [...waitersOf(worker, tid)].filter((waiter) => belongs(waiter) && !isRest(waiter));
  return { blocked: leader !== 0, waits: waiters.map(waitOf) };
}

function isAwaited(waiter: number): boolean {
  return i32[waiter + W.AWAITED] === 1;
}

function leaderOf(waiter: number): number {
  return i32[waiter + W.LEADER]! || waiter;
}

/** Those of a worker's waits that `belongs` says; undefined if one of them is ending, or will when a time has come. */
function waitsOf(worker: number, tid: number, belongs: (waiter: number) => boolean): Wait[] | undefined {
  const waits: Wait[] = [];
  for (const waiter of waitersOf(worker, tid)) {
    const state = Atomics.load(i32, waiter + W.STATE);
    if (!belongs(waiter) || (isRest(waiter) && state === WaitState.WAITING)) continue;
    const leader = i32[waiter + W.LEADER]!;
    const isDecided = leader !== 0 && Atomics.load(i32, leader + W.CHOSEN) !== WaitState.WAITING;
    const patience = i32[waiter + W.PATIENCE]!;
    if (state !== WaitState.WAITING || isDecided || (patience & Patient.BOUNDED) !== 0) return undefined;
    waits.push(waitOf(waiter));
  }
  return waits;
}

/** The waiters of a worker's thread that are in use. */
function* waitersOf(worker: number, tid: number): Generator<number, void> {
  for (let waiter = pointer(worker + Rec.NODES); waiter !== 0; waiter = pointer(waiter + W.CHAIN))
    if (Atomics.load(i32, waiter + W.STATE) !== WaitState.FREE && i32[waiter + W.TID] === tid) yield waiter;
}

function waitOf(waiter: number): Wait {
  return {
    waiter,
    object: pointer(waiter + W.OBJECT),
    list: i32[waiter + W.LIST]!,
    since: f64[(waiter + W.SINCE) >> 1]!,
    cancellable: (i32[waiter + W.PATIENCE]! & Patient.DEAF) === 0,
  };
}

/** Whether a waiter waits for work: a thread of a pool without a task. */
function isRest(waiter: number): boolean {
  const object = pointer(waiter + W.OBJECT);
  return kindAt(object)?.id === KindId.THREAD_POOL && i32[waiter + W.LIST] === object + Obj.HEAD;
}

/** The tasks that a worker has submitted, whose ends it hears of without a waiter. */
function awaitedTasks(worker: number, tid: number): Wait[] {
  return tasksOf(worker, tid).map((object) => ({
    waiter: 0,
    object,
    list: object + T.HEAD,
    since: 0,
    cancellable: false,
  }));
}

/** Whether both are the same worker in the same waits. */
export function isSame(one: Waiting, other: Waiting | undefined): boolean {
  return (
    one.tid === other?.tid &&
    one.blocked === other.blocked &&
    one.waits.length === other.waits.length &&
    one.waits.every(({ waiter, object, since }, n) => {
      const its = other.waits[n];
      return its?.waiter === waiter && its.object === object && its.since === since;
    })
  );
}
