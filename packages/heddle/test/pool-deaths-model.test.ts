/** Threads that die at any place where an engine can stop them while they deal with a pool: each task ends once all the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseOne, wakeChosen } from '../src/executor/admitting.js';
import { takeDone, tellOf, writeOutcome } from '../src/executor/completion.js';
import { append, begin, first } from '../src/executor/pending.js';
import { endAllPending, threadEnded } from '../src/executor/seats.js';
import { endAsked, stopTask } from '../src/executor/stopping.js';
import { giveBlock, takeBlock } from '../src/executor/task-blocks.js';
import { ThreadPool } from '../src/executor/thread-pool.js';
import { Cause, hasOutcome, P, S, T, TaskState } from '../src/executor/words.js';
import '../src/executor/kinds.js';
import { allocateZeroed } from '../src/memory/allocator.js';
import { f64, i32, pointer } from '../src/memory/heap.js';
import { Header } from '../src/memory/layout.js';
import { addressOf, KindId, Obj, release, retain, withMutex } from '../src/memory/object.js';
import { takePayload } from '../src/memory/payload.js';
import { Rec, record, recordOf } from '../src/memory/records.js';
import { entries, freeTable } from '../src/memory/table.js';
import { giveUpAll } from '../src/park/death.js';
import { Status, Th } from '../src/park/current.js';
import { append as enlist, commit } from '../src/park/waiters.js';
import { W, Wait } from '../src/park/waiter.js';
import { answerHere } from '../src/thread/upward.js';
import { addWorker, startHeap } from './fixtures/codec-heap.js';
import { bury, comeAlive, deaths, dieIn, waiterOf } from './fixtures/dying.js';
import { watchdog } from './fixtures/waiting.js';

startHeap();
addWorker(1);
addWorker(2);
// No alarm goes off here.
answerHere((request) => {
  if (request.type === 'alarm') release(request.object);
});

/** Numbers that a death does not disturb. */
let state = 1;
function random(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
  return (state >> 8) % below;
}

const handle = new ThreadPool({ threads: 1 });
const pool = addressOf(handle);
i32[pool + P.THREADS] = 0; // none is started: this test plays them
const MANY = 1e9;

/** A thread object that is never freed. */
function fakeThread(): number {
  const thread = allocateZeroed(Th.WORDS);
  i32[thread + Obj.KIND] = KindId.THREAD;
  i32[thread + Obj.REFS] = MANY;
  return thread;
}

function addSeat(): number {
  const seat = allocateZeroed(S.WORDS);
  i32[seat + S.NEXT] = i32[pool + P.SEATS]!;
  i32[pool + P.SEATS] = seat;
  return seat;
}

function sitDown(seat: number, thread: number): void {
  i32[seat + S.THREAD] = thread;
  i32[seat + S.ARRIVED] = 1;
  i32[thread + Th.STATUS] = Status.RUNNING;
  for (const word of [Th.CANCEL, Th.COLLECTED]) i32[thread + word] = 0;
}

/** A task of the thread in slot 1, not submitted yet. */
function makeTask(tid: number): number {
  const task = takeBlock();
  i32[task + T.WORKER] = recordOf(1);
  i32[task + T.TID] = tid;
  i32[task + T.POOL] = pool;
  i32[task + T.LEVEL] = random(3) + 7;
  return task;
}

/** The tasks in the pool's lists, whose links are checked both ways. */
function walk(): number[] {
  const found: number[] = [];
  for (let level = 0; level < 16; level++) {
    const list = pool + P.LISTS + 2 * level;
    let before = 0;
    for (let task = pointer(list); task !== 0; task = pointer(task + T.NEXT)) {
      assert.equal(i32[task + T.PREV], before, 'a link back leads elsewhere');
      found.push(task);
      before = task;
    }
    assert.equal(i32[list + 1], before, 'the tail is another');
    assert.equal((i32[pool + P.MASK]! >> level) & 1, before === 0 ? 0 : 1, 'the mask says otherwise');
  }
  assert.equal(new Set(found).size, found.length, 'a task is in two lists');
  assert.equal(i32[pool + P.PENDING], found.length, 'it counts other tasks than there are');
  return found;
}

/** One step of a thread of the pool that takes, ends, submits and stops tasks. */
function step(seat: number, tasks: readonly number[], submitted: { next: number }): void {
  const action = random(8);
  if (action < 3) {
    const task = tasks[submitted.next++];
    if (task === undefined) return;
    withMutex(pool, () => {
      append(pool, task);
      chooseOne(pool);
    });
    wakeChosen();
  } else if (action < 5) {
    withMutex(pool, () => {
      const task = first(pool);
      if (task !== 0) begin(pool, task, seat);
    });
  } else if (action < 7) {
    const task = pointer(seat + S.TASK);
    if (task === 0) return;
    writeOutcome(task, random(2) === 0 ? 42 : 'x'.repeat(500), 'result');
    if (Atomics.compareExchange(i32, task + T.STATE, TaskState.RUNNING, TaskState.DONE) !== TaskState.RUNNING)
      endAsked(task, seat, undefined);
    tellOf(task, seat);
  } else {
    const task = tasks[random(Math.min(submitted.next, tasks.length))];
    // One that has ended belongs to who submitted it.
    if (task !== undefined && i32[task + T.PREV] !== NEVER && !hasOutcome(i32[task + T.STATE]!))
      stopTask(task, random(2) === 0 ? Cause.CANCELLED : Cause.OVERDUE, 0);
  }
}

