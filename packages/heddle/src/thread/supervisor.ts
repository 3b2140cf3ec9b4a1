/**
 * The supervisor: a worker that never blocks and owns all others. It starts them, sees them die, cleans up after
 * them and keeps what cannot cross as bytes. Because it does so, nothing in heddle waits for the main thread's event
 * loop, and no thread depends on the one that started it.
 */
import { ThreadDiedError } from '../base/errors.js';
import type { Report } from '../base/report.js';
import { i32, memory, pointer, reach } from '../memory/heap.js';
import { setForeignTransport } from '../memory/foreign.js';
import { Header, SLOTS } from '../memory/layout.js';
import { lock, unlock } from '../memory/mutex.js';
import { kindOf, release, retain } from '../memory/object.js';
import { readPayload } from '../memory/payload.js';
import { Rec, recordOf, WorkerState } from '../memory/records.js';
import { hasEnded, Status, Th, workerOf } from '../park/current.js';
import { cleanUpAfter } from '../park/death.js';
import { unpark } from '../park/parker.js';
import { suspectAnew } from '../park/suspicion.js';
import { reuseLargeBlocks } from '../platform/allocation.js';
import type { Boot, MessagePort, ResourceLimits, WorkerEvents, WorkerHandle } from '../platform/workers.js';
import { channel, isPort, receiveNow, send, startWorker } from '../platform/workers.js';
import { writeFully } from '../platform/stdio.js';
import './kinds.js';
import { endThread, errorPayload, terminated } from './ending.js';
import type { Reply, Request } from './protocol.js';
import { printReport } from './reports.js';
import { answerHere } from './upward.js';
import { awaitTimer, dropTimer } from './firing.js';
import { hearersOf, News } from './hearing.js';
import { answerOf } from './tools.js';
import { concludeWorker } from './thread-end.js';
import { leaveIdle, doom, redispatch, withoutWorker } from './workforce.js';
import { enterWorld, MAIN_SLOT, SUPERVISOR_SLOT } from './world.js';

/** One living worker. */
interface Charge {
  readonly worker: WorkerHandle;
  readonly port: MessagePort;
  /** Whether it has been told to end, or is failing. */
  dying: boolean;
  /** The error that is ending it, if it said one. */
  error?: unknown;
}

const charges = new Map<number, Charge>();
/** Values that cannot cross as bytes, by their number. */
const kept = new Map<number, object>();
/** Numbers whose value came through another port than the word that nobody needs it, and may be yet to come. */
const dropped = new Set<number>();
let start: Boot;
/** Whether the program is ending: daemons that still run are ended, which is no failure of theirs. */
let closing = false;

/** A worker that was started before this module was loaded. */
export interface EarlyWorker {
  readonly slot: number;
  readonly port: MessagePort;
  /** Says who is told of its events, also of those that have been already; never before this returns. */
  readonly handOver: (events: WorkerEvents) => WorkerHandle;
}

/** Serves requests from now on, beginning with one that was taken out of the port already, or the worker it led to. */
export function supervise(first?: Request | EarlyWorker): void {
  start = enterWorld();
  answerHere((request) => {
    answer(SUPERVISOR_SLOT, request);
  });
  if (first !== undefined && 'handOver' in first) takeCharge(first.slot, first.port, first.handOver);
  else if (first !== undefined) answer(MAIN_SLOT, first);
  serve(MAIN_SLOT, start.port);
  reuseLargeBlocks();
}

function serve(slot: number, port: MessagePort): void {
  port.on('message', (request: Request) => {
    answer(slot, request);
  });
}

function answer(slot: number, request: Request): void {
  switch (request.type) {
    case 'start':
      startIn(request.slot);
      return;
    case 'terminate':
      whenNobodyDies(() => {
        terminate(reach(request.thread));
      });
      return;
    case 'keep':
      keep(request.id, request.value);
      return;
    case 'give':
      request.values.forEach((value, index) => {
        keep(request.first + index, value);
      });
      return;
    case 'take':
      handOn(slot, request.id);
      return;
    case 'drop':
      drop(request.id);
      return;
    case 'fetch':
      reply(slot, { type: 'value', id: request.id, value: kept.get(request.id) });
      return;
    case 'timer':
      awaitTimer(request.timer, request.delay, whenNobodyDies);
      return;
    case 'alarm':
      setTimeout(() => {
        whenNobodyDies(() => {
          soundAlarm(request.object);
        });
      }, request.delay);
      return;
    case 'timer-cancelled':
      whenNobodyDies(() => {
        dropTimer(request.timer);
      });
      return;
    case 'report':
      deliverReport(request.report);
      return;
    case 'failed':
      whenNobodyDies(() => {
        tellListeners(reach(request.thread));
      });
      return;
    case 'ask':
      answerOf(request.tool, request.question, (value) => {
        if (request.id !== undefined) reply(slot, { type: 'value', id: request.id, value });
      });
      return;
    case 'close':
      void close(slot);
  }
}

