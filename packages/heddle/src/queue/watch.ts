/**
 * Watching one end of a queue for a moment before standing in line: while the other thread is at work, the next item,
 * or room for one, comes sooner than a sleeper could be woken, and a thread that is not in line costs the other
 * nothing. How long it watches is decided in park/spin.ts.
 */
import { spinWhile } from '../park/spin.js';

/** Watches a word that was `seen`; true if it has changed. */
export function watch(word: number, seen: number): boolean {
  return spinWhile(word, seen);
}
