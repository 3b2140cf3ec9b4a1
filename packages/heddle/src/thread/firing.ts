/**
 * The words of timers, and what the supervisor does when one is due.
 *
 * | STATE | meaning | next |
 * | --- | --- | --- |
 * | NEW | not started | PENDING: its maker |
 * | PENDING | the supervisor waits; the timer keeps the program alive | FIRED: supervisor; CANCELLED: anyone |
 * | FIRED | its thread was started | |
 * | CANCELLED | it never runs | |
 *
 * The word THREAD is the address of the thread that it starts; the timer has one reference to it.
 */
import { i32, pointer, reach } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import { Obj, release } from '../memory/object.js';
import { Status } from '../park/current.js';
import { endThread, errorPayload } from './ending.js';
import { dispatch } from './workforce.js';

export const TimerState = { NEW: 0, PENDING: 1, FIRED: 2, CANCELLED: 3 } as const;
export const TIMER_THREAD: number = Obj.BODY;
export const TIMER_WORDS: number = Obj.BODY + 2;

/** What the supervisor waits for, by the timer's address, with the reference that came with the request. */
const awaited = new Map<number, NodeJS.Timeout>();

/** Waits for a timer, unless it has been cancelled by now. Takes over the request's reference. `when` may put work off. */
export function awaitTimer(timer: number, delay: number, when: (work: () => void) => void): void {
  reach(timer);
  const fire = (): void => {
    awaited.delete(timer);
    when(() => {
      fireTimer(timer);
    });
  };
  if (i32[timer + Obj.STATE] === TimerState.PENDING) {
    awaited.set(timer, setTimeout(fire, delay));
  } else {
    when(() => {
      release(timer);
    });
  }
}

/** Stops waiting for a timer that was cancelled, and takes over the request's reference. */
export function dropTimer(timer: number): void {
  const waiting = awaited.get(timer);
  if (waiting !== undefined) {
    clearTimeout(waiting);
    awaited.delete(timer);
    release(timer);
  }
  release(timer);
}

/** Starts the thread of a timer that is due. */
function fireTimer(timer: number): void {
  if (leavePending(timer, TimerState.FIRED)) {
    const thread = pointer(timer + TIMER_THREAD);
    try {
      dispatch(thread);
    } catch (error) {
      endThread(thread, Status.FAILED, errorPayload(error));
    }
    forgetPending();
  }
  release(timer);
}

/** NEW → PENDING; false if it was started before. It keeps the program alive from now on. */
export function enterPending(timer: number): boolean {
  if (Atomics.compareExchange(i32, timer + Obj.STATE, TimerState.NEW, TimerState.PENDING) !== TimerState.NEW)
    return false;
  Atomics.add(i32, Header.LIVE, 1);
  Atomics.add(i32, Header.TIMERS, 1);
  return true;
}

/** PENDING → a final state; false if it was not pending. The caller then calls {@link forgetPending}. */
export function leavePending(timer: number, state: number): boolean {
  return Atomics.compareExchange(i32, timer + Obj.STATE, TimerState.PENDING, state) === TimerState.PENDING;
}

/** The timer does not keep the program alive any more. */
export function forgetPending(): void {
  Atomics.sub(i32, Header.TIMERS, 1);
  Atomics.sub(i32, Header.LIVE, 1);
  Atomics.notify(i32, Header.LIVE);
}
