/**
 * The checker's side in each thread: knows what the thread holds, and tells the supervisor of each new chain of locks
 * before the thread waits for the last of them, so that also an order that hangs at once is told of.
 *
 * What makes an order A → B: blocking without a timeout for B while this thread holds A. However A was taken: by
 * blocking, by a try, with a timeout or awaited, also by another task of this thread, which cannot go on and release A
 * while the thread is blocked. What makes none, since it need not hang:
 *
 * - a try, a wait with a timeout: it ends by itself;
 * - an awaited acquisition: what the thread holds may be another task's, which goes on and releases it;
 * - permits of a semaphore: any thread may release them, so that whoever took one need not be the one that is waited for;
 * - a join, a get or put while holding a lock that the other side takes too: often the other side is done with the lock,
 *   or takes it only later, by an event that both know of. A wait of this kind that has come to hang is for the
 *   detection of deadlocks;
 * - `Once`: its function runs only once, so an opposite order after it cannot hang any more;
 * - taking a condition's lock back: it cannot be refused.
 */
import { describeReport } from '../base/describe-report.js';
import { DeadlockError, ThreadStateError } from '../base/errors.js';
import { userFrames } from '../base/site.js';
import type { Report } from '../base/report.js';
import { i32 } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import { KindId, kindOf, nameOf, Obj } from '../memory/object.js';
import { tid } from '../memory/records.js';
import { current, Th } from '../park/current.js';
import { addProbe, type Side } from '../park/probe.js';
import { LockWords } from '../sync/raw-lock.js';
import { checkLockOrderBy } from '../thread/configure.js';
import { ask, inform } from '../thread/upward.js';
import { EMPTY, extend, isNew, resetChains } from './order-chains.js';
import { type Link, type Taking, TOOL } from './order-taking.js';

/** Values of Header.LOCK_ORDER. */
export const Mode = { OFF: 0, REPORT: 1, THROW: 2 } as const;

/** A lock that this thread holds. */
interface Hold {
  readonly address: number;
  readonly side: Side;
  /** The chain of locks down to this one. */
  chain: number;
  /** Where it was taken; its stack is formatted only if it is read. */
  readonly taken: { readonly stack?: string };
}

/** What the thread holds, in the order in which it was taken. */
let held: Hold[] = [];
/** The tid of the thread that holds it: a worker runs one thread after the other. */
let holder = 0;
let watching = false;

checkLockOrderBy(() => {
  if (Atomics.load(i32, Header.THREADS_STARTED) > 0) {
    throw new ThreadStateError(
      'checking the order of locks has to begin before the first thread is started: call configure() at the start of ' +
        'the program',
    );
  }
  watchThisThread();
});

/** Checks the order in which this thread takes locks from now on. */
export function watchThisThread(): void {
  if (watching) return;
  watching = true;
  addProbe({ acquiring, acquired, released });
}

function acquiring(object: number, side: Side): void {
  if (!isLock(object) || i32[Header.LOCK_ORDER] === Mode.OFF) return;
  const all = holds();
  const last = all.at(-1);
  if (last === undefined || all.some(({ address }) => address === object)) return;
  if (!isNew(extend(last.chain, i32[object + Obj.SERIAL]!, side))) return;
  check(all, object, side);
}

function acquired(object: number, side: Side): void {
  if (!isLock(object)) return;
  const all = holds();
  const chain = extend(all.at(-1)?.chain ?? EMPTY, i32[object + Obj.SERIAL]!, side);
  all.push({ address: object, side, chain, taken: capture() });
}

function released(object: number, side: Side): void {
  const all = holds();
  const at = all.findLastIndex((hold) => hold.address === object && hold.side === side);
  if (at < 0) return;
  all.splice(at, 1);
  for (let i = at; i < all.length; i++) {
    const { address, side: its } = all[i]!;
    all[i]!.chain = extend(all[i - 1]?.chain ?? EMPTY, i32[address + Obj.SERIAL]!, its);
  }
}

function holds(): Hold[] {
  if (holder !== tid) {
    holder = tid;
    held = [];
    resetChains();
  }
  return held;
}

/** Semaphores are watched by other tools. */
function isLock(object: number): boolean {
  const kind = i32[object + Obj.KIND];
  return kind === KindId.LOCK || kind === KindId.RLOCK || kind === KindId.GUARDED || kind === KindId.RWLOCK;
}

function check(all: readonly Hold[], wanted: number, side: Side): void {
  const report = i32[Header.LOCK_ORDER] === Mode.REPORT;
  const taking: Taking = {
    thread: i32[current + Th.ID]!,
    threadName: nameOf(current),
    held: all.map((hold) => link(hold.address, hold.side, hold.taken)),
    wanted: link(wanted, side, capture()),
    report,
  };
  if (report) {
    inform(TOOL, taking);
    return;
  }
  const found = ask(TOOL, taking) as Report | undefined;
  if (found !== undefined) throw new DeadlockError(describeReport(found), { report: found });
}

function link(address: number, side: Side, taken: { readonly stack?: string }): Link {
  const kind = kindOf(address).name;
  const name = nameOf(address);
  const hasLevel = i32[address + Obj.KIND] !== KindId.RWLOCK;
  return {
    serial: i32[address + Obj.SERIAL]!,
    lockClass: `${kind} ${name}`,
    named: name !== '' && name !== kind && !name.startsWith(`${kind} (`),
    kind,
    name,
    level: hasLevel ? i32[address + LockWords.LEVEL]! : 0,
    side,
    stack: userFrames(taken.stack ?? '').join('\n'),
  };
}

function capture(): { readonly stack?: string } {
  const taken: { stack?: string } = {};
  Error.captureStackTrace(taken, capture);
  return taken;
}
