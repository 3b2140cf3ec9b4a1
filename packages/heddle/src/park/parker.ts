/**
 * Putting a worker to sleep and waking it: the only place where heddle blocks (but for the mutex of its own
 * structures, memory/mutex.ts).
 *
 * Each worker has a park token in its record:
 *
 * | PARK | meaning |
 * | --- | --- |
 * | 0 | awake, no wake-up pending |
 * | 1 | a wake-up is pending: the next park returns at once |
 * | -1 | asleep in Atomics.wait |
 *
 * park: 1 → 0, or 0 → -1 … → 0. unpark: any → 1. A wake-up is thus never lost, and one that comes early or for an
 * older wait only makes a park return early; every caller looks at its own condition in a loop.
 *
 * The token is that of Rust's std::thread::park as crossbeam-utils builds it (parker.rs).
 */
import { BlockingNotAllowedError } from '../base/errors.js';
import { i32 } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import { record, Rec } from '../memory/records.js';
import { noteWake } from './spin.js';

const ASLEEP = -1;
const PENDING = 1;

/** Atomics.wait takes this long at most at a time; longer waits go round again. */
const LONGEST_SLEEP = 0x7fff_ffff;

/** Sleeps until {@link unpark}, or for `timeout` milliseconds, or returns early for no reason. */
export function park(timeout: number): void {
  const token = record + Rec.PARK;
  // Were this a plain read and store, an unpark between the two would be overwritten and lost.
  if (Atomics.compareExchange(i32, token, 0, ASLEEP) === 0) {
    setRunning(0);
    try {
      Atomics.wait(i32, token, ASLEEP, Math.min(timeout, LONGEST_SLEEP));
    } catch (error) {
      Atomics.store(i32, token, 0);
      throw notAllowed(error);
    } finally {
      setRunning(1);
    }
  }
  Atomics.exchange(i32, token, 0);
}

/** Wakes the worker with this record, or lets its next {@link park} return at once. */
export function unpark(its: number): void {
  // Only a sleeper costs a system call.
  if (Atomics.exchange(i32, its + Rec.PARK, PENDING) !== ASLEEP) return;
  Atomics.notify(i32, its + Rec.PARK, 1);
  noteWake();
}

/** Counts this worker as running or not, for the decision to spin. */
export function setRunning(runs: 0 | 1): void {
  if (i32[record + Rec.RUNS] === runs) return;
  // The call first: a thread that dies has done both or neither (memory/mutex.ts).
  Atomics.add(i32, Header.RUNNING, runs === 1 ? 1 : -1);
  i32[record + Rec.RUNS] = runs;
}

function notAllowed(cause: unknown): BlockingNotAllowedError {
  return new BlockingNotAllowedError(
    'this thread may not block (a browser forbids it on its main thread); call the operation whose name ends in Async instead',
    { cause },
  );
}
