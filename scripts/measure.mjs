// Measures what the documents say about cost, on this machine:
//
//   npm run build && node scripts/measure.mjs
//
// Times of short things are medians of many rounds.

import { memoryUsage } from 'node:process';
import { Event, isMain, Latch, Lock, Queue, spawn } from 'heddle';

/** Threads that are started at once. */
const MANY = 8;

export function nothing() {}

/** Says that it runs, and stays until it may leave. */
export function stay(here, leave) {
  here.countDown();
  leave.wait();
}

/** Sends back what comes in, until the queue is shut down. */
export function echo(there, back) {
  for (const item of there) back.put(item);
}

if (isMain(import.meta)) {
  report('first thread, with the supervisor, until it was joined', time(startAndJoin), 'ms');
  measureMany();
  report('thread on a warm worker, until it was joined', median(200, startAndJoin) * 1000, 'µs');
  measureLock();
  measureQueues();
}

function startAndJoin() {
  spawn(nothing).join();
}

function measureMany() {
  const here = new Latch(MANY);
  const leave = new Event();
  const before = memoryUsage().rss;
  const threads = [];
  const took = time(() => {
    for (let k = 0; k < MANY; k++) threads.push(spawn(stay, here, leave));
    here.wait();
  });
  report(`each of ${MANY} threads started at once, until all ran`, took / MANY, 'ms');
  // One of them got the worker of the first thread.
  report('memory of a worker', (memoryUsage().rss - before) / (MANY - 1) / 2 ** 20, 'MiB');
  leave.set();
  for (const thread of threads) thread.join();
}

function measureLock() {
  const lock = new Lock();
  const rounds = 1e6;
  const took = median(5, () => {
    for (let k = 0; k < rounds; k++) {
      lock.acquire();
      lock.release();
    }
  });
  report('lock.acquire() and release(), uncontended', (took / rounds) * 1e6, 'ns');
}

function measureQueues() {
  const there = new Queue();
  const back = new Queue();
  const thread = spawn(echo, there, back);
  const took = median(10_000, () => {
    there.put(1);
    back.get();
  });
  report('a number to a thread and back, through two queues', took * 1000, 'µs');
  there.shutdown();
  thread.join();
}

/** Milliseconds that `action` takes. */
function time(action) {
  const start = performance.now();
  action();
  return performance.now() - start;
}

function median(rounds, action) {
  const times = Array.from({ length: rounds }, () => time(action)).sort((a, b) => a - b);
  return times[rounds >> 1];
}

function report(what, figure, unit) {
  console.log(`${what.padEnd(56)} ${figure.toFixed(1).padStart(8)} ${unit}`);
}
