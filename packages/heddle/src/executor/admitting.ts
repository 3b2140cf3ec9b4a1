/** Who waits for something of a pool's, and goes on when it is there. All of it under the pool's MUTEX. */
import { i32, pointer } from '../memory/heap.js';
import { Obj, retain, withMutex } from '../memory/object.js';
import { W, Wait } from '../park/waiter.js';
import { commit, grantAll, wake } from '../park/waiters.js';
import { tell } from '../thread/upward.js';
import { P, PoolState, S } from './words.js';

/** The sleeping thread that is to be woken, or 0: its waiter, its worker, and whether it awaits. */
let chosen = 0;
let chosenWorker = 0;
let chosenAwaits = false;
/** The pool whose chosen thread is to be watched, or 0. */
let watched = 0;

/** VALUE of a sleeping thread's waiter: 1 if something is open in the thread, whose event loop may be busy with that. */
export const Openness = { QUIET: 0, OPEN: 1 } as const;
/** Among so many of those that have slept for the shortest time one is chosen that is quiet. */
const CHOICE = 16;
/** Milliseconds that a thread which may be busy has to come, once it is chosen. */
const PATIENCE = 5;

/**
 * Chooses a sleeping thread that is to look for a task, unless one does so already. The caller wakes it by {@link wakeChosen}
 * once MUTEX is let go: it would want that at once. Should this thread die in between, the supervisor has all threads look.
 */
export function chooseOne(pool: number): void {
  if (i32[pool + P.LOOKING] !== 0) return;
  const waiter = sleeper(pool);
  if (waiter === 0) return;
  if (i32[waiter + W.VALUE] === Openness.OPEN && i32[pool + P.WATCHED] === 0) {
    i32[pool + P.WATCHED] = i32[waiter + W.MODE]!;
    watched = pool;
  }
  chosenWorker = pointer(waiter + W.WORKER);
  chosenAwaits = i32[waiter + W.AWAITED] === 1;
  // Said first: should this thread die before it has counted that, who counts anew finds that the seat's thread sleeps.
  i32[i32[waiter + W.MODE]! + S.LOOKS] = 1;
  if (commit(waiter, Wait.GRANTED, 0, 0, 0, 0, pool + P.LOOKING)) chosen = waiter;
}

/** The one that has slept for the shortest time: it wakes soonest, and the others may end. A quiet one, if there is one. */
function sleeper(pool: number): number {
  const last = pointer(pool + Obj.TAIL);
  let waiter = last;
  for (let k = 0; k < CHOICE && waiter !== 0; k++) {
    if (i32[waiter + W.VALUE] === Openness.QUIET) return waiter;
    waiter = pointer(waiter + W.PREV);
  }
  return last;
}

/** Wakes the thread that was chosen, if any. Not under MUTEX. */
export function wakeChosen(): void {
  if (chosen === 0) return;
  const waiter = chosen;
  chosen = 0;
  wake(waiter, chosenWorker, chosenAwaits);
  if (watched !== 0) watch();
}

function watch(): void {
  const pool = watched;
  watched = 0;
  retain(pool);
  tell({ type: 'alarm', object: pool, delay: PATIENCE });
}

/** A thread has died, which may have chosen another one without telling the supervisor. Under MUTEX. */
export function watchAgain(pool: number): void {
  if (i32[pool + P.WATCHED] === 0) return;
  watched = pool;
  watch();
}

/** A thread was chosen some time ago: if it has not come, and there is a task, another one is. In the supervisor. */
export function lookAfterWatched(pool: number): void {
  withMutex(pool, () => {
    const seat = i32[pool + P.WATCHED]!;
    if (seat === 0) return;
    i32[pool + P.WATCHED] = 0;
    if (i32[pool + P.LOOKING] === 0 || i32[pool + P.PENDING] === 0) return;
    if (i32[seat + S.LOOKS] === 1) {
      // Should it come after all, it looks as if it had not been chosen.
      i32[seat + S.LOOKS] = 0;
      i32[pool + P.LOOKING]! -= 1;
      admitAll(pool);
      return;
    }
    // Another one has been chosen meanwhile.
    for (let its = pointer(pool + P.SEATS); its !== 0; its = pointer(its + S.NEXT)) {
      if (i32[its + S.LOOKS] === 1) i32[pool + P.WATCHED] = its;
    }
    watchAgain(pool);
  });
}

/**
 * Whether a pool that was shut down has come to its end. Without threads it may still have tasks: then the last thread has
 * died, and another is about to be started in its place. Under MUTEX.
 */
export function hasFinished(pool: number): boolean {
  return i32[pool + Obj.STATE] !== PoolState.OPEN && i32[pool + P.LIVE] === 0 && i32[pool + P.PENDING] === 0;
}

/** Whether a pool has no task, neither pending nor running. Under MUTEX. */
export function isIdle(pool: number): boolean {
  if (i32[pool + P.PENDING] !== 0) return false;
  for (let seat = pointer(pool + P.SEATS); seat !== 0; seat = pointer(seat + S.NEXT))
    if (i32[seat + S.TASK] !== 0) return false;
  return true;
}

/** Tells who waits for that. Each thread calls it after its last task, so the last of them finds the pool idle. Under MUTEX. */
export function admitIdlers(pool: number): void {
  if (i32[pool + P.IDLERS] !== 0 && isIdle(pool)) grantAll(pool + P.IDLERS);
}

/** `Kind.admit` of pools: ends every wait that can end. */
export function admitAll(pool: number): void {
  const shut = i32[pool + Obj.STATE] !== PoolState.OPEN;
  const hasTasks = i32[pool + P.PENDING]! > 0;
  if (hasTasks) {
    chooseOne(pool);
    wakeChosen();
  } else if (shut) grantAll(pool + Obj.HEAD); // there is nothing to come: they end
  if (hasFinished(pool)) grantAll(pool + P.JOINERS);
  admitIdlers(pool);
  if (shut || i32[pool + P.PENDING]! < i32[pool + P.MOST_PENDING]!) grantAll(pool + P.SENDERS);
}

/** A thread has ended: should it still stand among those that sleep, it is not to be chosen. */
export function forgetSleeper(pool: number, seat: number): void {
  for (let waiter = pointer(pool + Obj.HEAD); waiter !== 0;) {
    const next = pointer(waiter + W.NEXT);
    if (i32[waiter + W.MODE] === seat) commit(waiter, Wait.FREE, 0);
    waiter = next;
  }
}
