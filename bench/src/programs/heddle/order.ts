/** Queues in another order, and several queues at once. */
import assert from 'node:assert/strict';
import { LifoQueue, PriorityQueue, Queue, select as selectOne } from 'heddle';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';

/** Items that lie in the queue all the time. */
const LYING = 100;

export function lifo(effort: Effort): Figures {
  const queue = new LifoQueue<number>();
  for (let k = 0; k < LYING; k++) queue.put(k);
  const time = timePerOperation(effort, (count) => {
    let sum = 0;
    const took = elapsed(() => {
      for (let k = 0; k < count; k++) {
        queue.put(7);
        sum += queue.get();
      }
    });
    assert.equal(sum, 7 * count);
    return took;
  });
  assert.equal(queue.size, LYING);
  return { time };
}

/** An item of a priority that changes, among others. */
export function priority(effort: Effort): Figures {
  const queue = new PriorityQueue<number>();
  for (let k = 0; k < LYING; k++) queue.put(k, { priority: k });
  const time = timePerOperation(effort, (count) => {
    const took = elapsed(() => {
      for (let k = 0; k < count; k++) {
        const rank = (k * 37) % LYING;
        queue.put(rank, { priority: rank });
        queue.get();
      }
    });
    assert.equal(queue.size, LYING);
    return took;
  });
  return { time };
}

/** One of two queues has an item. */
export function select(effort: Effort): Figures {
  const queues = [new Queue<number>(), new Queue<number>()] as const;
  const time = timePerOperation(effort, (count) => {
    let sum = 0;
    const took = elapsed(() => {
      for (let k = 0; k < count; k++) {
        queues[k % 2 === 0 ? 0 : 1].put(7);
        sum += selectOne(queues).item;
      }
    });
    assert.equal(sum, 7 * count);
    return took;
  });
  return { time };
}
