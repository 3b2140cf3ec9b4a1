/**
 * Whether a thread that awaits is *quiet*: nothing but heddle's waits can make it go on. Its QUIET word says so to others; it
 * is set when the event loop has run dry (platform/keep-alive.ts), and cleared when a wait ends, before anything of the user's
 * runs.
 *
 * What the runtime does not count as a reason to stay alive does not count here either: an unreferenced timer or handle,
 * AbortSignal.timeout, the user's own Atomics.waitAsync. A handler of a signal does, and those of heddle's own news.
 */
import { hasHeap, i32 } from '../memory/heap.js';
import { record, Rec } from '../memory/records.js';
import { stir, whenDry } from '../platform/keep-alive.js';
import { surelyOpenToo } from '../platform/resources.js';
import { handlesSignals } from '../platform/signals.js';
import { suspect } from './suspicion.js';

const reasons: (() => boolean)[] = [];

/** Says when something may make this thread go on although its event loop has run dry, which is known a layer above. */
export function neverQuietWhile(applies: () => boolean): void {
  reasons.push(applies);
}

whenDry(() => {
  if (!hasHeap() || handlesSignals() || reasons.some((applies) => applies())) return;
  Atomics.store(i32, record + Rec.QUIET, 1);
  suspect();
});

/** Notes that the user's code runs again in this thread, or is about to. */
export function stirred(): void {
  if (i32[record + Rec.QUIET] !== 0) Atomics.store(i32, record + Rec.QUIET, 0);
  stir();
}

/** Whether this thread is quiet now. Something that does not keep it alive may have run since it was, and opened something. */
export function isQuiet(): boolean {
  if (i32[record + Rec.QUIET] === 1 && surelyOpenToo().length > 0) stirred();
  return i32[record + Rec.QUIET] === 1;
}
