/** A thread's output: at once, also while the main thread is blocked, and never mixed within a line. */
import { Header } from '../memory/layout.js';
import { lock, unlock } from '../memory/mutex.js';
import { writeFully } from '../platform/stdio.js';

/** Writes what one call of `console` printed, with no other thread's output in between. */
export function writeWhole(descriptor: 1 | 2, chunk: string | Uint8Array): void {
  lock(Header.STDIO);
  try {
    writeFully(descriptor, chunk);
  } finally {
    unlock(Header.STDIO);
  }
}
