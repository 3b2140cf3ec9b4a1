/**
 * Watching one end of a queue for a moment before standing in line: while the other thread is at work, the next item,
 * or room for one, comes sooner than a sleeper could be woken, and a thread that is not in line costs the other
 * nothing.
 *
 * It does not pay when the other thread is slow or has no core to run on. So a thread that has watched in vain several
 * times in a row watches only now and then, until it has luck again.
 */
import { spinWhile } from '../park/spin.js';

const MOST_LUCK = 4;
/** Out of luck, one wait in so many watches nevertheless. */
const SELDOM = 16;

let luck = MOST_LUCK;
let waits = 0;

/** Watches a word that was `seen`; true if it has changed. */
export function watch(word: number, seen: number): boolean {
  if (luck === 0 && ++waits % SELDOM !== 0) return false;
  const changed = spinWhile(word, seen);
  luck = changed ? MOST_LUCK : Math.max(0, luck - 1);
  return changed;
}