/** Answers a thread, also one that is blocked and looks into its port only when its MAIL word changes. */
function reply(slot: number, message: Reply, transfer?: readonly object[]): void {
  const port = portOf(slot);
  if (port === undefined) return; // dead by now
  send(port, message, transfer);
  const mail = recordOf(slot) + Rec.MAIL;
  Atomics.add(i32, mail, 1);
  Atomics.notify(i32, mail);
}

function portOf(slot: number): MessagePort | undefined {
  return slot === MAIN_SLOT ? start.port : charges.get(slot)?.port;
}

function keep(id: number, value: object): void {
  if (dropped.delete(id)) discard(value);
  else kept.set(id, value);
}

/** Takes a value away from those that are kept. */
function takeKept(id: number): object | undefined {
  const value = kept.get(id);
  kept.delete(id);
  return value;
}

function drop(id: number): void {
  if (!kept.has(id)) dropped.add(id);
  discard(takeKept(id));
}

/** Gives a value that was given away to the thread that takes it. */
function handOn(slot: number, id: number): void {
  const value = takeKept(id);
  if (portOf(slot) === undefined) discard(value);
  else reply(slot, { type: 'value', id, value }, value === undefined ? [] : [value]);
}

/** Nobody gets the value: the other end of a port must not wait for ever. */
function discard(value: object | undefined): void {
  if (isPort(value)) value.close();
}

function soundAlarm(object: number): void {
  kindOf(reach(object)).due?.(object);
  release(object);
}

function tellListeners(thread: number): void {
  for (const slot of hearersOf(News.FAILURES)) {
    retain(thread);
    reply(slot, { type: 'failed', thread });
  }
  release(thread);
}

/** Printing takes a mutex that a dying worker may hold; telling does not. */
function deliverReport(report: Report): void {
  const hearers = [...hearersOf(News.REPORTS)];
  for (const slot of hearers) reply(slot, { type: 'report', report });
  if (hearers.length > 0) return;
  whenNobodyDies(() => {
    printReport(report);
  });
}

// --- what must wait for the dying -----------------------------------------------------------------------

/** Workers that have been told to end, or are failing, and have not ended. */
let dying = 0;
const putOff: (() => void)[] = [];

/**
 * Does work that may take a mutex, now or once no worker is dying. A dying worker may hold that mutex, and it can be
 * taken over only when this thread, which would be waiting for it, has heard of the death.
 */
export function whenNobodyDies(work: () => void): void {
  putOff.push(work);
  workOff();
}

function workOff(): void {
  while (dying === 0) {
    const work = putOff.shift();
    if (work === undefined) return;
    work();
  }
}

function isDying(charge: Charge): void {
  if (charge.dying) return;
  charge.dying = true;
  dying++;
}

// --- the life of a worker -------------------------------------------------------------------------------

function startIn(slot: number): void {
  const worker = recordOf(slot);
  if (charges.has(slot) || i32[worker + Rec.STATE] !== WorkerState.STARTING) return;
  const thread = pointer(worker + Rec.NEXT);
  const limits = thread === 0 ? 0 : pointer(thread + Th.LIMITS);
  const { port1, port2 } = channel();
  takeCharge(slot, port1, (events) =>
    startWorker(
      new URL('./worker-entry.js', import.meta.url),
      { role: 'thread', heap: memory, slot, port: port2, execArgv: start.execArgv, argv: start.argv },
      limits === 0 ? undefined : (readPayload(limits) as ResourceLimits),
      events,
    ),
  );
}

function takeCharge(
  slot: number,
  port: MessagePort,
  startWith: (events: WorkerEvents) => WorkerHandle,
): void {
  Atomics.add(i32, Header.WORKERS_STARTED, 1);
  try {
    const charge: Charge = {
      port,
      dying: false,
      worker: startWith({
        error: (error) => {
          charge.error = error;
          isDying(charge);
        },
        exit: (code) => {
          hearOfDeath(slot, charge, code);
        },
        output: writeFully,
      }),
    };
    charges.set(slot, charge);
    serve(slot, port);
  } catch (error) {
    whenNobodyDies(() => {
      bury(slot, 0, 1, error);
    });
  }
}

