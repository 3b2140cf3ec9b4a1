/**
 * Spinning: looking at a word a while longer before going to sleep, since waking a sleeper costs tens of
 * microseconds and a waiter that still looks answers in less than one.
 *
 * Spinning only helps when whoever will end the wait is running at the same time. It is therefore off while more
 * threads run than the machine has cores, it is bounded, and it adapts to whether it has paid: a look that was in vain
 * halves the thread's patience, down to {@link LEAST}, one that was not restores it. Two threads that answer each other
 * would then stay asleep in turn for ever, each too slow for the other's little patience; so an impatient thread is
 * patient once in a while, ever more seldom as long as that is in vain.
 *
 * All figures are of numbers sent there and back through two queues, on 2 cores with Node 20.20: µs a trip when both
 * cores are free; when other processes load both; after each millisecond of sleep; and the processor that the last took.
 *
 * | MOST | free | loaded | seldom | processor |
 * | --- | --- | --- | --- | --- |
 * | 2000, always, as before | 0.6 | 43 | 45 | 15 % |
 * | 2000 | 1.3 | 20 to 35 | 67 | 14 % |
 * | 4000 | 0.6 | 19 | 40 | 13 % |
 * | 8000 | 0.7 | 21 | 37 | 13 % |
 * | 16000 | 0.6 | 24 | 37 | 14 % |
 * | 32000 | 0.6 | 26 | 39 | 14 % |
 */
import { i32 } from '../memory/heap.js';
import { Header } from '../memory/layout.js';

/** Looks of a patient thread: some 60 microseconds, a few times what it takes to wake a sleeper. */
const MOST = 8000;
/** Looks of an impatient one. */
const LEAST = 200;
/** An impatient thread is patient at first in one of so many waits, at last in one of {@link SELDOM}. */
const SOON = 8;
const SELDOM = 512;

let patience = MOST;
/** Waits until the next patient one of an impatient thread, now and in general. */
let left = SOON;
let interval = SOON;

/** How often this thread has woken a sleeping one. */
export let wakes = 0;

/**
 * Notes that this thread has just woken another. The system likes to run that one on the very core where this one runs, so
 * that spinning now keeps it from running at all.
 */
export function noteWake(): void {
  wakes = (wakes + 1) | 0;
}

/** Whether spinning can help now. */
export function maySpin(): boolean {
  return i32[Header.SPIN] === 0 && Atomics.load(i32, Header.RUNNING) <= i32[Header.CORES]!;
}

/**
 * Whether another thread can run at this moment. For a few tries at a word that others hold only briefly: they cost
 * less than going to sleep, so they pay also where {@link maySpin} says no and most of them are in vain.
 */
export function hasOtherCores(): boolean {
  return i32[Header.CORES]! > 1;
}

/**
 * Looks at the word at `at` until it is no longer `value` or patience ends; true if it changed. `least`: looks of an
 * impatient thread.
 */
export function spinWhile(at: number, value: number, least: number = LEAST): boolean {
  if (Atomics.load(i32, at) !== value) return true;
  if (!maySpin()) return false;
  const looks = Math.max(nextPatience(), least);
  for (let i = 0; i < looks; i++) {
    if (Atomics.load(i32, at) !== value) {
      patience = MOST;
      left = interval = SOON;
      return true;
    }
  }
  patience = Math.max(LEAST, patience >> 1);
  return false;
}

function nextPatience(): number {
  if (patience > LEAST || --left > 0) return patience;
  left = interval = Math.min(2 * interval, SELDOM);
  return MOST;
}
