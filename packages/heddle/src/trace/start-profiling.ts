import { ThreadStateError } from '../base/errors.js';
import { ensureHeap, f64, i32 } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import { handlesOf } from '../memory/handles.js';
import { keepForSummary } from '../memory/object.js';
import { record } from '../memory/records.js';
import { Th } from '../park/current.js';
import { sharedNow } from '../platform/clock.js';
import { mainThreadObject } from '../thread/world.js';
import { profileThisThread } from './profile.js';

/**
 * Counts and times from now on, in every thread: acquisitions of locks and permits, and how long locks are held. How
 * long threads wait is always measured. `summary()` tells the results; `heddle run` does all of this by itself.
 *
 * Call it before the first thread is started. Primitives that exist already are included; what they did before is not.
 * Starting twice does nothing. Profiling does not end before the program does, and until then each lock, queue and
 * thread that was ever made takes some 150 bytes of the shared heap.
 *
 * It does not block, and orders nothing.
 *
 * @throws ThreadStateError if a thread has been started already
 * @example
 * ```ts
 * import { Lock } from 'heddle';
 * import { formatSummary, startProfiling, summary } from 'heddle/trace';
 *
 * startProfiling();
 * const lock = new Lock({ name: 'accounts' });
 * lock.acquire().release();
 * console.log(formatSummary(summary()));
 * ```
 */
export function startProfiling(): void {
  ensureHeap();
  if (i32[Header.PROFILING] === 1) return;
  if (Atomics.load(i32, Header.THREADS_STARTED) > 0) {
    throw new ThreadStateError(
      'profiling has to begin before the first thread is started: call startProfiling() at the start of the ' +
        'program, or run it with "heddle run"',
    );
  }
  const main = mainThreadObject();
  f64[(main + Th.STARTED) >> 1] = sharedNow();
  keepForSummary(main);
  for (const { address } of handlesOf(record)) keepForSummary(address);
  profileThisThread();
  Atomics.store(i32, Header.PROFILING, 1);
}
