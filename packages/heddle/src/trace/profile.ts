/**
 * Counts acquisitions and times how long locks are held, on the thread that installs it. Its numbers lie in the
 * objects themselves, so they outlive the thread.
 *
 * A Lock, RLock or Guarded has one owner, who alone writes its numbers: from its outermost acquisition to its last
 * release.
 * Permits and the sides of an RWLock are held by several threads at once and by nobody in particular: they are counted,
 * not timed. Queues count their items themselves.
 */
import { f64, i32 } from '../memory/heap.js';
import { KindId, Obj } from '../memory/object.js';
import { addProbe } from '../park/probe.js';
import { sharedNow } from '../platform/clock.js';
import { isOwn, LockWords } from '../sync/raw-lock.js';

/** Counts and times what this thread acquires from now on. */
export function profileThisThread(): void {
  addProbe({ acquired, released });
}

/** Whether an object has one owner and the words in which its holds are timed. */
export function isOwned(object: number): boolean {
  const kind = i32[object + Obj.KIND];
  return kind === KindId.LOCK || kind === KindId.RLOCK || kind === KindId.GUARDED;
}

function acquired(object: number): void {
  if (isOwned(object)) {
    i32[object + Obj.OPERATIONS]! += 1;
    f64[(object + LockWords.HELD_SINCE) >> 1] = sharedNow();
  } else {
    // Others may acquire it at this moment too.
    Atomics.add(i32, object + Obj.OPERATIONS, 1);
  }
}

function released(lock: number): void {
  // A thread that does not own the lock is about to get its OwnershipError.
  if (!isOwned(lock) || !isOwn(lock)) return;
  const since = f64[(lock + LockWords.HELD_SINCE) >> 1]!;
  if (since === 0) return; // taken before profiling began
  const held = sharedNow() - since;
  f64[(lock + LockWords.HELD_SINCE) >> 1] = 0;
  f64[(lock + LockWords.HOLD_TIME) >> 1]! += held;
  if (held > f64[(lock + LockWords.LONGEST_HOLD) >> 1]!) f64[(lock + LockWords.LONGEST_HOLD) >> 1] = held;
}
