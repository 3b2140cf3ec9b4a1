/**
 * The mutex that guards heddle's own structures: a few loads and stores at a time, never user code.
 *
 * | word | meaning |
 * | --- | --- |
 * | 0 | free |
 * | tid | held, nobody sleeps |
 * | tid \| CONTENDED | held, somebody may sleep on the word |
 *
 * It is *robust*: if its holder has died, the next one to want it takes it over. That is sound because of how
 * engines stop a thread. `terminate()` and running out of memory take effect only where JavaScript polls for
 * interrupts: at a function's entry and at a loop's back edge, and while it waits. Everything guarded by this
 * mutex is therefore written so that it is consistent at each such point: changes are made by straight-line
 * stores with no call and no loop between the first and the last. What a death in between can cost is a leaked
 * block, never a broken list.
 *
 * The call of a built-in can be such a point too: V8 polls before most of them, Atomics.*, Math.* and getters such as
 * `length` of a view among them,
 * as long as the code that calls them is not optimized; not before copyWithin and fill. So at most the first step
 * of a straight line may be one.
 *
 * The algorithm is the three-state futex mutex of Ulrich Drepper ("Futexes Are Tricky", 2004), with the holder's
 * tid in place of state 1 and a bit in place of state 2.
 */
import { i32 } from './heap.js';
import { isAlive, tid, TID_MASK } from './records.js';

const CONTENDED = 0x8000_0000 | 0;
const SPINS = 200;
/** How often a sleeper looks whether the holder is still alive, in milliseconds. */
const PATROL = 5;

/** Takes the mutex at `at`. Not re-entrant. */
export function lock(at: number): void {
  if (Atomics.compareExchange(i32, at, 0, tid) !== 0) lockSlow(at);
}

/** Gives the mutex at `at` back. */
export function unlock(at: number): void {
  // An exchange, not a store: a sleeper that set CONTENDED just before would never be woken.
  if (Atomics.exchange(i32, at, 0) < 0) Atomics.notify(i32, at, 1);
}

function lockSlow(at: number): void {
  for (let i = 0; i < SPINS; i++) {
    if (Atomics.load(i32, at) === 0 && Atomics.compareExchange(i32, at, 0, tid) === 0) return;
  }
  for (;;) {
    const word = Atomics.load(i32, at);
    if (word === 0) {
      // With the bit: others may sleep on the word, and only the one who clears it knows to wake them.
      if (Atomics.compareExchange(i32, at, 0, tid | CONTENDED) === 0) return;
      continue;
    }
    // Ours already: an exception (a stack overflow) left it held, by a holder that is consistent like a dead one.
    if ((word & TID_MASK) === tid) return;
    const contended = word | CONTENDED;
    if (word !== contended && Atomics.compareExchange(i32, at, word, contended) !== word) continue;
    const outcome = Atomics.wait(i32, at, contended, PATROL);
    const holder = word & TID_MASK;
    if (outcome === 'timed-out' && !isAlive(holder)) {
      if (Atomics.compareExchange(i32, at, contended, tid | CONTENDED) === contended) return;
    }
  }
}
