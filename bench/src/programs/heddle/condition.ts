import assert from 'node:assert/strict';
import { Condition, Lock, sharedArray, spawn } from 'heddle';
import { type Effort, type Figures, timePerOperation } from '../../harness/effort.js';
import { Crew, type Orders, runs } from './crew.js';

/** Threads take turns; an operation is one turn. */
export function turns(effort: Effort, { threads }: { threads: number }): Figures {
  const condition = new Condition(new Lock());
  const turn = sharedArray('i32', 1);
  const crew = new Crew(threads, (orders, index) => spawn(play, orders, condition, turn, index, threads));
  crew.warmUp(effort);
  const time = timePerOperation(effort, (count) => {
    const each = Math.ceil(count / threads);
    turn[0] = 0;
    const took = crew.run(each);
    assert.equal(turn[0], threads * each);
    return took;
  });
  crew.end();
  return { time };
}

/** Of two threads the other one is woken, of more all: only one of them goes on. */
export function play(
  orders: Orders,
  condition: Condition,
  turn: Int32Array,
  me: number,
  threads: number,
): void {
  const { lock } = condition;
  for (const count of runs(orders)) {
    for (let k = 0; k < count; k++) {
      lock.acquire();
      while (turn[0]! % threads !== me) condition.wait();
      turn[0]! += 1;
      if (threads === 2) condition.notify();
      else condition.notifyAll();
      lock.release();
    }
  }
}
