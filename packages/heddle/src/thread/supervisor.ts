/**
 * The supervisor: a worker that never blocks and owns all others. It starts them, sees them die, cleans up after
 * them and keeps what cannot cross as bytes. Because it does so, nothing in heddle waits for the main thread's event
 * loop, and no thread depends on the one that started it.
 */
import { HeddleError, ThreadDiedError } from '../base/errors.js';
import { i32, memory, pointer } from '../memory/heap.js';
import { setForeignTransport } from '../memory/foreign.js';
import { Header, SLOTS } from '../memory/layout.js';
import { lock, unlock } from '../memory/mutex.js';
import { release, retain } from '../memory/object.js';
import { readPayload } from '../memory/payload.js';
import { Rec, recordOf, WorkerState } from '../memory/records.js';
import { hasEnded, Status, Th, workerOf } from '../park/current.js';
import { cleanUpAfter } from '../park/death.js';
import { unpark } from '../park/parker.js';
import type { Boot, MessagePort, ResourceLimits, WorkerHandle } from '../platform/workers.js';
import { boot, channel, send, startWorker } from '../platform/workers.js';
import { endThread, errorPayload, terminated } from './ending.js';
import { writeWhole } from './output.js';
import type { Reply, Request } from './protocol.js';
import { answerHere } from './upward.js';
import { awaitTimer, dropTimer } from './firing.js';
import { leaveIdle, doom, redispatch } from './workforce.js';
import { MAIN_SLOT, SUPERVISOR_SLOT } from './world.js';

/** One living worker. */
interface Charge {
  readonly worker: WorkerHandle;
  readonly port: MessagePort;
  /** The error that is ending it, if it said one. */
  error?: unknown;
}

const charges = new Map<number, Charge>();
/** Values that cannot cross as bytes, by their number. */
const kept = new Map<number, unknown>();
/** Slots of the workers that want to hear of failures. */
const listeners = new Set<number>();
let start: Boot;
/** Whether the program is ending: daemons that still run are ended, which is no failure of theirs. */
let closing = false;

/** Serves requests from now on. */
export function supervise(): void {
  if (boot === undefined) throw new HeddleError('the supervisor is started by heddle itself');
  start = boot;
  answerHere((request) => {
    answer(SUPERVISOR_SLOT, request);
  });
  serve(MAIN_SLOT, boot.port);
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
      terminate(request.thread);
      return;
    case 'keep':
      kept.set(request.id, request.value);
      return;
    case 'drop':
      kept.delete(request.id);
      return;
    case 'fetch':
      reply(slot, { type: 'value', id: request.id, value: kept.get(request.id) });
      return;
    case 'timer':
      awaitTimer(request.timer, request.delay);
      return;
    case 'timer-cancelled':
      dropTimer(request.timer);
      return;
    case 'listen':
      if (request.on) listeners.add(slot);
      else listeners.delete(slot);
      return;
    case 'failed':
      tellListeners(request.thread);
      return;
    case 'close':
      void close(slot);
  }
}

/** Answers a thread, also one that is blocked and looks into its port only when its MAIL word changes. */
function reply(slot: number, message: Reply): void {
  const port = slot === MAIN_SLOT ? start.port : charges.get(slot)?.port;
  if (port === undefined) return; // dead by now
  send(port, message);
  const mail = recordOf(slot) + Rec.MAIL;
  Atomics.add(i32, mail, 1);
  Atomics.notify(i32, mail);
}

function tellListeners(thread: number): void {
  for (const slot of listeners) {
    retain(thread);
    reply(slot, { type: 'failed', thread });
  }
  release(thread);
}

// --- the life of a worker -------------------------------------------------------------------------------

function startIn(slot: number): void {
  const worker = recordOf(slot);
  if (charges.has(slot) || i32[worker + Rec.STATE] !== WorkerState.STARTING) return;
  const thread = pointer(worker + Rec.NEXT);
  const limits = thread === 0 ? 0 : pointer(thread + Th.LIMITS);
  const { port1, port2 } = channel();
  Atomics.add(i32, Header.WORKERS_STARTED, 1);
  try {
    const charge: Charge = {
      port: port1,
      worker: startWorker(
        new URL('./worker-entry.js', import.meta.url),
        { role: 'thread', heap: memory, slot, port: port2, execArgv: start.execArgv, argv: start.argv },
        limits === 0 ? undefined : (readPayload(limits) as ResourceLimits),
        {
          error: (error) => {
            charge.error = error;
          },
          exit: (code) => {
            bury(slot, code, charge.error);
          },
          output: writeWhole,
        },
      ),
    };
    charges.set(slot, charge);
    serve(slot, port1);
  } catch (error) {
    bury(slot, 1, error);
  }
}

function terminate(thread: number): void {
  const worker = workerOf(thread);
  // Not running there (any more, or not yet): it has ended, or will see the mark when it begins.
  if (worker !== 0 && doom(worker, thread)) void charges.get(i32[worker + Rec.SLOT]!)?.worker.terminate();
  release(thread);
}

/** A worker is dead, in whatever way: takes it out of shared memory, and ends its thread if it has not done so. */
function bury(slot: number, code: number, error: unknown): void {
  const worker = recordOf(slot);
  const tid = Atomics.exchange(i32, worker + Rec.TID, 0);
  const charge = charges.get(slot);
  charges.delete(slot);
  listeners.delete(slot);
  charge?.port.close();
  leaveIdle(worker);

  const thread = pointer(worker + Rec.THREAD) || pointer(worker + Rec.LEAVING);
  const next = pointer(worker + Rec.NEXT);
  cleanUpAfter(worker, tid);
  if (thread !== 0) endDead(thread, code, error);
  // It died before it could begin: its own fault if it never came up, else another worker takes the thread.
  const cameUp = tid !== 0;
  if (next !== 0 && !cameUp) endDead(next, code, error);
  lock(Header.REGISTRY);
  for (const word of [Rec.THREAD, Rec.LEAVING, Rec.NEXT, Rec.DOOMED, Rec.PARK]) i32[worker + word] = 0;
  Atomics.store(i32, worker + Rec.STATE, WorkerState.FREE);
  unlock(Header.REGISTRY);
  if (next !== 0 && cameUp) redispatch(next);
  startForgotten();
}

/** Whoever died may have taken a slot and died before it asked for its worker. */
function startForgotten(): void {
  for (let slot = 0; slot < SLOTS; slot++) {
    const worker = recordOf(slot);
    if (worker === 0) continue;
    if (i32[worker + Rec.STATE] === WorkerState.STARTING && !charges.has(slot)) startIn(slot);
    else if (i32[worker + Rec.NEXT] !== 0) unpark(worker);
  }
}

function endDead(thread: number, code: number, error: unknown): void {
  if (hasEnded(thread)) {
    endThread(thread, Status.FAILED, 0);
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
  await Promise.allSettled([...charges.values()].map((charge) => charge.worker.terminate()));
  reply(slot, { type: 'closed' });
}

setForeignTransport({
  keep: (id, value) => kept.set(id, value),
  drop: (id) => kept.delete(id),
  fetch: (id) => kept.get(id) as object,
});
