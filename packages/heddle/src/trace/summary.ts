import { ThreadStateError } from '../base/errors.js';
import { f64, hasHeap, i32, pointer } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import { KindId, kindOf, nameOf, Obj } from '../memory/object.js';
import { isAlive } from '../memory/records.js';
import { entries } from '../memory/table.js';
import { hasEnded, Th } from '../park/current.js';
import type { ThreadState } from '../park/thread-info.js';
import { infoOf } from '../park/thread-info.js';
import type { WaitStats } from '../park/waitable.js';
import { waitStats } from '../park/waitable.js';
import { sharedNow } from '../platform/clock.js';
import { queueStats } from '../queue/queue-stats.js';
import { lockStats } from '../sync/lock-stats.js';
import { LockWords, ownerOf } from '../sync/raw-lock.js';
import { mainThreadObject } from '../thread/world.js';
import { isOwned } from './profile.js';

/** What a thread did. Times are milliseconds. */
export interface ThreadSummary {
  readonly id: number;
  readonly name: string;
  readonly daemon: boolean;
  readonly state: ThreadState;
  /** From its first step to its end, or until now. For the main thread: since profiling began. */
  readonly runTime: number;
  /** How often it was blocked, waiting for something. Awaited waits block nobody and are not counted here. */
  readonly waits: number;
  /** For how long, together. */
  readonly waitTime: number;
}

/** How much something was waited for. Times are milliseconds. */
export interface WaitSummary {
  /** Such as `Lock` or `Event`; for a `Thread`, those that joined it waited. */
  readonly kind: string;
  readonly name: string;
  /** Waits that could not go on at once, blocking and awaited ones. */
  readonly waits: number;
  readonly waitTime: number;
  readonly longestWait: number;
}

/** What happened to a Lock, RLock, Guarded, RWLock, Semaphore or BoundedSemaphore. */
export interface LockSummary extends WaitSummary {
  /**
   * How often it, one of its sides or a permit was acquired. An RLock that its owner takes once more does not count;
   * a condition's wait, which takes its lock again at the end, does.
   */
  readonly acquisitions: number;
  /** For how long it was held, together; null for what several threads can hold at one time. */
  readonly holdTime: number | null;
  readonly longestHold: number | null;
}

/** What went through a queue. */
export interface QueueSummary extends WaitSummary {
  /** Items ever put. */
  readonly puts: number;
  /** Items ever taken. */
  readonly gets: number;
  /** Items left in it. */
  readonly size: number;
  /** Items that fit into it; null if there is no bound. */
  readonly capacity: number | null;
  /** Most items that were ever in it at one time. */
  readonly highWater: number;
}

/** What threads did and waited for since profiling began. It consists of plain data and survives JSON. */
export interface Summary {
  /** Milliseconds since profiling began. */
  readonly duration: number;
  /** Every thread that was made, ended or not, in the order of their numbers. */
  readonly threads: readonly ThreadSummary[];
  /** Every lock, read-write lock and semaphore, in the order in which they were made. */
  readonly locks: readonly LockSummary[];
  /** Every queue, in the same order. */
  readonly queues: readonly QueueSummary[];
  /** Conditions, events, barriers and whatever else was waited for, joined threads among them. */
  readonly others: readonly WaitSummary[];
}

/**
 * A frozen snapshot of what threads did and waited for since {@link startProfiling}. It may be taken at any time, on any
 * thread; numbers of threads that run meanwhile may be a step apart.
 *
 * It does not block, and orders nothing.
 *
 * @throws ThreadStateError if profiling was not started
 * @example
 * ```ts
 * import { Lock } from 'heddle';
 * import { startProfiling, summary } from 'heddle/trace';
 *
 * startProfiling();
 * const lock = new Lock({ name: 'accounts' });
 * lock.acquire().release();
 * console.log(summary().locks[0]?.acquisitions); // 1
 * ```
 */