/** PREV of a task that has not been submitted. */
const NEVER = -1;

test(`each task ends once, and nobody sleeps while there are tasks, after ${deaths} deaths`, watchdog, () => {
  const [seat, sleeping] = [addSeat(), addSeat()];
  const [thread, sleeper] = [fakeThread(), fakeThread()];
  const submitter = comeAlive(1);
  comeAlive(2);
  const waiter = waiterOf(2);
  i32[waiter + W.MODE] = sleeping;
  sitDown(sleeping, sleeper);
  const ended = { DONE: 0, FAILED: 0, CANCELLED: 0 };
  const tasks: number[] = [];
  for (let death = 0; death < deaths; death++) {
    while (tasks.length < 600) {
      const task = makeTask(submitter);
      i32[task + T.PREV] = NEVER;
      tasks.push(task);
    }
    sitDown(seat, thread);
    i32[sleeping + S.LOOKS] = 0;
    i32[pool + P.LOOKING] = 0;
    i32[waiter + W.STATE] = Wait.FREE;
    withMutex(pool, () => {
      enlist(waiter, pool, pool + Obj.HEAD);
    });
    const before = f64[(pool + P.SUBMITTED) >> 1]!;
    const submitted = { next: 0 };
    const dead = dieIn(() => {
      for (;;) step(seat, tasks, submitted);
    });
    // What the supervisor does.
    giveUpAll(record, dead);
    i32[thread + Th.STATUS] = Status.FAILED;
    threadEnded(pool, thread);

    assert.equal(i32[seat + S.TASK], 0, 'a task is left in the chain of a dead thread');
    const listed = withMutex(pool, walk);
    if (listed.some((task) => i32[task + T.STATE] === TaskState.PENDING))
      assert.notEqual(i32[waiter + W.STATE], Wait.WAITING, 'there is a task, and nobody was woken');
    if (i32[waiter + W.STATE] === Wait.WAITING) withMutex(pool, () => commit(waiter, Wait.LEFT, 0));

    endAllPending(pool, TaskState.CANCELLED, Cause.CANCELLED, 0);
    assert.deepEqual(withMutex(pool, walk), []);
    const settled: number[] = [];
    for (let task = takeDone(recordOf(1)); task !== 0; task = pointer(task + T.NEXT)) settled.push(task);
    assert.equal(settled.length, f64[(pool + P.SUBMITTED) >> 1]! - before, 'a task has not ended, or twice');
    assert.equal(new Set(settled).size, settled.length, 'a task has ended twice');
    for (const task of settled) {
      const its = i32[task + T.STATE]!;
      assert.ok(hasOutcome(its));
      if (its === TaskState.CANCELLED) assert.equal(i32[task + T.CAUSE], Cause.CANCELLED);
      ended[its === TaskState.DONE ? 'DONE' : its === TaskState.FAILED ? 'FAILED' : 'CANCELLED']++;
      tasks.splice(tasks.indexOf(task), 1);
      giveBlock(task);
    }
  }
  for (const task of tasks) giveBlock(task);
  assert.ok(Object.values(ended).every((count) => count > 0));
  bury(2);
  bury(1);
});

test(`tasks of a dead submitter are let go when they have ended, after ${deaths} deaths`, watchdog, () => {
  const seat = pointer(pool + P.SEATS);
  const thread = fakeThread();
  let entered = 0;
  let lost = 0;
  for (let death = 0; death < deaths; death++) {
    const submitter = comeAlive(1);
    const tasks = Array.from({ length: 20 }, () => makeTask(submitter));
    for (const task of tasks) {
      retain(task); // ours, to look at it
      withMutex(pool, () => append(pool, task));
    }
    entered += tasks.length;
    i32[recordOf(1) + Rec.TID] = 0; // here it dies, with all of them under way
    sitDown(seat, thread);
    const dead = dieIn(() => {
      for (;;) step(seat, [], { next: 0 });
    });
    giveUpAll(record, dead);
    i32[thread + Th.STATUS] = Status.FAILED;
    threadEnded(pool, thread);
    endAllPending(pool, TaskState.CANCELLED, Cause.CANCELLED, 0);
    assert.deepEqual(withMutex(pool, walk), []);
    assert.equal(i32[recordOf(1) + Rec.DONE], 0);
    forgetFailures();
    const kept = tasks.filter((task) => i32[task + Obj.REFS] !== 1);
    assert.ok(kept.length <= 1, `${kept.length} tasks stay, and a death costs the one in hand at most`);
    lost += kept.length;
    for (const task of tasks) release(task);
  }
  assert.ok(entered > lost);
});

/** Forgets the failures that are told at exit. */
function forgetFailures(): void {
  for (const entry of entries(Header.LOST)) {
    const { block } = takePayload(pointer(entry)) as { block: number };
    if (block !== 0) release(block);
  }
  freeTable(Header.LOST);
}
