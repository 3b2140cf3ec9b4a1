/**
 * The mechanism of Semaphore and BoundedSemaphore, on addresses.
 *
 * The word (Obj.STATE):
 *
 * | bits | meaning |
 * | --- | --- |
 * | 0–28 | the free permits |
 * | QUEUED | the list may have waiters: a release looks at it |
 * | WAKING | its first blocked waiter was nudged and is on its way: releasing one permit need not wake anyone |
 * | HANDOFF | that waiter has waited long: the next permit is handed to the first, and nobody may barge in |
 *
 * | word | reached by |
 * | --- | --- |
 * | n | acquire and release without waiters: one compare-and-swap |
 * | 0 QUEUED | a thread that found no permit, under MUTEX; a nudged waiter that found none either |
 * | n QUEUED WAKING | release with a blocked waiter in front: it was nudged; a running thread may barge in |
 * | 0 QUEUED WAKING | barged in, or the last permit taken by the first of several that were nudged |
 * | 0 QUEUED HANDOFF | the nudged waiter found no permit, after waiting a while |
 *
 * The marks change under MUTEX only; permits are added and taken without it.
 *
 * A permit goes to a waiter in one of two ways. A blocked one is *nudged* and takes it when it runs: until then any
 * running thread may. Were the permit handed over, it would lie idle while the sleeper wakes, and with more threads
 * than cores each operation would cost a wake-up. What bounds this is HANDOFF, as in raw-lock.ts: after
 * a millisecond the first waiter is next, whatever runs. To an awaited waiter the permit is handed over at
 * once: nobody knows when its thread's event loop turns, and a nudge might come too late again and again.
 */
import { i32, pointer } from '../memory/heap.js';
import { Obj, withMutex } from '../memory/object.js';
import { probe, Side } from '../park/probe.js';
import { hasOtherCores } from '../park/spin.js';
import { wait } from '../park/wait.js';
import { W, Wait } from '../park/waiter.js';
import { commit, firstOf, grant, hasWaitedLong, nudge } from '../park/waiters.js';

const QUEUED = 1 << 29;
const WAKING = 1 << 30;
const HANDOFF = 1 << 31;

/** The most permits. */
export const MOST: number = QUEUED - 1;

/** One more than the most permits there may be; 0 for no bound. Written once, by the maker. */
export const BOUND: number = Obj.BODY;
export const WORDS: number = Obj.BODY + 2;

/** Tries of a running thread before it goes to sleep: permits are often held for less than a sleep takes. */
const TRIES = 100;

/** The permits that are free now. */
export function permits(address: number): number {
  return Atomics.load(i32, address + Obj.STATE) & MOST;
}

/** Takes a permit if one is free and not promised to a waiter. */
export function tryTake(address: number): boolean {
  const at = address + Obj.STATE;
  for (;;) {
    const word = i32[at]!; // plain, hence cheap: the exchange sees whether it was right
    if ((word & MOST) === 0 || (word & HANDOFF) !== 0) return false;
    if (Atomics.compareExchange(i32, at, word, word - 1) === word) return true;
  }
}

/** Takes a permit, blocking. @throws TimeoutError, CancelledError */
export function take(address: number, timeout: number): void {
  if (!tryTake(address)) takeSlow(address, timeout);
}

function takeSlow(address: number, timeout: number): void {
  if (hasOtherCores()) {
    // Read atomically: the engine may take a plain read out of the loop.
    for (let k = 0; k < TRIES; k++) {
      if ((Atomics.load(i32, address + Obj.STATE) & MOST) !== 0 && tryTake(address)) return;
    }
  }
  wait(address, address + Obj.HEAD, timeout, () => attempt(address));
}

/** Under MUTEX: takes a permit if one is free, or marks the word so that a release looks at the list. */
export function attempt(address: number): boolean {
  const at = address + Obj.STATE;
  for (;;) {
    if (tryTake(address)) return true;
    const word = Atomics.load(i32, at);
    if ((word & MOST) > 0 && (word & HANDOFF) === 0) continue;
    if (Atomics.compareExchange(i32, at, word, word | QUEUED) === word) return false;
  }
}