export function summary(): Summary {
  if (!hasHeap() || i32[Header.PROFILING] !== 1) {
    throw new ThreadStateError(
      'nothing was measured: call startProfiling() before the first thread is started, or run the program with ' +
        '"heddle run"',
    );
  }
  const now = sharedNow();
  const objects = [...entries(Header.PROFILED)]
    .map((entry) => pointer(entry))
    .sort((a, b) => i32[a + Obj.SERIAL]! - i32[b + Obj.SERIAL]!);
  const ofKind = (...ids: number[]): number[] =>
    objects.filter((object) => ids.includes(i32[object + Obj.KIND]!));
  const { LOCK, RLOCK, RWLOCK, SEMAPHORE, BOUNDED_SEMAPHORE, GUARDED, THREAD } = KindId;
  const locks = ofKind(LOCK, RLOCK, RWLOCK, SEMAPHORE, BOUNDED_SEMAPHORE, GUARDED);
  const queues = ofKind(KindId.QUEUE, KindId.LIFO_QUEUE, KindId.PRIORITY_QUEUE);
  const told = new Set([...locks, ...queues]);
  const others = objects.filter((object) => !told.has(object) && i32[object + Obj.WAITS] !== 0);
  return Object.freeze({
    duration: now - f64[(mainThreadObject() + Th.STARTED) >> 1]!,
    threads: frozen(
      ofKind(THREAD)
        .map((thread) => threadSummary(thread, now))
        .sort((a, b) => a.id - b.id),
    ),
    locks: frozen(locks.map((lock) => lockSummary(lock, now))),
    queues: frozen(queues.map(queueSummary)),
    others: frozen(others.map((object) => waitSummary(object, waitStats(object, nameOf(object))))),
  });
}

function threadSummary(thread: number, now: number): ThreadSummary {
  const started = f64[(thread + Th.STARTED) >> 1]!;
  const { id, name, daemon, state } = infoOf(thread);
  const end = hasEnded(thread) ? f64[(thread + Th.ENDED) >> 1]! : now;
  return {
    id,
    name,
    daemon,
    state,
    runTime: started === 0 ? 0 : Math.max(0, end - started),
    waits: i32[thread + Th.WAITS]!,
    waitTime: f64[(thread + Th.WAITED) >> 1]!,
  };
}

function waitSummary(object: number, { name, waits, waitTime, longestWait }: WaitStats): WaitSummary {
  return { kind: kindOf(object).name, name, waits, waitTime, longestWait };
}

function lockSummary(object: number, now: number): LockSummary {
  if (!isOwned(object)) {
    const acquisitions = i32[object + Obj.OPERATIONS]!;
    const stats = waitStats(object, nameOf(object));
    return { ...waitSummary(object, stats), acquisitions, holdTime: null, longestHold: null };
  }
  const stats = lockStats(object, nameOf(object));
  const holding = holdingNow(object, now);
  return {
    ...waitSummary(object, stats),
    acquisitions: stats.acquisitions,
    holdTime: stats.holdTime + holding,
    longestHold: Math.max(stats.longestHold, holding),
  };
}

/** For how long a lock's present owner has held it. An owner that has ended holds nothing any more. */
function holdingNow(lock: number, now: number): number {
  const since = f64[(lock + LockWords.HELD_SINCE) >> 1]!;
  return since !== 0 && isAlive(ownerOf(lock)) ? Math.max(0, now - since) : 0;
}

function queueSummary(object: number): QueueSummary {
  const stats = queueStats(object, nameOf(object));
  const { puts, gets, size, highWater } = stats;
  const capacity = Number.isFinite(stats.capacity) ? stats.capacity : null;
  return { ...waitSummary(object, stats), puts, gets, size, capacity, highWater };
}

function frozen<T>(rows: T[]): readonly T[] {
  for (const row of rows) Object.freeze(row);
  return Object.freeze(rows);
}
