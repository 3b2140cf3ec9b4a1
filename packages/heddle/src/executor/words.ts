/**
 * What pools, their threads and their tasks are in shared memory.
 *
 * A *task* is one block: the state, which function, the record of its arguments and later that of its result
 * (queue/records.ts). It is a shared object, so a future that travels is a handle to it; but the worker that submitted
 * it needs no handle, and uses the block again for a later task.
 *
 * Words of a task:
 *
 * | word | meaning | written by |
 * | --- | --- | --- |
 * | STATE | see below | see below |
 * | HEAD, TAIL | who waits for its end | under the task's MUTEX |
 * | CAUSE | {@link Cause}: why it was stopped | who stops it, once, under the pool's MUTEX |
 * | WAITED | {@link Waited}: once somebody may stand in its list, and once it was read by its travelled future | who waits, under the task's MUTEX; who reads |
 * | REASON | payload that belongs to CAUSE, or 0 | who stops it, once, under the pool's MUTEX |
 * | NEXT, PREV | neighbours in the list of pending tasks; NEXT also in DONE as its worker takes it | under the pool's MUTEX; its worker |
 * | POOL | address of its pool, which is there as long as the task has not ended | who submits it |
 * | KEEPS | 1: it has a reference to its pool, since its future has travelled | who submits it, once |
 * | WORKER, TID | the worker that submitted it, and its thread then | who submits it |
 * | TICKET | where that worker finds the future | who submits it |
 * | TARGET | block with the name of the function (targets.ts) | who submits it |
 * | SHAPE | {@link Shape}: what the record holds | who submits it; its thread |
 * | SEAT | the seat that runs it, or 0 | its thread |
 * | OUTER | the task within which its thread runs it, or 0 | its thread |
 * | LEVEL | its priority, as the number of a list | who submits it |
 * | NUMBER | the n-th task of the pool, modulo 2 ** 32; once it has ended, the next one in DONE | who submits it, under the pool's MUTEX; who ends it |
 * | LIMIT | how many milliseconds it may run, a float; 0: any number | who submits it |
 * | PATIENCE | how many milliseconds it may wait for its turn, a float; 0: any number. Negative: it runs, and that is the time, on the shared clock, when it must have ended: by its LIMIT, or since it was asked to stop | who submits it; its thread; who stops it |
 * | RECORD | arguments; once it has ended by itself, the result or the error | who submits it; who ends it |
 *
 * | STATE | meaning | next |
 * | --- | --- | --- |
 * | PENDING | in a list of its pool | RUNNING: its thread; FAILED, CANCELLED: anyone. Under the pool's MUTEX |
 * | RUNNING | in the chain of a seat | ASKED: anyone, under the pool's MUTEX; a final one: its thread |
 * | ASKED | the same, and asked to stop, by a CAUSE | FAILED, CANCELLED: its thread |
 * | DONE, FAILED, CANCELLED | the outcome is there, and does not change any more | |
 *
 * From RUNNING on the step is a compare-and-swap: whoever asks a task to stop and finds it RUNNING knows that it will
 * not end as if nobody had. What a thread leaves undone by its death is done by whoever ends that thread.
 *
 * *References.* A task has one for being in its pool: it passes to the worker that submitted it when the task is put
 * on that worker's DONE, and that worker gives it up once it has read the outcome. Each handle has one of its own.
 *
 * Words of a pool. All but the lists of waiters and what is said to be set once changes under its MUTEX.
 *
 * | word | meaning |
 * | --- | --- |
 * | STATE | {@link PoolState}, which only grows |
 * | HEAD, TAIL | its threads that sleep since there is no task; MODE of a waiter is the seat, VALUE whether something is open there (admitting.ts) |
 * | JOINERS, and the next | who waits for the pool's end |
 * | SENDERS, and the next | who waits for room in the queue |
 * | IDLERS, and the next | the main thread at the program's end, which waits until there is no task |
 * | PENDING | tasks in its lists; looked at without MUTEX by threads that spin |
 * | MASK | bit n: list n has tasks |
 * | LOOKING | seats with LOOKS: while there is one, no thread is woken |
 * | STARTING | seats in use without ARRIVED |
 * | BLOCKED | seats with BLOCKS |
 * | LIVE | seats in use |
 * | THREADS, MOST_PENDING, MOST_TASKS, IDLE_TIMEOUT, ISOLATED, LIMITS, INIT | as the constructor was told; once |
 * | SEATS | first seat of the chain, which only grows |
 * | TARGETS | table of the functions that were ever submitted (memory/table.ts) |
 * | NUMBER | number of the next task |
 * | DEATHS | threads in a row that failed before they came to take a task |
 * | CAUSE | payload with the error that broke it, or 0 |
 * | SUBMITTED, CANCELLED | tasks ever, floats |
 * | STARTED | threads ever started |
 * | WATCHED | the seat that was chosen although its thread may be busy, while the supervisor is to look after that; or 0 |
 * | LISTS | head and tail of sixteen lists of pending tasks, one for each priority |
 *
 * Words of a seat, the place of one thread. Seats are used again and freed with the pool.
 *
 * | word | meaning | written by |
 * | --- | --- | --- |
 * | NEXT | next seat of the pool | once, under MUTEX |
 * | THREAD | address of the thread object (one reference), or 0 | under MUTEX |
 * | STARTER | tid of who is starting the thread, or 0. With THREAD 0 too, the seat is free | under MUTEX |
 * | TASK | the task that runs, the one begun last if several do; OUTER leads on | its thread; who ends the thread |
 * | LOOKS | 1: awake, and looks for a task, or has been woken to | under MUTEX |
 * | ARRIVED | 1: has come to take a task | under MUTEX |
 * | BLOCKS | 1: its thread is blocked until a task of this pool has ended, or is about to leave | under MUTEX |
 * | CONDEMNED | 1: terminate() is under way; takes no task any more | under MUTEX |
 * | TASKS | tasks that its thread has finished | its thread |
 * | FINISHED, FAILED | tasks that all its threads have finished, and which of these failed; floats | its threads |
 */

