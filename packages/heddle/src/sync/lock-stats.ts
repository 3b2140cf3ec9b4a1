import { f64, i32 } from '../memory/heap.js';
import { Obj } from '../memory/object.js';
import type { WaitStats } from '../park/waitable.js';
import { waitStats } from '../park/waitable.js';
import { LockWords } from './raw-lock.js';

/** How much a lock was used. The last three are counted only while profiling, as `heddle run` does. */
export interface LockStats extends WaitStats {
  /** Acquisitions. */
  readonly acquisitions: number;
  /** Milliseconds for which it was held, together. */
  readonly holdTime: number;
  /** The longest of them. */
  readonly longestHold: number;
}

/** The statistics of a Lock or RLock, by its address. */
export function lockStats(address: number, name: string): LockStats {
  return {
    ...waitStats(address, name),
    acquisitions: i32[address + Obj.OPERATIONS]!,
    holdTime: f64[(address + LockWords.HOLD_TIME) >> 1]!,
    longestHold: f64[(address + LockWords.LONGEST_HOLD) >> 1]!,
  };
}
