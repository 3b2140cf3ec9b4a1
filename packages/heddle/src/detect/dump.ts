import { ensureHeap } from '../memory/heap.js';
import { neverQuietWhile } from '../park/quiet.js';
import { hold, letGo } from '../platform/keep-alive.js';
import { answerReplies, askLater } from '../thread/upward.js';
import { describeDump, type ThreadDump, TOOL } from './dump-words.js';

/** Who waits for a dump, by the number of the question. */
const waiting = new Map<number, (dump: ThreadDump) => void>();

neverQuietWhile(() => waiting.size > 0);

answerReplies((reply) => {
  if (reply.type !== 'value') return;
  waiting.get(reply.id)?.(reply.value as ThreadDump);
  waiting.delete(reply.id);
});

/**
 * What every thread does: whether it runs, is blocked or awaits, what it waits for and since when, what it holds, and its
 * stack, if it is in one of heddle's waits; of a thread that runs, nobody else knows where it is. Blocked threads, and a
 * blocked main thread, tell it from inside their waits.
 *
 * It does not block. The promise is fulfilled as soon as those have answered that wait; with source maps in use, they may
 * take a second. What is told of different threads need not be of the very same moment.
 *
 * @returns plain data, which is written in JSON as it is; as a string it is text for people
 * @example
 * ```ts
 * process.on('SIGUSR2', async () => console.error(String(await dump())));
 * ```
 */
export async function dump(): Promise<ThreadDump> {
  ensureHeap();
  hold();
  try {
    const made = await new Promise<ThreadDump>((resolve) => {
      waiting.set(askLater(TOOL, {}), resolve);
    });
    return Object.defineProperty(made, 'toString', { value: () => describeDump(made) });
  } finally {
    letGo();
  }
}
