/**
 * Failures of tasks that nobody has read: printed at exit, each once, with the place that submitted the task, and then
 * the exit status is 1. Of very many whose threads have ended, some are only counted. A thread keeps those of its futures, and passes them on at its end.
 */
import { hasHeap, i32, pointer, reach } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import { lock, unlock } from '../memory/mutex.js';
import { Obj, release, retain } from '../memory/object.js';
import { readPayload, writePayload } from '../memory/payload.js';
import { entries, pushEntry } from '../memory/table.js';
import { writeFully } from '../platform/stdio.js';
import { atThreadEnd } from '../thread/thread-end.js';
import { isMainThread } from '../thread/world.js';
import { readOutcome } from './outcome.js';
import { T, TaskState, Waited } from './words.js';

/** A failure, as it is printed. */
export interface Lost {
  /** How messages call it. */
  readonly task: string;
  /** Where it was submitted; empty if that is not known any more. */
  readonly site: string;
  readonly error: string;
  /** The task's block if its future has travelled, where its readers say so; or 0. */
  readonly block: number;
}

/** A future that has failed, and whose failure nobody has read. */
interface Unread {
  tellFailure(): Lost;
}

const unread = new Set<Unread>();
/** With more of them, the oldest is printed at once: a program that never reads its futures must not grow for ever. */
const MOST_UNREAD = 1000;

/** A future has failed. */
export function noteFailure(future: Unread): void {
  unread.add(future);
  if (unread.size <= MOST_UNREAD) return;
  for (const oldest of unread) {
    unread.delete(oldest);
    report(oldest.tellFailure());
    break;
  }
}

/** Somebody has read the failure after all. */
export function noteRead(future: Unread): void {
  unread.delete(future);
}

let printed = false;

/** Keeps the failure of a task whose submitter has ended. Done again after a death, it is told once. */
export function loseTask(task: number): void {
  keep({ task: 'a task', site: '', error: textOf(readOutcome(task, false, 'a task')), block: task });
}

/** Gives back a task that nobody has a future of any more. Not under the pool's MUTEX. */
export function dropTask(task: number): void {
  if (i32[task + T.STATE] === TaskState.FAILED) loseTask(task);
  release(task);
}

/** How an error is printed. */
export function textOf(error: unknown): string {
  try {
    return error instanceof Error ? (error.stack ?? String(error)) : String(error);
  } catch {
    return 'an object that cannot be made a string';
  }
}

/** So many failures are kept; of those that come later, and that nobody can read any more, it is told how many there were. */
const MOST_KEPT = 1000;

function keep(lost: Lost): void {
  if (!isReadable(lost.block) && countInstead()) return;
  const payload = writePayload(lost, 'error');
  if (lost.block !== 0) retain(lost.block);
  lock(Header.REGISTRY);
  try {
    pushEntry(Header.LOST, payload);
    i32[Header.LOST_KEPT]! += 1;
  } finally {
    unlock(Header.REGISTRY);
  }
}

/** Whether somebody may have a future of a task, and read it: not if the only reference is that of who tells its end. */
function isReadable(block: number): boolean {
  return block !== 0 && Atomics.load(i32, block + Obj.REFS) > 1;
}

/** Counts a failure, if as many are kept as there may be. */
function countInstead(): boolean {
  lock(Header.REGISTRY);
  const full = i32[Header.LOST_KEPT]! >= MOST_KEPT;
  if (full) i32[Header.LOST_COUNTED]! += 1;
  unlock(Header.REGISTRY);
  return full;
}

let settleLast: () => void = () => undefined;

/** Says what is done before the report: this thread may not have looked at all its futures. */
export function beforeReport(settle: () => void): void {
  settleLast = settle;
}

atThreadEnd(() => {
  settleLast();
  for (const future of unread) keep(future.tellFailure());
  unread.clear();
});

process.on('exit', (code) => {
  if (!isMainThread || !hasHeap()) return;
  settleLast();
  for (const entry of entries(Header.LOST)) report(readPayload(pointer(entry)) as Lost);
  for (const future of unread) report(future.tellFailure());
  const more = i32[Header.LOST_COUNTED]!;
  if (more > 0) {
    printed = true;
    writeFully(2, `heddle: ${String(more)} more tasks failed, and nobody read their futures\n`);
  }
  if (printed && code === 0) process.exitCode = 1;
});

/** Failures that were kept and have been printed, by their block, which lives as long as its entry. */
const reported = new Set<number>();

function report({ task, site, error, block }: Lost): void {
  if (block !== 0) {
    if ((Atomics.load(i32, reach(block) + T.WAITED) & Waited.READ) !== 0 || reported.has(block)) return;
    reported.add(block);
  }
  printed = true;
  const where = site === '' ? '' : `, submitted at ${site},`;
  writeFully(2, `heddle: ${task}${where} failed, and nobody read its future:\n${error}\n`);
}
