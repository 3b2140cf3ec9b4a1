/**
 * The mechanism of RWLock, on addresses.
 *
 * The word (Obj.STATE):
 *
 * | bits | meaning |
 * | --- | --- |
 * | 0–26 | with WRITER: the writer's tid; without: the number of readers |
 * | QUEUED | the list may have waiters: nobody passes them, and a release looks at the list |
 * | WRITER | a writer holds the lock |
 * | ABANDONED | the writer ended without releasing |
 *
 * QUEUED changes under MUTEX only. Waiters have MODE {@link READ} or {@link WRITE} and are granted in their order:
 * a writer alone, readers as many as stand together. Each worker counts its own reading in its handle table, in the
 * same step in which it becomes a reader, so that the supervisor can take a dead reader off the count.
 */
import { OwnershipError } from '../base/errors.js';
import { i32 } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { Obj, titleOf } from '../memory/object.js';
import { tid, TID_MASK } from '../memory/records.js';
import type { Patience } from '../park/await.js';
import { waitAsync } from '../park/await.js';
import { probe, Side } from '../park/probe.js';
import { wait } from '../park/wait.js';
import { W } from '../park/waiter.js';
import { firstOf, grant, grantAll } from '../park/waiters.js';
import { abandoned, countHolding, ownerName } from './raw-lock.js';

const QUEUED = 1 << 27;
const WRITER = 1 << 28;
const ABANDONED = 1 << 31;
/** MODE of a waiter that wants to read. */
export const READ = 0;
const WRITE = 1;
const GONE = -1;

export const WORDS: number = Obj.BODY;

/** Becomes a reader if nobody writes or waits. `holds` counts this worker's reading. @throws AbandonedLockError */
export function tryRead(address: number, holds: number): boolean {
  const at = address + Obj.STATE;
  for (;;) {
    const word = i32[at]!; // plain, hence cheap: the exchange sees whether it was right
    if ((word & (WRITER | QUEUED | ABANDONED)) !== 0) {
      if (word < 0) throw abandoned(address);
      return false;
    }
    if (Atomics.compareExchange(i32, at, word, word + 1) === word) {
      i32[holds]! += 1;
      countHolding(1);
      return true;
    }
  }
}

/** Becomes the writer if nobody holds the lock or waits. @throws AbandonedLockError */
export function tryWrite(address: number): boolean {
  const word = Atomics.compareExchange(i32, address + Obj.STATE, 0, tid | WRITER);
  if (word < 0) throw abandoned(address);
  return word === 0;
}

/** Waits to become a reader. */
export function readSlow(address: number, holds: number, timeout: number): void {
  notGone(
    address,
    wait(address, address + Obj.HEAD, timeout, () => attemptRead(address, holds), READ, 0, holds),
  );
  countHolding(1);
}

/** Awaits to become a reader. */
export async function readSlowAsync(address: number, holds: number, patience: Patience): Promise<void> {
  const attempt = (): boolean => attemptRead(address, holds);
  notGone(address, await waitAsync(address, address + Obj.HEAD, patience, attempt, READ, 0, holds));
  countHolding(1);
}

/** Waits to become the writer. */
export function writeSlow(address: number, timeout: number): void {
  notGone(
    address,
    wait(address, address + Obj.HEAD, timeout, () => attemptWrite(address), WRITE),
  );
}

/** Awaits to become the writer. */
export async function writeSlowAsync(address: number, patience: Patience): Promise<void> {
  notGone(
    address,
    await waitAsync(address, address + Obj.HEAD, patience, () => attemptWrite(address), WRITE),
  );
}

/** Under MUTEX: becomes a reader, or sets QUEUED in the same step in which it finds that it must wait. */
function attemptRead(address: number, holds: number): boolean {
  const at = address + Obj.STATE;
  for (;;) {
    const word = Atomics.load(i32, at);
    if (word < 0) throw abandoned(address);
    if ((word & (WRITER | QUEUED)) !== 0) {
      if (Atomics.compareExchange(i32, at, word, word | QUEUED) === word) return false;
    } else if (Atomics.compareExchange(i32, at, word, word + 1) === word) {
      i32[holds]! += 1;
      return true;
    }
  }
}

/** Under MUTEX: as {@link attemptRead}, for the writer. */
function attemptWrite(address: number): boolean {
  const at = address + Obj.STATE;
  for (;;) {
    const word = Atomics.load(i32, at);
    if (word < 0) throw abandoned(address);
    const next = word === 0 ? tid | WRITER : word | QUEUED;
    if (Atomics.compareExchange(i32, at, word, next) === word) return word === 0;
  }
}

