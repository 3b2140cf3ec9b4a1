/**
 * Asking workers what they wait for. The question is written in their records and they are woken; those that still wait
 * answer at once (park/inquiry.ts), those that run the user's code do not.
 */
import { i32, reach } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import { takePayload } from '../memory/payload.js';
import { Rec } from '../memory/records.js';
import { ring } from '../park/doorbell.js';
import type { Account } from '../park/inquiry.js';
import { unpark } from '../park/parker.js';
import { now } from '../platform/clock.js';
import { whenNobodyDies } from '../thread/supervisor.js';

/** So long, in milliseconds, answers are waited for: a worker that waits needs far less, even on a busy machine. */
const PATIENCE = 500;
/** So long for places in the source: each worker may have to read source maps for that. */
const LONG_PATIENCE = 3000;

let questions = 0;

/**
 * Asks workers, by their records; resolves with the accounts of those that have answered in time. They are read where a mutex
 * may be taken, which a worker that is about to die may hold.
 */
export async function ask(workers: readonly number[], places: boolean): Promise<Map<number, Account>> {
  const answers = await inTurn(workers, places);
  return new Promise((resolve) => {
    whenNobodyDies(() => {
      resolve(new Map([...answers].map(([worker, answer]) => [worker, takePayload(answer) as Account])));
    });
  });
}

/** Asks when the last question has been answered. Resolves with payloads. */
function inTurn(workers: readonly number[], places: boolean): Promise<Map<number, number>> {
  const answers = last.then(() => askNow(workers, places));
  last = answers;
  return answers;
}

/** The last question: a worker has room for one. */
let last: Promise<unknown> = Promise.resolve();

async function askNow(workers: readonly number[], places: boolean): Promise<Map<number, number>> {
  questions = (questions + 2) & 0x7fff_fffe;
  const question = questions | (places ? 1 : 0);
  for (const worker of workers) {
    Atomics.store(i32, worker + Rec.ASKED, question);
    unpark(worker);
    ring(worker);
  }
  const accounts = new Map<number, number>();
  const open = new Set(workers);
  await answered(
    () => {
      for (const worker of open) {
        if (Atomics.load(i32, worker + Rec.ANSWERED) !== question) continue;
        open.delete(worker);
        const payload = Atomics.exchange(i32, worker + Rec.ACCOUNT, 0);
        if (payload !== 0) accounts.set(worker, reach(payload));
      }
      return open.size === 0;
    },
    places ? LONG_PATIENCE : PATIENCE,
  );
  return accounts;
}

/** Waits until all have answered, as `all` says, or so many milliseconds have passed. */
export async function answered(all: () => boolean, patience: number = PATIENCE): Promise<void> {
  const deadline = now() + patience;
  for (;;) {
    const heard = Atomics.load(i32, Header.ANSWERS);
    const left = deadline - now();
    if (all() || left <= 0) return;
    const outcome = Atomics.waitAsync(i32, Header.ANSWERS, heard, left);
    if (outcome.async) await outcome.value;
  }
}
