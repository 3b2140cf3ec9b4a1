/** What a thread leaves of the tasks that it has submitted, when it ends or dies. */
import { i32, pointer } from '../memory/heap.js';
import { release } from '../memory/object.js';
import { record } from '../memory/records.js';
import { atBurial, atThreadEnd } from '../thread/thread-end.js';
import { takeDone } from './completion.js';
import { loseTask } from './lost.js';
import { freeSpare } from './task-blocks.js';
import { T, TaskState } from './words.js';

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
    if (i32[task + T.STATE] === TaskState.FAILED) loseTask(task);
    release(task);
    task = next;
  }
});