export const T = {
  STATE: 3,
  HEAD: 4,
  CAUSE: 7,
  WAITED: 9,
  REASON: 14,
  KEEPS: 15,
  NEXT: 16,
  PREV: 17,
  POOL: 18,
  WORKER: 19,
  TID: 20,
  TICKET: 21,
  TARGET: 22,
  SHAPE: 23,
  SEAT: 24,
  OUTER: 25,
  LEVEL: 26,
  NUMBER: 27,
  LIMIT: 28,
  PATIENCE: 30,
  RECORD: 32,
  WORDS: 96,
} as const;

/** STATE of a task. */
export const TaskState = { PENDING: 0, RUNNING: 1, ASKED: 2, DONE: 3, FAILED: 4, CANCELLED: 5 } as const;

/** Why a task was stopped. The error is made by who reads it, from this, REASON, LIMIT and PATIENCE. */
export const Cause = { NONE: 0, CANCELLED: 1, OVERDUE: 2, EXPIRED: 3, BROKEN: 4 } as const;

/** Bits of a task's WAITED. */
export const Waited = { LIST: 1, READ: 2 } as const;

/** What a task's record holds: nothing, the only argument, an array of them, the items of a chunk, or the outcome. */
export const Shape = { NONE: 0, ONE: 1, MANY: 2, CHUNK: 3, OUTCOME: 4 } as const;

/** Words of a pool: STATE, HEAD and TAIL are those of `Obj`, and the body begins at `Obj.BODY`. */
export const P = {
  JOINERS: 16,
  SENDERS: 18,
  PENDING: 20,
  MASK: 21,
  LOOKING: 22,
  STARTING: 23,
  BLOCKED: 24,
  LIVE: 25,
  THREADS: 26,
  MOST_PENDING: 27,
  MOST_TASKS: 28,
  ISOLATED: 29,
  LIMITS: 30,
  INIT: 31,
  SEATS: 32,
  TARGETS: 33,
  NUMBER: 34,
  DEATHS: 35,
  CAUSE: 36,
  STARTED: 37,
  IDLE_TIMEOUT: 38,
  SUBMITTED: 40,
  CANCELLED: 42,
  LISTS: 44,
  IDLERS: 76,
  WATCHED: 78,
  WORDS: 80,
} as const;

/** STATE of a pool. SHUT: it takes no more tasks. BROKEN: nor does it run any. */
export const PoolState = { OPEN: 0, SHUT: 1, BROKEN: 2 } as const;

export const S = {
  NEXT: 0,
  THREAD: 1,
  STARTER: 2,
  TASK: 3,
  LOOKS: 4,
  ARRIVED: 5,
  BLOCKS: 6,
  CONDEMNED: 7,
  TASKS: 8,
  FINISHED: 10,
  FAILED: 12,
  WORDS: 16,
} as const;

/** Whether a task has ended. */
export const hasOutcome = (state: number): boolean => state >= TaskState.DONE;
