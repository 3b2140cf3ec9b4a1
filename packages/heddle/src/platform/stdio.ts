/**
 * Output that appears at once. What a worker writes to its own `process.stdout` reaches the terminal only when the
 * event loops of the worker and of main turn; so threads write to the descriptor itself, whole lines at a time.
 */
import { writeSync } from 'node:fs';
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { isatty, WriteStream } from 'node:tty';

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

/** A stream that hands every write to `write` at once. */
function immediateStream(
  descriptor: 1 | 2,
  write: (descriptor: 1 | 2, chunk: string | Uint8Array) => void,
): Writable {
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Uint8Array, _encoding, done) {
      write(descriptor, chunk);
      done();
    },
  });
  if (!isatty(descriptor)) return stream;
  // What libraries ask of a terminal before they use colours or cursor movement.
  return Object.assign(stream, {
    isTTY: true,
    fd: descriptor,
    getColorDepth: (env?: object) => WriteStream.prototype.getColorDepth(env),
    hasColors: (count?: number) => WriteStream.prototype.hasColors(count),
  });
}

/** Makes `console`, `process.stdout` and `process.stderr` of this worker write through `write`. */
export function redirectOutput(write: (descriptor: 1 | 2, chunk: string | Uint8Array) => void): void {
  const stdout = immediateStream(1, write);
  const stderr = immediateStream(2, write);
  Object.defineProperty(process, 'stdout', { value: stdout, configurable: true, enumerable: true });
  Object.defineProperty(process, 'stderr', { value: stderr, configurable: true, enumerable: true });
  globalThis.console = new Console({ stdout, stderr });
}