/** Ends one reading. */
export function endRead(address: number, holds: number): void {
  if (i32[holds] === 0) throw new OwnershipError(`${titleOf(address)} is not being read by this thread`);
  if (probe !== undefined) probe.released(address, Side.READ);
  const at = address + Obj.STATE;
  for (;;) {
    const word = i32[at]!; // as in tryRead
    if (Atomics.compareExchange(i32, at, word, word - 1) !== word) continue;
    i32[holds]! -= 1; // no call in between: see the module's comment
    countHolding(-1);
    if ((word & QUEUED) !== 0 && readersIn(word) === 1) admitLocked(address);
    return;
  }
}

/** Ends the writing. @throws OwnershipError if this thread is not the writer */
export function endWrite(address: number): void {
  const at = address + Obj.STATE;
  for (;;) {
    const word = i32[at]!; // as in tryRead; and only this thread writes its tid there or takes it away
    if (word < 0 || (word & WRITER) === 0 || (word & TID_MASK) !== tid) {
      throw new OwnershipError(
        `${titleOf(address)} is not held for writing by this thread: only the thread that took a guard releases it`,
      );
    }
    if (Atomics.compareExchange(i32, at, word, word & QUEUED) !== word) continue;
    if (probe !== undefined) probe.released(address, Side.WHOLE);
    if ((word & QUEUED) !== 0) admitLocked(address);
    return;
  }
}

function admitLocked(address: number): void {
  lock(address + Obj.MUTEX);
  try {
    admit(address);
  } finally {
    unlock(address + Obj.MUTEX);
  }
}

/** `Kind.admit`: lets in the first waiters, a writer or all readers before the next writer. */
export function admit(address: number): void {
  const at = address + Obj.STATE;
  for (;;) {
    const word = Atomics.load(i32, at);
    const first = firstOf(address + Obj.HEAD);
    if (word < 0) {
      grantAll(address + Obj.HEAD, GONE);
      return;
    }
    if (first === 0) {
      if (Atomics.compareExchange(i32, at, word, word & ~QUEUED) === word) return;
    } else if ((word & WRITER) !== 0) {
      return;
    } else if (i32[first + W.MODE] === READ) {
      grant(first, 0, at, word, word + 1);
    } else if (readersIn(word) > 0) {
      return;
    } else {
      grant(first, 0, at, word, i32[first + W.TID]! | WRITER | QUEUED);
    }
  }
}

/** `Kind.ownerEnded`: a writer abandons the lock, a reader just ends its reading. */
export function ownerEnded(address: number, ended: number, entry: number): boolean {
  const at = address + Obj.STATE;
  const holds = entry + 1;
  const reading = i32[holds]!;
  if (reading > 0) {
    Atomics.sub(i32, at, reading);
    i32[holds] = 0; // no call in between: see the module's comment
    return true;
  }
  for (;;) {
    const word = Atomics.load(i32, at);
    if (word < 0 || (word & WRITER) === 0 || (word & TID_MASK) !== ended) return false;
    if (Atomics.compareExchange(i32, at, word, ABANDONED | WRITER | ended) === word) return true;
  }
}

/** `Kind.grantLost`: a dead thread's grant of the read side is taken back; of the write side, it is its owner. */
export function grantLost(address: number, waiter: number): void {
  if (i32[waiter + W.MODE] !== READ || i32[waiter + W.VALUE] === GONE) return;
  Atomics.sub(i32, address + Obj.STATE, 1);
  admit(address);
}

/** Makes this thread the writer of an abandoned lock. False if it is not abandoned. */
export function recover(address: number): boolean {
  const at = address + Obj.STATE;
  const word = Atomics.load(i32, at);
  return word < 0 && Atomics.compareExchange(i32, at, word, tid | WRITER) === word;
}

/** Whether this thread is the writer: not if a task of it has abandoned the lock. */
export function isWriter(address: number): boolean {
  const word = Atomics.load(i32, address + Obj.STATE);
  return word >= 0 && (word & WRITER) !== 0 && (word & TID_MASK) === tid;
}

/** The writer's tid, or 0. */
export function writerOf(address: number): number {
  const word = Atomics.load(i32, address + Obj.STATE);
  return (word & WRITER) !== 0 ? word & TID_MASK : 0;
}

/** How many readers there are. */
export function readersOf(address: number): number {
  return readersIn(Atomics.load(i32, address + Obj.STATE));
}

function readersIn(word: number): number {
  return (word & WRITER) !== 0 ? 0 : word & TID_MASK;
}

/** What the lock is doing, for its printed form. */
export function describeState(address: number): string {
  const word = Atomics.load(i32, address + Obj.STATE);
  if (word < 0) return 'abandoned';
  if ((word & WRITER) !== 0) return `written by ${ownerName(word & TID_MASK)}`;
  return `${String(readersIn(word))} reading`;
}

function notGone(address: number, value: number): void {
  if (value === GONE) throw abandoned(address);
}
