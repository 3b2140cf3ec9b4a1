/** What a thread leaves of the tasks that it has submitted, when it ends or dies. */
import { pointer } from '../memory/heap.js';
import { record } from '../memory/records.js';
import { atBurial, atThreadEnd } from '../thread/thread-end.js';
import { takeDone } from './completion.js';
import { dropTask } from './lost.js';
import { freeSpare } from './task-blocks.js';
import { T } from './words.js';

// Its worker may be idle for long, and then run a thread that submits nothing.
atThreadEnd(() => {
  freeSpare(record);
});

/**
 * Nobody will look at the stack of a worker that is dead. Should another thread put a task on it only now, the next worker
 * in this slot finds that.
 */
atBurial((worker) => {
  freeSpare(worker);
  for (let task = takeDone(worker); task !== 0;) {
    const next = pointer(task + T.NEXT);
    dropTask(task);
    task = next;
  }
});
