/**
 * How this worker learns that its tasks have ended.
 *
 * What has ended lies on a stack of the worker's (completion.ts). A worker looks at it where that costs least: while it
 * waits for one task in `then`, for some microseconds if cores are free (park/spin.ts); in a turn of the event loop after
 * each turn that has brought something; and when neither brings anything, it asks to be rung for.
 *
 * Each ring takes some ten microseconds of the thread that rings, and then a core from one that computes, if all cores are
 * taken. So where several tasks end in each millisecond, and many more are under way that keep the threads busy, it naps
 * instead and looks at those together that have ended meanwhile.
 *
 * Looking in `then` never keeps the event loop from turning for long: after {@link MOST_LOOKS} of them in one turn, the
 * next waits for the turn.
 */
import { i32, pointer } from '../memory/heap.js';
import { record, Rec, tid } from '../memory/records.js';
import { countToo } from '../park/await.js';
import { answerWith, listen, rings } from '../park/doorbell.js';
import { setRunning } from '../park/parker.js';
import { stirred } from '../park/quiet.js';
import { maySpin, spinWhile, wakes } from '../park/spin.js';
import { now } from '../platform/clock.js';
import { hold, letGo } from '../platform/keep-alive.js';
import { takeDone } from './completion.js';
import { waitsAreCancelled } from './helping.js';
import { beforeReport, loseTask } from './lost.js';
import { Luck } from './luck.js';
import { giveBlock, isOrphaned } from './task-blocks.js';
import { T } from './words.js';

/** What a worker knows of a task that it has submitted: its future. */
export interface Arrival {
  /** The task has ended, and belongs to the future from now on, with one reference. */
  arrive(task: number): void;
  /** This thread was cancelled: who awaits the task does so no longer. */
  giveUp(): void;
  /** Whether it may still use its task's pool. */
  needs(pool: number): boolean;
}

/** Looks in `then` between two turns of the event loop. */
const MOST_LOOKS = 64;
/** With more tasks than so many under way, `then` does not look: there is enough to do without. */
const FEW = 4;
/** Looks at one time, by a thread that has often looked in vain: some 20 microseconds. */
const LOOKS = 2500;
/** Turns of the event loop that may bring nothing before this worker asks to be rung for. */
const MOST_IDLE_TURNS = 2;
/** Milliseconds of a nap; the event loop's clock makes it up to one more. */
const NAP = 1;
/** So many milliseconds' worth of tasks must be under way for a nap. */
const PLENTY = 8;

const awaited: (Arrival | undefined)[] = [];
const freeTickets: number[] = [];
/** What was taken from the stack and not looked at: a stack overflow, in whoever called, may have cut that short. */
let taken = 0;
let outstanding = 0;
let looks = 0;
let idleTurns = 0;
let wakesSeen = 0;
const luck = new Luck();
let scheduled = false;
let listening = false;
let napping = false;
/** When this worker last had nothing to do, and how many tasks have ended since. */
let idleSince = 0;
let arrived = 0;

/** Registers the future of a task that is about to be submitted; returns its ticket. */
export function expect(future: Arrival): number {
  const ticket = freeTickets.pop() ?? awaited.length;
  awaited[ticket] = future;
  if (outstanding++ === 0 || !listening) schedule();
  return ticket;
}

/** Takes back {@link expect}: the task was not submitted. */
export function forget(ticket: number): void {
  awaited[ticket] = undefined;
  freeTickets.push(ticket);
  outstanding--;
}

/**
 * `Kind.isHeld` of pools: a thread that disposes of one has it for as long as it has unsettled futures of it. Such a
 * future may travel or be cancelled, and uses the pool then, which might be gone with its last task.
 */
export function awaitsTaskOf(pool: number): boolean {
  for (const future of awaited) if (future?.needs(pool) === true) return true;
  return false;
}

/** Settles the futures of the tasks that have ended; returns how many there were. */
export function drain(): number {
  if (taken === 0 && Atomics.load(i32, record + Rec.DONE) === 0) return 0;
  let count = 0;
  if (taken === 0) taken = takeDone(record);
  try {
    while (taken !== 0) {
      const task = taken;
      taken = pointer(task + T.NEXT);
      if (i32[task + T.TID] === tid) {
        const ticket = i32[task + T.TICKET]!;
        const future = awaited[ticket];
        if (count === 0) stirred();
        forget(ticket);
        future?.arrive(task);
        count++;
      } else {
        // Of an earlier thread in this slot, which has ended.
        if (isOrphaned(task)) loseTask(task);
        giveBlock(task);
      }
    }
  } finally {
    if (taken !== 0) schedule();
  }
  wakesSeen = wakes;
  arrived += count;
  return count;
}

/** For `then`: looks for a short while, if that is likely to bring something. */
export function lookBriefly(): void {
  if (looks >= MOST_LOOKS) return;
  looks++;
  if (outstanding <= FEW && !hasWoken() && luck.isWorthwhile())
    luck.come(spinWhile(record + Rec.DONE, 0, LOOKS));
  drain();
}

/** Whether this thread has woken another since a task has last ended: then it looks in vain (park/spin.ts). */
function hasWoken(): boolean {
  return wakes !== wakesSeen;
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(turn);
}

function turn(): void {
  scheduled = false;
  looks = 0;
  let count = -1;
  try {
    count = drain();
  } finally {
    if (count < 0) schedule(); // something has thrown: the others are still to be told
  }
  idleTurns = count > 0 ? 0 : idleTurns + 1;
  if (outstanding === 0) return;
  if (idleTurns === 0) schedule();
  else if (!hasWoken() && (idleTurns <= MOST_IDLE_TURNS || spinWhile(record + Rec.DONE, 0))) schedule();
  else if (mayNap() && !waitsAreCancelled()) nap();
  else sleep();
}

/** Whether a nap is likely to bring several ended tasks, and to leave many more that have not. */
function mayNap(): boolean {
  const time = now();
  const passed = time - idleSince;
  const count = arrived;
  idleSince = time;
  arrived = 0;
  return !maySpin() && count >= passed && outstanding * passed >= PLENTY * count;
}

/** Looks again in a moment, and is not rung for meanwhile. */
function nap(): void {
  if (napping) return;
  napping = true;
  setRunning(0);
  setTimeout(() => {
    napping = false;
    setRunning(1);
    turn();
  }, NAP);
}

/** Asks to be rung for. */
function sleep(): void {
  const heard = rings();
  Atomics.store(i32, record + Rec.LISTENS, 1);
  if (taken !== 0 || Atomics.load(i32, record + Rec.DONE) !== 0) {
    Atomics.store(i32, record + Rec.LISTENS, 0);
    schedule();
    return;
  }
  if (!listening) {
    listening = true;
    hold();
    setRunning(0);
  }
  giveUpAwaiting(); // nobody has rung before
  listen(heard);
}

/** The waits of a thread that was cancelled end. */
function giveUpAwaiting(): void {
  if (waitsAreCancelled()) for (const future of awaited) future?.giveUp();
}

answerWith(() => {
  if (!listening) return;
  giveUpAwaiting();
  // None outstanding: what it listened for has been taken from the stack meanwhile, by a blocking wait or a cancel.
  if (outstanding > 0 && Atomics.load(i32, record + Rec.DONE) === 0) {
    sleep(); // rung for something else
    return;
  }
  Atomics.store(i32, record + Rec.LISTENS, 0);
  listening = false;
  letGo();
  setRunning(1);
  idleTurns = 0;
  turn();
});

countToo(() => outstanding);
beforeReport(drain);
