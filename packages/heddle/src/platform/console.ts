/** Gives a worker a console of its own, which does not go through the main thread. */
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { isatty, WriteStream } from 'node:tty';

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
