/** What may be known of any thread, by anyone. */
import { i32, reach } from '../memory/heap.js';
import { nameOf } from '../memory/object.js';
import { threadOfTid } from '../memory/records.js';
import { hasEnded, Option, Status, Th } from './current.js';

/** What a thread is doing, or how it ended. */
export type ThreadState = 'new' | 'running' | 'finished' | 'failed' | 'cancelled' | 'terminated';

/** A snapshot of a thread. */
export interface ThreadInfo {
  readonly id: number;
  readonly name: string;
  readonly daemon: boolean;
  readonly state: ThreadState;
  /** Started and not ended. */
  readonly alive: boolean;
}

const STATES: readonly ThreadState[] = ['new', 'running', 'finished', 'failed', 'cancelled', 'terminated'];

/** The state of a thread object. */
export function stateOf(thread: number): ThreadState {
  return STATES[Atomics.load(i32, thread + Th.STATUS)] ?? 'new';
}

/** A snapshot of a thread object. */
export function infoOf(thread: number): ThreadInfo {
  reach(thread);
  const state = stateOf(thread);
  return Object.freeze({
    id: i32[thread + Th.ID]!,
    name: nameOf(thread),
    daemon: (i32[thread + Th.OPTIONS]! & Option.DAEMON) !== 0,
    state,
    alive: !hasEnded(thread) && i32[thread + Th.STATUS] !== Status.NEW,
  });
}

/** A snapshot of the thread with a tid, or null if it has ended. */
export function infoOfTid(tid: number): ThreadInfo | null {
  if (tid === 0) return null;
  const thread = threadOfTid(tid);
  return thread === 0 ? null : infoOf(thread);
}
