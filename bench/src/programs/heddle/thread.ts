import assert from 'node:assert/strict';
import { Event, Latch, spawn, type Thread } from 'heddle';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';

export function one(): number {
  return 1;
}

/** A worker that ran a thread before is there: start a thread, join it, take its result. */
export function warm(effort: Effort): Figures {
  const time = timePerOperation(effort, (count) => {
    let sum = 0;
    const took = elapsed(() => {
      for (let k = 0; k < count; k++) sum += spawn(one).join();
    });
    assert.equal(sum, count);
    return took;
  });
  return { time };
}

/** The very first thread of a program. */
export function first(): Figures {
  return { time: [elapsed(() => assert.equal(spawn(one).join(), 1)) * 1e6] };
}

/** A thread for which there is no warm worker, in a program that has had threads: until it runs. */
export function cold({ samples }: Effort): Figures {
  using leave = new Event();
  const crew: Thread[] = [];
  const start = (): void => {
    using here = new Latch(1);
    crew.push(spawn(stay, here, leave));
    here.wait();
  };
  start();
  const time = Array.from({ length: samples }, () => elapsed(start) * 1e6);
  leave.set();
  for (const thread of crew) thread.join();
  return { time };
}

export function stay(here: Latch, leave: Event): void {
  here.countDown();
  leave.wait();
}