function terminate(thread: number): void {
  const worker = workerOf(thread);
  // Not running there (any more, or not yet): it has ended, or will see the mark when it begins.
  const charge = worker === 0 ? undefined : charges.get(i32[worker + Rec.SLOT]!);
  if (charge !== undefined && doom(worker, thread)) void end(charge);
  release(thread);
}

function end(charge: Charge): Promise<number> {
  isDying(charge);
  return charge.worker.terminate();
}

/** First of all, and without a mutex: what the worker held can be taken over from now on. */
function hearOfDeath(slot: number, charge: Charge, code: number): void {
  const tid = Atomics.exchange(i32, recordOf(slot) + Rec.TID, 0);
  // What it has sent before it ended would be gone with the port.
  for (let last = receiveNow(charge.port); last !== undefined; last = receiveNow(charge.port)) {
    answer(slot, last.message as Request);
  }
  charge.port.close();
  charges.delete(slot);
  Atomics.store(i32, recordOf(slot) + Rec.HEARS, 0);
  if (charge.dying) dying--;
  whenNobodyDies(() => {
    bury(slot, tid, code, charge.error);
  });
}

/** A worker is dead, in whatever way: takes it out of shared memory, and ends its thread if it has not done so. */
function bury(slot: number, tid: number, code: number, error: unknown): void {
  const worker = recordOf(slot);
  leaveIdle(worker);

  const thread = pointer(worker + Rec.THREAD) || pointer(worker + Rec.LEAVING);
  const next = pointer(worker + Rec.NEXT);
  cleanUpAfter(worker, tid);
  if (thread !== 0) endDead(thread, code, error);
  // It died before it could begin: its own fault if it never came up, else another worker takes the thread.
  const cameUp = tid !== 0;
  if (next !== 0 && !cameUp) endDead(next, code, error);
  concludeWorker(worker);
  lock(Header.REGISTRY);
  for (const word of [Rec.THREAD, Rec.LEAVING, Rec.NEXT, Rec.DOOMED, Rec.PARK]) i32[worker + word] = 0;
  Atomics.store(i32, worker + Rec.STATE, WorkerState.FREE);
  unlock(Header.REGISTRY);
  if (next !== 0 && cameUp) passOn(next);
  startForgotten();
  suspectAnew();
}

/** Has another worker run a thread that was started and never began. */
function passOn(thread: number): void {
  try {
    redispatch(thread);
  } catch (error) {
    endThread(thread, Status.TERMINATED, errorPayload(error));
  }
}

/** Whoever died may have done so while it started a thread: before it had a worker for it, or asked for that worker. */
function startForgotten(): void {
  for (const thread of withoutWorker()) passOn(thread);
  for (let slot = 0; slot < SLOTS; slot++) {
    const worker = recordOf(slot);
    if (worker === 0) continue;
    if (i32[worker + Rec.STATE] === WorkerState.STARTING && !charges.has(slot)) startIn(slot);
    else if (i32[worker + Rec.NEXT] !== 0) unpark(worker);
  }
}

function endDead(thread: number, code: number, error: unknown): void {
  if (hasEnded(thread)) {
    endThread(thread, i32[thread + Th.STATUS]!, 0);
  } else if (Atomics.load(i32, thread + Th.TERMINATE) === 1 || closing) {
    endThread(thread, Status.TERMINATED, errorPayload(terminated()));
  } else {
    endThread(thread, Status.FAILED, errorPayload(causeOfDeath(code, error)));
  }
}

function causeOfDeath(code: number, error: unknown): unknown {
  if (error === undefined) {
    return new ThreadDiedError(`the thread ended its worker: process.exit(${String(code)}) was called in it`);
  }
  const { code: reason, message } = error as { code?: unknown; message?: unknown };
  if (reason === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new ThreadDiedError(
      'the thread ran out of memory. Give it more with { resourceLimits: { maxOldGenerationSizeMb } }, or keep less alive',
      { cause: error },
    );
  }
  return new ThreadDiedError(`the thread's worker failed: ${String(message)}`, { cause: error });
}

async function close(slot: number): Promise<void> {
  closing = true;
  await Promise.allSettled([...charges.values()].map(end));
  reply(slot, { type: 'closed' });
}

setForeignTransport({
  keep,
  drop,
  fetch: (id) => kept.get(id),
  give: (first, values) => {
    values.forEach((value, index) => {
      keep(first + index, value);
    });
  },
  take: takeKept,
});
