/** Counting waits, in what was waited for and in the thread that waited. */
import { f64, i32 } from '../memory/heap.js';
import { Obj } from '../memory/object.js';
import { current, Th } from './current.js';

/** Counts a wait of so many milliseconds for an object. Under its mutex. */
export function countWait(object: number, took: number): void {
  i32[object + Obj.WAITS]! += 1;
  f64[(object + Obj.WAIT_TIME) >> 1]! += took;
  if (took > f64[(object + Obj.LONGEST_WAIT) >> 1]!) f64[(object + Obj.LONGEST_WAIT) >> 1] = took;
}

/** Counts a wait that has blocked this thread. */
export function countBlocked(took: number): void {
  if (current === 0) return;
  i32[current + Th.WAITS]! += 1;
  f64[(current + Th.WAITED) >> 1]! += took;
}
