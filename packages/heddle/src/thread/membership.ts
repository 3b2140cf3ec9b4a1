/**
 * Groups as shared memory knows them. Everything changes under the group's MUTEX.
 *
 * | word | meaning |
 * | --- | --- |
 * | LIVE | members that have not ended |
 * | MEMBERS | first chunk of the table of members (table.ts); one reference each |
 * | FIRST_FAILURE | address of the member that failed first, or 0; MEMBERS has the reference |
 * | CLOSED | 1 once the group was disposed of: nobody joins it any more |
 */
import { i32, pointer } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { Obj, release, retain } from '../memory/object.js';
import { addEntry, entries, freeTable } from '../memory/table.js';
import { hasEnded } from '../park/current.js';
import { grantAll } from '../park/waiters.js';
import { cancelThread } from './cancelling.js';

/** Words of a group: LIVE is `Obj.STATE`, and the body begins at `Obj.BODY`. */
export const Gr = {
  LIVE: 3,
  MEMBERS: 16,
  FIRST_FAILURE: 17,
  CLOSED: 18,
  WORDS: 20,
} as const;

/** Adds a thread that is about to start. */
export function joinGroup(group: number, thread: number): void {
  lock(group + Obj.MUTEX);
  try {
    retain(thread);
    addEntry(group + Gr.MEMBERS, thread);
    i32[group + Gr.LIVE]! += 1;
  } finally {
    unlock(group + Obj.MUTEX);
  }
}

/** Tells a group that a member has ended. The first failure cancels all others. */
export function memberEnded(group: number, thread: number, failed: boolean): void {
  let toCancel: number[] = [];
  lock(group + Obj.MUTEX);
  if (failed && i32[group + Gr.FIRST_FAILURE] === 0) {
    i32[group + Gr.FIRST_FAILURE] = thread;
    toCancel = membersOf(group).filter((member) => member !== thread);
  }
  i32[group + Gr.LIVE]! -= 1;
  admit(group);
  unlock(group + Obj.MUTEX);
  for (const member of toCancel) cancelThread(member, undefined);
}

/** `Kind.admit`: frees the joiners once no member is left. */
export function admit(group: number): void {
  if (Atomics.load(i32, group + Gr.LIVE) === 0) grantAll(group + Obj.HEAD);
}

/** The members' addresses. */
export function membersOf(group: number): number[] {
  return [...entries(group + Gr.MEMBERS)].map((entry) => pointer(entry));
}

/** Forgets members that have ended; their failures have been told. Returns how many are left. */
export function forgetEnded(group: number): void {
  const gone: number[] = [];
  lock(group + Obj.MUTEX);
  for (const entry of entries(group + Gr.MEMBERS)) {
    const member = pointer(entry);
    if (!hasEnded(member)) continue;
    Atomics.store(i32, entry, 0);
    gone.push(member);
  }
  i32[group + Gr.FIRST_FAILURE] = 0;
  unlock(group + Obj.MUTEX);
  for (const member of gone) release(member);
}

/** `Kind.destroy`. */
export function destroyGroup(group: number): void {
  const members = membersOf(group);
  freeTable(group + Gr.MEMBERS);
  for (const member of members) release(member);
}
