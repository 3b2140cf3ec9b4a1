/** The memory under buffers: how the system's allocator treats large blocks, and how to take it away. */
import { channel, type MessagePort, send } from './workers.js';

/** Blocks up to this size are kept for the next; so is, in each thread, up to twice as much free memory. */
const LARGE: number = 31 << 20;

/**
 * Has blocks that were freed used again. At first glibc gives large ones back to the system at once, and each new one
 * then takes a page fault for each 4 KB: for a megabyte these take three times as long as to copy it. It learns from the
 * largest block that was ever freed (mallopt(3), M_MMAP_THRESHOLD), up to 32 MB. This one is never written to, so it takes
 * no memory. Elsewhere it does nothing.
 *
 * A message frees what it holds when its port is closed. Left to the collector, the block might stay for ever.
 */
export function reuseLargeBlocks(): void {
  const { port1, port2 } = channel();
  port1.postMessage(null, [Buffer.allocUnsafeSlow(LARGE).buffer]);
  port1.close();
  port2.close();
}

let closed: MessagePort | undefined;

/**
 * Takes the memory of buffers away, all or none, and frees it at once: they are sent to a port that is closed.
 * @throws DataCloneError for one that cannot be taken away
 */
export function detach(buffers: readonly object[]): void {
  if (closed === undefined) {
    const { port1, port2 } = channel();
    port1.close();
    port2.close();
    closed = port1;
  }
  send(closed, null, buffers);
}
