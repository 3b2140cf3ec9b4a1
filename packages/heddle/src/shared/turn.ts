/**
 * Turns, by courtesy: how threads that update one value at the same time get out of each other's way.
 *
 * An update runs the user's function without any mutex and then looks whether the value is still what the function
 * got; if not, it has lost a race, and the function runs again. One of those that race always wins, but a function that
 * takes long loses to many that are short. So whoever has lost {@link FEW} races takes the turn, and others that come
 * to update stand back for a while.
 *
 * It is no lock: nobody stands back for longer than the holder's patience, and then goes on in spite of it. So nothing
 * hangs if the holder dies, or if its function waits for another thread that updates the same value. A holder that
 * still loses raises its patience, up to {@link HIGHEST}, and so wins in the end against any function that is called
 * over and over. Stores that are no updates never stand back.
 *
 * | bits of the word | meaning |
 * | --- | --- |
 * | 0–26 | tid of the holder, or 0 |
 * | 27–30 | its patience: others stand back for 2 to this power milliseconds |
 *
 * The word becomes a tid by its thread, and 0 by its thread or by whoever finds that dead.
 */
import { i32 } from '../memory/heap.js';
import { isAlive, tid, TID_MASK } from '../memory/records.js';
import { maySpin } from '../park/spin.js';

/** Lost races before a thread takes the turn. */
const FEW = 3;
const PATIENCE_SHIFT = 27;
/** The highest patience: a second. */
const HIGHEST = 10;
/** Looks at the word before going to sleep: most functions are short. */
const LOOKS = 300;

/** Lets the holder of the turn at `at` go first, for a while. */
export function standBack(at: number): void {
  const word = Atomics.load(i32, at);
  if (word !== 0 && (word & TID_MASK) !== tid) standBackSlow(at, word);
}

function standBackSlow(at: number, word: number): void {
  if (maySpin()) {
    for (let k = 0; k < LOOKS; k++) if (Atomics.load(i32, at) !== word) return;
  }
  const outcome = Atomics.wait(i32, at, word, 1 << (word >>> PATIENCE_SHIFT));
  if (outcome === 'timed-out' && !isAlive(word & TID_MASK)) Atomics.compareExchange(i32, at, word, 0);
}

/** Takes the turn if it is free, after so many lost races; with it already, asks for more patience. Whether it is ours. */
export function askForTurn(at: number, losses: number, isOurs: boolean): boolean {
  if (isOurs) {
    Atomics.store(i32, at, tid | (Math.min(losses - FEW, HIGHEST) << PATIENCE_SHIFT));
    return true;
  }
  return losses >= FEW && Atomics.compareExchange(i32, at, 0, tid) === 0;
}

/** Gives the turn back. */
export function endTurn(at: number): void {
  Atomics.store(i32, at, 0);
  // One is enough: the others would only get in its way, and wake by themselves.
  Atomics.notify(i32, at, 1);
}
