/**
 * Groups as shared memory knows them. Everything changes under the group's MUTEX.
 *
 * | word | meaning |
 * | --- | --- |
 * | LIVE | members that have not ended |
 * | MEMBERS | first chunk of the table of members that run or have failed (table.ts); one reference each |
 * | FIRST_FAILURE | address of the member that failed first, or 0; MEMBERS has the reference |
 * | CLOSED | 1 once the group is being disposed of: nobody joins it any more when LIVE is 0 |
 * | TOLD | 1 once a joiner was given the failures: the next member to start makes the group forget them |
 */
import { i32, pointer } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { Obj, release, retain, withMutex } from '../memory/object.js';
import { addEntry, entries, freeTable, removeAddress, removeEntry } from '../memory/table.js';
import { hasEnded, Th } from '../park/current.js';
import { grantAll } from '../park/waiters.js';
import { cancelThread } from './cancelling.js';

/** Words of a group: LIVE is `Obj.STATE`, and the body begins at `Obj.BODY`. */
export const Gr = {
  LIVE: 3,
  MEMBERS: 16,
  FIRST_FAILURE: 17,
  CLOSED: 18,
  TOLD: 19,
  WORDS: 20,
} as const;

/** Adds a thread that is about to start. False if the group takes no members any more. */
export function joinGroup(group: number, thread: number): boolean {
  let told: number[] = [];
  lock(group + Obj.MUTEX);
  try {
    if (i32[group + Gr.CLOSED] === 1 && i32[group + Gr.LIVE] === 0) return false;
    if (i32[group + Gr.TOLD] === 1) told = forgetFailures(group);
    retain(thread);
    addEntry(group + Gr.MEMBERS, thread);
    i32[group + Gr.LIVE]! += 1;
    return true;
  } finally {
    unlock(group + Obj.MUTEX);
    told.forEach(release);
  }
}

/** Takes back a {@link joinGroup}: the thread could not be started. */
export function leaveGroup(group: number, thread: number): void {
  lock(group + Obj.MUTEX);
  removeAddress(group + Gr.MEMBERS, thread);
  i32[group + Gr.LIVE]! -= 1;
  admit(group);
  unlock(group + Obj.MUTEX);
  release(thread);
}

/** Takes no further members once all have ended. */
export function closeGroup(group: number): void {
  lock(group + Obj.MUTEX);
  i32[group + Gr.CLOSED] = 1;
  unlock(group + Obj.MUTEX);
}

/**
 * Tells a group that a member has ended. The first failure cancels all others. Who ends the member may die half way
 * through; then the supervisor does it again.
 */
export function memberEnded(group: number, thread: number, failed: boolean): void {
  let toCancel: number[] = [];
  lock(group + Obj.MUTEX);
  if (failed && i32[group + Gr.FIRST_FAILURE] === 0) i32[group + Gr.FIRST_FAILURE] = thread;
  if (failed && i32[group + Gr.FIRST_FAILURE] === thread) {
    toCancel = take(group, (member) => member !== thread);
  }
  const leaves = !failed && removeAddress(group + Gr.MEMBERS, thread);
  if (i32[thread + Th.LEFT] === 0) {
    // No call in between: it is counted once.
    i32[group + Gr.LIVE]! -= 1;
    i32[thread + Th.LEFT] = 1;
  }
  admit(group);
  unlock(group + Obj.MUTEX);
  for (const member of toCancel) {
    cancelThread(member, undefined);
    release(member);
  }
  if (leaves) release(thread);
}

/** `Kind.admit`: frees the joiners once no member is left. */
export function admit(group: number): void {
  if (Atomics.load(i32, group + Gr.LIVE) === 0) grantAll(group + Obj.HEAD);
}

/** The members that have not ended. The caller gets a reference to each. */
export function runningMembers(group: number): number[] {
  return withMutex(group, () => take(group, (member) => !hasEnded(member)));
}

/** The members that have failed, the first of them first. The caller gets a reference to each. */
export function failedMembers(group: number): number[] {
  return withMutex(group, () => {
    const failed = take(group, hasEnded);
    const first = i32[group + Gr.FIRST_FAILURE];
    if (failed.length > 0) i32[group + Gr.TOLD] = 1;
    return failed.sort((a, b) => Number(b === first) - Number(a === first));
  });
}

/** References to some of the members. Under MUTEX, without which another thread may give up the group's own. */
function take(group: number, which: (member: number) => boolean): number[] {
  const members = [...entries(group + Gr.MEMBERS)].map((entry) => pointer(entry)).filter(which);
  members.forEach(retain);
  return members;
}

/** Forgets members that have failed. Under MUTEX; the caller gets the group's references to them, to be released. */
function forgetFailures(group: number): number[] {
  const failed = [...entries(group + Gr.MEMBERS)].filter((entry) => hasEnded(pointer(entry)));
  const members = failed.map((entry) => pointer(entry));
  failed.forEach(removeEntry);
  i32[group + Gr.FIRST_FAILURE] = 0;
  i32[group + Gr.TOLD] = 0;
  return members;
}

/** `Kind.destroy`. */
export function destroyGroup(group: number): void {
  const members = [...entries(group + Gr.MEMBERS)].map((entry) => pointer(entry));
  freeTable(group + Gr.MEMBERS);
  members.forEach(release);
}
