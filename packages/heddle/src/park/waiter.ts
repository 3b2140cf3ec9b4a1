/**
 * A waiter is a block of the heap, made by the worker that waits and reused by it:
 *
 * | word | meaning | written by |
 * | --- | --- | --- |
 * | STATE | see below | see below |
 * | WORKER | address of its worker's record | its worker, once |
 * | TID | the thread that waits | its worker, before it is listed |
 * | OBJECT | the primitive it waits for | its worker, or who moves it; under that primitive's MUTEX |
 * | LIST | address of the list's HEAD word; TAIL follows it | as OBJECT |
 * | NEXT, PREV | neighbours, or 0 | under MUTEX |
 * | MODE, VALUE | the primitive's own, such as how many permits; VALUE also carries a result back | as OBJECT |
 * | AWAITED | 1 if a promise waits, 0 if the thread is blocked | its worker, before it is listed |
 * | POSTED | tid of who posts it or has posted it while it is in its worker's inbox, else 0 (doorbell.ts) | see there |
 * | POST_NEXT | next in the inbox | who posts it |
 * | CHAIN | next of all waiters of its worker | its worker, once |
 * | LEADER | 0; in a selection (selection.ts): the first of its waiters | its worker, before it is listed |
 * | CHOSEN | of a selection's leader: see below | see below |
 * | SINCE | shared-clock milliseconds, a float | its worker |
 * | PATIENCE | {@link Patient}: what else than a grant may end the wait | its worker, before it is listed |
 *
 * | STATE | meaning | next |
 * | --- | --- | --- |
 * | FREE | in its worker's pool | WAITING: its worker |
 * | WAITING | in a list | NUDGED, GRANTED: who frees the primitive; LEFT: its worker or the supervisor |
 * | NUDGED | still in the list: try to take the primitive | WAITING, GRANTED, LEFT: its worker, under MUTEX |
 * | GRANTED | off the list: it has what it waited for | FREE: its worker |
 * | LEFT | off the list: timed out, aborted, cancelled or dead; the primitive has not reacted yet | FREE: its worker |
 *
 * | CHOSEN | meaning | next |
 * | --- | --- | --- |
 * | WAITING | nothing has been granted to the selection | an address: who grants; LEFT: its worker. By compare-and-swap |
 * | address of a waiter | that one was granted; no other will be | WAITING: its worker, in another selection |
 * | LEFT | timed out, aborted, cancelled, or refused everywhere; none will be granted | as before |
 */
export const W = {
  STATE: 0,
  WORKER: 1,
  TID: 2,
  OBJECT: 3,
  LIST: 4,
  NEXT: 5,
  PREV: 6,
  MODE: 7,
  VALUE: 8,
  AWAITED: 9,
  POSTED: 10,
  POST_NEXT: 11,
  CHAIN: 12,
  LEADER: 13,
  SINCE: 14,
  CHOSEN: 16,
  PATIENCE: 17,
  WORDS: 18,
} as const;

export const Wait = { FREE: 0, WAITING: 1, NUDGED: 2, GRANTED: 3, LEFT: 4 } as const;

/** PATIENCE of a waiter. BOUNDED: a timeout or a signal. DEAF: nothing else, not even cancellation. */
export const Patient = { CANCELLABLE: 0, BOUNDED: 1, DEAF: 2 } as const;
