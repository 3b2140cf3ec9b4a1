/** Gives a worker's console a way of its own, which does not go through the main thread. */
import type { Writable } from 'node:stream';
import { isatty, WriteStream } from 'node:tty';

/** Writes a chunk to standard output (1) or standard error (2), at once. */
type Write = (descriptor: 1 | 2, chunk: string | Uint8Array) => void;

/** Makes `console`, `process.stdout` and `process.stderr` of this worker write through `write`. */
export function redirectOutput(write: Write): void {
  redirect(process.stdout, 1, write);
  redirect(process.stderr, 2, write);
}

/**
 * Gives the stream another end. It stays the stream that the runtime made: node calls methods of it that a stream of
 * our own would lack, and whoever has a reference to it already writes this way too.
 */
function redirect(stream: Writable, descriptor: 1 | 2, write: Write): void {
  stream._write = (chunk: string | Uint8Array, encoding, done) => {
    write(descriptor, inBytes(chunk, encoding));
    done();
  };
  // What was corked comes as one piece, and is written as one.
  stream._writev = (parts: { chunk: string | Uint8Array; encoding: BufferEncoding }[], done) => {
    write(descriptor, Buffer.concat(parts.map(({ chunk, encoding }) => inBytes(chunk, encoding))));
    done();
  };
  if (!isatty(descriptor)) return;
  // What libraries ask of a terminal before they use colours or cursor movement.
  Object.assign(stream, {
    isTTY: true,
    fd: descriptor,
    getColorDepth: (env?: object) => WriteStream.prototype.getColorDepth(env),
    hasColors: (count?: number) => WriteStream.prototype.hasColors(count),
  });
}

function inBytes(chunk: string | Uint8Array, encoding: BufferEncoding): Uint8Array {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
}
