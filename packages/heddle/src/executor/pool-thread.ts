/** What a thread of a pool does: takes tasks, one at a time, and runs them. */
import { TimeoutError } from '../base/errors.js';
import { f64, i32, pointer, reach } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { Obj } from '../memory/object.js';
import { readPayload } from '../memory/payload.js';
import { pendingWaits, waitAsync } from '../park/await.js';
import { isCancelled } from '../park/current.js';
import { waitFor } from '../park/wait.js';
import { now } from '../platform/clock.js';
import { reportRejections } from '../platform/rejections.js';
import { isNothingOpenBut, openResources, type Resources } from '../platform/resources.js';
import { defineOwnTarget, findTarget } from '../thread/find-target.js';
import type { Start } from '../thread/run.js';
import { admitAll, admitIdlers, chooseOne, Openness, wakeChosen } from './admitting.js';
import { allHelped, sitDown } from './helping.js';
import { looksOut } from './looking.js';
import { begin, first } from './pending.js';
import { run } from './running.js';
import { arrive, breakPool, hasTooMany, POOL_THREAD } from './seats.js';
import { forgetTargets } from './targets.js';
import { P, PoolState, S } from './words.js';

/** No task now; no task any more. */
const NONE = 0;
const LEAVE = -1;
/** After so many milliseconds of tasks without a pause, the event loop turns: timers, signals and the inspector are served. */
const LONGEST_RUN = 5;
/** Milliseconds that a thread without work blocks before it awaits. */
const DOZE = 50;

/** What was open in this worker when the thread came to take tasks. */
let usual: Resources = new Map();

defineOwnTarget(POOL_THREAD, serve as (...args: unknown[]) => unknown);

/** The pool is there as long as its thread has not ended, which has a reference to it (Th.GROUP). */
async function serve(pool: number, seat: number): Promise<void> {
  reach(pool);
  reach(seat);
  sitDown(pool, seat);
  forgetTargets();
  try {
    if (await initialize(pool)) await work(pool, seat);
    await allHelped();
  } finally {
    sitDown(0, 0);
  }
}

/** Calls the initializer. Its failure breaks the pool: it would fail in every thread. */
async function initialize(pool: number): Promise<boolean> {
  const payload = pointer(pool + P.INIT);
  if (payload === 0) return true;
  try {
    const { target, args } = readPayload(payload) as Start;
    await (
      await findTarget(target)
    )(...args);
    return true;
  } catch (error) {
    breakPool(pool, error, 'its initializer has failed');
    return false;
  }
}

async function work(pool: number, seat: number): Promise<void> {
  usual = openResources();
  arrive(pool, seat);
  for (;;) {
    const outcome = await inTurn(() => runSome(pool, seat));
    if (outcome === LEAVE || (outcome === NONE && !(await sleep(pool, seat)))) return;
  }
}

/**
 * Runs tasks until there is none ({@link NONE}), or none any more ({@link LEAVE}), or the event loop is to turn. The promise
 * is that of a task that is async.
 */
function runSome(pool: number, seat: number): number | undefined | Promise<void> {
  const end = now() + LONGEST_RUN;
  do {
    const task = isWornOut(pool, seat) ? LEAVE : claim(pool, seat);
    if (task === LEAVE) return LEAVE;
    if (task !== NONE) {
      const running = run(task, seat);
      if (running !== undefined) return running;
    } else if (!looksOut(pool)) {
      return NONE;
    }
  } while (now() < end);
  return undefined;
}

/** Calls a function as a callback of the event loop, so that what its tasks leave behind can be worked off after each. */
function inTurn<R>(action: () => R): Promise<Awaited<R>> {
  return new Promise<Awaited<R>>((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(action() as Awaited<R>);
      } catch (error) {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever was thrown
        reject(error);
      }
    });
  });
}

/** Takes the next task and begins it. */
function claim(pool: number, seat: number): number {
  lock(pool + Obj.MUTEX);
  const surplus = hasTooMany(pool);
  const ends =
    surplus || isCancelled() || i32[seat + S.CONDEMNED] === 1 || i32[pool + Obj.STATE] === PoolState.BROKEN;
  const task = ends ? 0 : first(pool);
  const looks = i32[seat + S.LOOKS];
  let answer = task;
  if (task !== 0) {
    begin(pool, task, seat);
    if (looks === 1) countLooking(pool, seat, 0);
    if (i32[pool + P.PENDING]! > 0) chooseOne(pool);
  } else if (ends || i32[pool + Obj.STATE] !== PoolState.OPEN) {
    answer = LEAVE;
    if (looks === 1) countLooking(pool, seat, 0);
    if (surplus) countOut(pool, seat);
  } else if (looks === 0) {
    countLooking(pool, seat, 1);
  }
  if (i32[pool + P.SENDERS] !== 0) admitAll(pool);
  unlock(pool + Obj.MUTEX);
  wakeChosen();
  return answer;
}

/** The thread is about to leave since there are too many: the others are not, without it. */
function countOut(pool: number, seat: number): void {
  i32[seat + S.BLOCKS] = 1;
  i32[pool + P.BLOCKED]! += 1;
}

function countLooking(pool: number, seat: number, looks: 0 | 1): void {
  i32[seat + S.LOOKS] = looks;
  i32[pool + P.LOOKING]! += looks === 1 ? 1 : -1;
}

/**
 * Sleeps until there may be a task. False if none came for long, and the thread should end.
 *
 * For a while it blocks, since that way it wakes soonest, unless something else is open in this thread that its event loop
 * must serve. Then it awaits, and all timers, signals and the inspector are served.
 */
async function sleep(pool: number, seat: number): Promise<boolean> {
  const idle = f64[(pool + P.IDLE_TIMEOUT) >> 1]!;
  const hasSomething = (): boolean => {
    if (i32[pool + P.PENDING]! > 0 || i32[pool + Obj.STATE] !== PoolState.OPEN) return true;
    if (i32[seat + S.LOOKS] === 1) countLooking(pool, seat, 0);
    admitIdlers(pool);
    return false;
  };
  await reportRejections(); // and whatever else the last tasks left behind
  const quiet = isQuiet();
  if (quiet && idle > DOZE && waitFor(pool, pool + Obj.HEAD, DOZE, hasSomething, seat)) return true;
  const openness = quiet ? Openness.QUIET : Openness.OPEN;
  try {
    await waitAsync(
      pool,
      pool + Obj.HEAD,
      { timeout: idle, signal: undefined },
      hasSomething,
      seat,
      openness,
    );
    return true;
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    return false; // a task that came just now has another thread started
  }
}

/** Whether nothing is open in this thread but what was when it came: no timer, no handle, no awaited wait. */
function isQuiet(): boolean {
  return pendingWaits() === 0 && isNothingOpenBut(usual);
}

function isWornOut(pool: number, seat: number): boolean {
  const most = i32[pool + P.MOST_TASKS]!;
  return most > 0 && i32[seat + S.TASKS]! >= most;
}
