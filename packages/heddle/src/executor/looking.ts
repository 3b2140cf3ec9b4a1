/**
 * How a thread of a pool looks for the next task after the last: for a while it spins, since who submits one task after
 * another has the next one ready in some microseconds, and waking a sleeper takes longer.
 *
 * It does not if it has just woken the one who submits, by telling of a task's end: that one then waits for this very core
 * (park/spin.ts). But two threads that wake each other in turn would go on so for ever, on one core; so the thread naps
 * once in a while instead, which lets the other run, is started by the clock on a core that is free, and spins then.
 *
 * Where spinning has been in vain several times, it is tried seldom (luck.ts).
 */
import { i32 } from '../memory/heap.js';
import { spinWhile, wakes } from '../park/spin.js';
import { Luck } from './luck.js';
import { P } from './words.js';

/** Looks: some 60 microseconds, more than waking the one who submits takes. */
const LOOKS = 8000;
/** Milliseconds of a nap: as short as the system can make it. */
const NAP = 0.05;
/** A thread that has woken another naps at first in one of so many cases, at last in one of {@link SELDOM}. */
const SOON = 4;
const SELDOM = 64;

let wakesSeen = 0;
let untilNap = SOON;
let napInterval = SOON;
const luck = new Luck();

/** Looks for a task for a short while; true if there is one. */
export function looksOut(pool: number): boolean {
  const hasWoken = wakes !== wakesSeen;
  wakesSeen = wakes;
  if (hasWoken) {
    if (--untilNap > 0) return false;
    untilNap = napInterval = Math.min(2 * napInterval, SELDOM);
    Atomics.wait(i32, pool + P.PENDING, 0, NAP);
  } else if (!luck.isWorthwhile()) {
    return Atomics.load(i32, pool + P.PENDING) !== 0;
  }
  const found = luck.come(spinWhile(pool + P.PENDING, 0, LOOKS));
  if (found) napInterval = untilNap = SOON;
  return found;
}
