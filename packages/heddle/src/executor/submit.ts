/** How a task gets into a pool. */
import { checkOptions, checkSignal, checkTimeout, describe } from '../base/arguments.js';
import { type BrokenPoolError, QueueFullError, ThreadStateError } from '../base/errors.js';
import { f64, i32, pointer } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { addressOf, nameOf, Obj } from '../memory/object.js';
import { readPayload } from '../memory/payload.js';
import { record, tid } from '../memory/records.js';
import type { TransferList } from '../memory/transfer.js';
import { draftItem, writeDraft } from '../queue/records.js';
import { chooseOne, wakeChosen } from './admitting.js';
import { expect, forget } from './arrivals.js';
import type { SubmitOptions } from './executor.js';
import { Future } from './future.js';
import { append, LEAST_URGENT, MOST_URGENT, USUAL_LEVEL } from './pending.js';
import { needsThread, startThreads } from './seats.js';
import type { Site } from './site.js';
import { setAlarm } from './stopping.js';
import { giveBlock, keepPool, takeBlock } from './task-blocks.js';
import type { Submitted } from './targets.js';
import { cannotTransfer } from './transferring.js';
import { P, PoolState, Shape, T } from './words.js';

/** Submission options that have been checked. */
export interface Terms {
  readonly level: number;
  /** Milliseconds; 0: any number. */
  readonly limit: number;
  readonly patience: number;
}

const USUAL: Terms = { level: USUAL_LEVEL, limit: 0, patience: 0 };

/** Submits a task. @throws CloneError, QueueFullError, ThreadStateError, BrokenPoolError: nothing is left behind then */
export function submitTask(
  target: Submitted,
  shape: number,
  args: unknown,
  site: Site,
  terms: Terms = USUAL,
  transfer?: TransferList,
): Future {
  const task = takeBlock();
  let pool: number;
  let future: Future;
  try {
    if (shape !== Shape.NONE) {
      const path = shape === Shape.ONE ? 'args[0]' : shape === Shape.MANY ? 'args' : 'items';
      draftItem(args, -1, path, transfer);
      writeDraft(task + T.RECORD);
      i32[task + T.SHAPE] = shape;
    }
    transfer?.checkAllHeld();
    pool = addressOf(target.pool); // not before: a getter in an argument may have disposed of it
    future = new Future(target, task, site);
  } catch (error) {
    giveBlock(task);
    throw error;
  }
  i32[task + T.TARGET] = target.address;
  i32[task + T.LEVEL] = terms.level;
  i32[task + T.WORKER] = record;
  i32[task + T.TID] = tid;
  i32[task + T.POOL] = pool;
  if (terms !== USUAL) setTerms(task, terms);
  const ticket = expect(future);
  i32[task + T.TICKET] = ticket;
  try {
    enter(pool, task, transfer);
  } catch (error) {
    // A stack overflow when it was in already: it is the pool's then.
    if (entered === task) throw error;
    forget(ticket);
    giveBlock(task);
    throw error;
  }
  if (terms.patience > 0) setAlarm(task, terms.patience);
  return future;
}

function setTerms(task: number, { limit, patience }: Terms): void {
  f64[(task + T.LIMIT) >> 1] = limit;
  f64[(task + T.PATIENCE) >> 1] = patience;
  if (limit > 0 || patience > 0) keepPool(task); // the supervisor may have to stop it
}

/** The task that has entered a pool, so that it stays there whatever comes. */
let entered = 0;

function enter(pool: number, task: number, transfer: TransferList | undefined): void {
  entered = 0;
  lock(pool + Obj.MUTEX);
  if (i32[pool + Obj.STATE] !== PoolState.OPEN || i32[pool + P.PENDING]! >= i32[pool + P.MOST_PENDING]!) {
    unlock(pool + Obj.MUTEX);
    throw refusal(pool);
  }
  if (transfer !== undefined) send(pool, transfer);
  append(pool, task);
  entered = task;
  chooseOne(pool);
  const needs = needsThread(pool);
  unlock(pool + Obj.MUTEX);
  wakeChosen();
  if (needs) startThreads(pool);
}

/** Under MUTEX, and last: nobody has let the pool fill up since, and what is sent cannot be brought back. */
function send(pool: number, transfer: TransferList): void {
  try {
    transfer.send();
  } catch (error) {
    unlock(pool + Obj.MUTEX);
    throw error instanceof Error && error.name === 'DataCloneError' ? cannotTransfer(error) : error;
  }
}

function refusal(pool: number): Error {
  const name = JSON.stringify(nameOf(pool));
  switch (i32[pool + Obj.STATE]) {
    case PoolState.BROKEN:
      return readPayload(pointer(pool + P.CAUSE)) as BrokenPoolError;
    case PoolState.SHUT:
      return new ThreadStateError(`pool ${name} was shut down, and takes no more tasks`);
    default:
      return new QueueFullError(
        `pool ${name} has ${String(i32[pool + P.MOST_PENDING])} tasks that have not begun, the most it may have (maxQueue). ` +
          'Await some of its futures before you submit more, or use map(), which waits by itself',
      );
  }
}

/** Checks how a task is to be submitted. @throws TypeError, RangeError, or the signal's reason */
export function checkTerms(options: SubmitOptions | undefined): Terms {
  const { signal, timeout, queueTimeout, priority } = checkOptions(options);
  checkSignal(signal);
  signal?.throwIfAborted();
  return {
    level: levelOf(priority),
    limit: limitOf('timeout', timeout),
    patience: limitOf('queueTimeout', queueTimeout),
  };
}

function limitOf(what: string, limit: number | undefined): number {
  const time = limit === undefined ? Infinity : checkTimeout(limit, what);
  if (time === 0) throw new RangeError(`${what} must be more than 0 milliseconds`);
  return time > 0x7fff_ffff ? 0 : time;
}

function levelOf(priority: number | undefined): number {
  if (priority === undefined) return USUAL_LEVEL;
  if (typeof priority !== 'number')
    throw new TypeError(`priority must be a number, not ${describe(priority)}`);
  if (!Number.isInteger(priority) || priority < MOST_URGENT || priority > LEAST_URGENT) {
    throw new RangeError(
      `priority must be a whole number from ${String(MOST_URGENT)} (first) to ${String(LEAST_URGENT)} (last), not ${String(priority)}`,
    );
  }
  return USUAL_LEVEL + priority;
}
