/**
 * Which workers want to hear what from the supervisor: bits of Rec.HEARS. In shared memory, so that it holds at once: a message
 * might come after what it is about.
 */
import { i32 } from '../memory/heap.js';
import { SLOTS } from '../memory/layout.js';
import { Rec, record, recordOf } from '../memory/records.js';
import { warmUp } from './upward.js';

export const News = { FAILURES: 1, REPORTS: 2 } as const;

/** Says that this worker wants to hear, or not any more. */
export function hear(news: number, on: boolean): void {
  warmUp();
  if (on) Atomics.or(i32, record + Rec.HEARS, news);
  else Atomics.and(i32, record + Rec.HEARS, ~news);
}

/** The slots of those who want to hear. */
export function* hearersOf(news: number): Generator<number, void> {
  for (let slot = 0; slot < SLOTS; slot++) {
    const its = recordOf(slot);
    if (its !== 0 && (Atomics.load(i32, its + Rec.HEARS) & news) !== 0) yield slot;
  }
}
