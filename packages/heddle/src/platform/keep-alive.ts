/**
 * Keeps this thread's event loop turning while something is awaited that the platform does not count, such as a
 * pending Atomics.waitAsync, which alone would let the program end; and finds out whether anything else keeps it turning.
 */
import { runsDry } from './dryness.js';

/** Milliseconds in which nothing must happen before the loop is tried, and the longest time between two trials. */
const STILL = 50;
const SELDOM = 400;

let holders = 0;
let timer: NodeJS.Timeout | undefined;

/** Called when the loop has nothing else to turn for. */
let onDry: (() => void) | undefined;
/** Counts what happens; what had been counted when the trial was set. */
let events = 0;
let eventsSeen = 0;
let trial: NodeJS.Timeout | undefined;
let pause = STILL;

/** One more reason to stay alive. */
export function hold(): void {
  events++;
  if (holders++ > 0) return;
  // A timer that never matters: 24 days, the longest there is. Made once, then only referenced anew.
  if (timer === undefined) timer = setInterval(() => undefined, 0x7fff_ffff);
  else timer.ref();
  setTrial();
}

/** One reason less. */
export function letGo(): void {
  events++;
  if (--holders === 0) timer?.unref();
}

/** Says what is done when the loop has nothing to turn for but what is held, each time that this begins. */
export function whenDry(action: () => void): void {
  onDry = action;
}

/** Notes that the thread has done something: if the loop has nothing to turn for then, that begins anew. */
export function stir(): void {
  events++;
  if (holders > 0) setTrial();
}

function setTrial(): void {
  if (onDry === undefined || trial !== undefined) return;
  eventsSeen = events;
  trial = setTimeout(tryOut, pause);
  trial.unref();
}

function tryOut(): void {
  trial = undefined;
  if (holders === 0) return;
  if (events !== eventsSeen) {
    pause = STILL;
    setTrial();
    return;
  }
  timer?.unref();
  runsDry((dry) => {
    if (holders === 0) return false;
    timer?.ref();
    if (dry && events === eventsSeen) {
      pause = STILL;
      onDry?.();
    } else {
      pause = Math.min(2 * pause, SELDOM);
      setTrial();
    }
    return true;
  });
}
