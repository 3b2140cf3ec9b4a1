/**
 * Output that appears at once. What a worker writes to its own `process.stdout` reaches the terminal only when the
 * event loops of the worker and of main turn; so threads write to the descriptor itself, whole lines at a time.
 */
import { writeSync } from 'node:fs';

/** How long to wait for a full pipe, in milliseconds. */
const FULL_PIPE = 1;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Writes all of `chunk`, waiting while the other end of a pipe is full. */
export function writeFully(descriptor: 1 | 2, chunk: string | Uint8Array): void {
  let rest = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') return; // nobody reads any more
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(sleeper, 0, 0, FULL_PIPE);
    }
  }
}
