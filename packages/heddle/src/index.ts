/**
 * heddle: threads for TypeScript, with the pitfalls caught.
 *
 * The layers, from the ground up; imports point strictly downward:
 *
 * - `base/`      errors, checks of arguments, call sites
 * - `platform/`  what differs between runtimes: workers, output, the event loop
 * - `memory/`    the shared heap, shared objects, values as bytes
 * - `park/`      waiting: waiters, blocking, awaiting, cancellation, death
 * - `sync/`      Lock, RLock, RWLock, Semaphore, Condition, Event, Barrier, Latch, Once
 * - `queue/`     Queue, LifoQueue, PriorityQueue, select
 * - `shared/`    Atomic, sharedArray, struct, SharedValue, SharedMap, SharedList, Guarded
 * - `thread/`    Thread, ThreadGroup, Timer, the supervisor, targets
 * - `executor/`  ThreadPool, Future, map
 * - `detect/`    deadlocks, the order in which locks are taken, dumps
 * - `trace/`     what threads waited for and how long locks were held; drawings of reports
 * - `cli/`       `heddle run`
 * - `entry/`     the first modules of heddle's workers
 */
import './executor/kinds.js';
import './thread/kinds.js';
import './thread/barrier-targets.js';
import './thread/exit.js';
import './detect/lock-order.js';
import './detect/sites.js';

export type { Named, WaitOptions } from './base/arguments.js';
export * from './base/errors.js';
export type { Report, ReportedHold, ReportedThread, ReportedWait, ReportKind, Site } from './base/report.js';
export { dump } from './detect/dump.js';
export type { DumpedThread, ThreadDump } from './detect/dump-words.js';
export type { Executor, ExecutorStats, ShutdownOptions, SubmitOptions } from './executor/executor.js';
export type { FutureState } from './executor/future.js';
export { Future } from './executor/future.js';
export type { WaitAllOptions } from './executor/gathering.js';
export { asCompleted, waitAll } from './executor/gathering.js';
export type { MapOptions, Mapping } from './executor/mapping.js';
export type { ThreadPoolOptions } from './executor/thread-pool.js';
export { ThreadPool } from './executor/thread-pool.js';
export type { ThreadInfo, ThreadState } from './park/thread-info.js';
export { checkCancelled } from './park/cancel.js';
export type { WaitStats } from './park/waitable.js';
export type { ResourceLimits } from './platform/workers.js';
export { LifoQueue } from './queue/lifo-queue.js';
export type { Prioritized, PriorityPutOptions } from './queue/priority-queue.js';
export { PriorityQueue } from './queue/priority-queue.js';
export type { QueueStats } from './queue/queue-stats.js';
export type { QueueOptions } from './queue/queue.js';
export { Queue } from './queue/queue.js';
export type { Selected } from './queue/select.js';
export { select, selectAsync } from './queue/select.js';
export type { AtomicKind, AtomicValue } from './shared/atomic.js';
export { Atomic } from './shared/atomic.js';
export type { ValueGuard } from './shared/guarded.js';
export { Guarded } from './shared/guarded.js';
export type { ScalarType, SharedArray } from './shared/shared-array.js';
export { sharedArray } from './shared/shared-array.js';
export type {
  ArrayType,
  FieldInitial,
  FieldType,
  FieldValue,
  FixedArray,
  Initial,
  Plain,
  Schema,
  Struct,
  StructType,
  TextType,
} from './shared/struct-types.js';
export { array, struct, text } from './shared/struct.js';
export { SharedList } from './shared/shared-list.js';
export { SharedMap } from './shared/shared-map.js';
export { SharedValue } from './shared/shared-value.js';
export type { BarrierOptions } from './sync/barrier.js';
export { Barrier } from './sync/barrier.js';
export { Condition } from './sync/condition.js';
export { Event } from './sync/event.js';
export type { Guard } from './sync/guard.js';
export { Latch } from './sync/latch.js';
export type { LockStats } from './sync/lock-stats.js';
export { Lock } from './sync/lock.js';
export { Once } from './sync/once.js';
export { RLock } from './sync/rlock.js';
export { RWLock } from './sync/rwlock.js';
export { BoundedSemaphore, Semaphore } from './sync/semaphore.js';
export type { Configuration } from './thread/configure.js';
export { configure } from './thread/configure.js';
export { onReport } from './thread/reports.js';
export type { ThreadFailure } from './thread/failures.js';
export { onThreadFailure } from './thread/failures.js';
export { isMain } from './thread/main-module.js';
export { task } from './thread/task.js';
export { ThreadGroup } from './thread/thread-group.js';
export { ThreadLocal } from './thread/thread-local.js';
export type { ThreadOptions } from './thread/thread.js';
export { spawn, Thread } from './thread/thread.js';
export { currentThread, mainThread, threads } from './thread/threads.js';
export { Timer } from './thread/timer.js';
export { isMainThread } from './thread/world.js';
