/**
 * News for awaited waits: an inbox and a doorbell for each worker.
 *
 * Whoever grants or nudges an awaited waiter pushes it on the worker's inbox, a stack in shared memory, and rings:
 * adds one to the BELL word and notifies it. The worker has one Atomics.waitAsync on that word for all the waits
 * it awaits; a promise for each wait could not be taken back when the wait times out.
 *
 * The inbox has many pushers and one taker, who takes all at once; so its compare-and-swap needs no tag against
 * ABA. A waiter is pushed only if it is not in the inbox yet, since pushing it twice would make a loop: only who turns
 * POSTED from 0 to its tid may push it. Should that thread die before it does, the waiter could never be posted again; so
 * once a thread has died, the worker looks for such waiters ({@link emptyInbox}).
 */
import { i32, pointer, reach } from '../memory/heap.js';
import { isAlive, record, Rec, tid } from '../memory/records.js';
import { noteWake } from './spin.js';
import { W } from './waiter.js';

let armed = false;
const answers: (() => void)[] = [];

/** Hands a waiter to its worker, which awaits it. */
export function post(waiter: number, worker: number): void {
  if (Atomics.compareExchange(i32, waiter + W.POSTED, 0, tid) === 0) {
    const inbox = worker + Rec.INBOX;
    let first: number;
    do {
      first = Atomics.load(i32, inbox);
      i32[waiter + W.POST_NEXT] = first;
    } while (Atomics.compareExchange(i32, inbox, first, waiter) !== first);
  }
  ring(worker);
}

/** Makes the worker with this record look at its inbox and at its cancellation. */
export function ring(worker: number): void {
  Atomics.add(i32, worker + Rec.BELL, 1);
  if (Atomics.notify(i32, worker + Rec.BELL) > 0) noteWake();
}

/** Says what is called too in this worker when the bell has rung; it should {@link listen} again if it still waits. */
export function answerWith(handler: () => void): void {
  answers.push(handler);
}

/** Listens for the next ring, unless this worker listens already. `heard` is the count up to which it has looked. */
export function listen(heard: number): void {
  if (armed) return;
  armed = true;
  const outcome = Atomics.waitAsync(i32, record + Rec.BELL, heard);
  const answerAll = (): void => {
    armed = false;
    for (const answer of answers) answer();
  };
  if (outcome.async) void outcome.value.then(answerAll);
  else queueMicrotask(answerAll); // it has rung since
}

/** How often the bell has rung. Read it before the inbox is emptied. */
export function rings(): number {
  return Atomics.load(i32, record + Rec.BELL);
}

/**
 * Takes all waiters out of the inbox, in the order in which they came. `afterDeath`: a thread has died since, which may
 * have been posting one.
 */
export function emptyInbox(afterDeath: boolean): number[] {
  // Looked for before the inbox is emptied: what a dead thread has pushed is taken out then, and POSTED is 0.
  const stuck = afterDeath ? postedByTheDead() : [];
  const waiters = takeAll(record);
  for (const { waiter, poster } of stuck) Atomics.compareExchange(i32, waiter + W.POSTED, poster, 0);
  return waiters;
}

/** This worker's waiters that were to be posted, or have been, by a thread that is dead. */
function postedByTheDead(): { waiter: number; poster: number }[] {
  const found: { waiter: number; poster: number }[] = [];
  for (let waiter = pointer(record + Rec.NODES); waiter !== 0; waiter = pointer(waiter + W.CHAIN)) {
    const poster = Atomics.load(i32, waiter + W.POSTED);
    if (poster !== 0 && !isAlive(poster)) found.push({ waiter, poster });
  }
  return found;
}

/** Takes all waiters out of the inbox of a worker: this one, or in the supervisor one that is dead. */
export function takeAll(worker: number): number[] {
  const waiters: number[] = [];
  let waiter = reach(Atomics.exchange(i32, worker + Rec.INBOX, 0));
  while (waiter !== 0) {
    const next = pointer(waiter + W.POST_NEXT);
    // From here on it may be posted again; its state is looked at after this, so nothing is missed.
    Atomics.store(i32, waiter + W.POSTED, 0);
    waiters.push(waiter);
    waiter = next;
  }
  return waiters.reverse();
}