/** Gives `n` permits. @throws RangeError if there would be too many */
export function give(address: number, n: number): void {
  if (probe !== undefined) probe.released(address, Side.WHOLE);
  const at = address + Obj.STATE;
  for (;;) {
    const word = i32[at]!; // as in tryTake
    checkRoom(address, (word & MOST) + n);
    // With a waiter on its way to take the permit, or to see to it that somebody does, one is just given back.
    if ((word & QUEUED) !== 0 && ((word & (WAKING | HANDOFF)) !== WAKING || n > 1)) break;
    if (Atomics.compareExchange(i32, at, word, word + n) === word) return;
  }
  giveSlow(address, n);
}

function giveSlow(address: number, n: number): void {
  withMutex(address, () => {
    checkRoom(address, permits(address) + n);
    Atomics.add(i32, address + Obj.STATE, n);
    admit(address);
  });
}

function checkRoom(address: number, wanted: number): void {
  const bound = i32[address + BOUND]!;
  if (bound !== 0 && wanted >= bound) {
    throw new RangeError(
      `this BoundedSemaphore started with ${String(bound - 1)} permits and would have ${String(wanted)}: ` +
        'it was released more often than acquired',
    );
  }
  if (wanted > MOST) throw new RangeError(`a semaphore has at most ${String(MOST)} permits`);
}

/**
 * `Kind.admit`: for each free permit, from the first waiter on, hands it over or nudges; and clears the marks that
 * nobody stands for.
 */
export function admit(address: number): void {
  const at = address + Obj.STATE;
  for (;;) {
    const word = Atomics.load(i32, at);
    const first = firstOf(address + Obj.HEAD);
    if (first === 0) {
      if (Atomics.compareExchange(i32, at, word, word & MOST) === word) return;
    } else if ((word & MOST) === 0) {
      // Whoever was nudged may be the one that has just left: then the next release must nudge again.
      if (Atomics.compareExchange(i32, at, word, word & ~WAKING) === word) return;
    } else if ((word & HANDOFF) !== 0 || i32[first + W.AWAITED] === 1) {
      grant(first, 0, at, word, (word - 1) & ~HANDOFF);
    } else if (Atomics.compareExchange(i32, at, word, word | QUEUED | WAKING) === word) {
      if (nudgeSome(address, first, word & MOST)) return;
    }
  }
}

/** Nudges as many waiters as there are permits. False as soon as one of them is awaited and was handed a permit. */
function nudgeSome(address: number, first: number, free: number): boolean {
  let waiter = first;
  for (let left = free; waiter !== 0 && left > 0; left--) {
    if (i32[waiter + W.AWAITED] === 1) {
      const word = Atomics.load(i32, address + Obj.STATE);
      if ((word & MOST) > 0) grant(waiter, 0, address + Obj.STATE, word, word - 1);
      return false;
    }
    if (i32[waiter + W.STATE] !== Wait.NUDGED) nudge(waiter);
    waiter = pointer(waiter + W.NEXT);
  }
  return true;
}

/** `Kind.retry`: a nudged waiter takes a permit, or waits on, at last with the promise of the next one. */
export function retry(address: number, waiter: number): boolean {
  const at = address + Obj.STATE;
  for (;;) {
    const word = Atomics.load(i32, at);
    if ((word & MOST) > 0) {
      if (!commit(waiter, Wait.GRANTED, 0, at, word, (word - 1) & ~(WAKING | HANDOFF))) continue;
      admit(address);
      return true;
    }
    const next = (word & ~WAKING) | (hasWaitedLong(waiter) ? HANDOFF : 0);
    // First, or a release between the two would nudge it and the nudge would be overwritten.
    Atomics.store(i32, waiter + W.STATE, Wait.WAITING);
    if (Atomics.compareExchange(i32, at, word, next) === word) return false;
  }
}

/** `Kind.grantLost`: the permit goes to the next. */
export function takeBack(address: number): void {
  Atomics.add(i32, address + Obj.STATE, 1);
  admit(address);
}
