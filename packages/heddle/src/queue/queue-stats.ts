import { f64, i32 } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { Obj } from '../memory/object.js';
import type { WaitStats } from '../park/waitable.js';
import { waitStats } from '../park/waitable.js';
import { lengthOf } from '../park/waiters.js';
import { storeOf } from './store.js';
import { Q } from './words.js';

/** What has gone through a queue, and how much threads have waited for it. */
export interface QueueStats extends WaitStats {
  /** Items in the queue now. */
  readonly size: number;
  /** Items that fit into it, `Infinity` if there is no bound. */
  readonly capacity: number;
  /** Most items that were ever in it at one time. */
  readonly highWater: number;
  /** Items ever put. */
  readonly puts: number;
  /** Items ever taken. */
  readonly gets: number;
  /** Of `waiting`: those that wait for an item, for room, and until all items are done. */
  readonly getters: number;
  readonly putters: number;
  readonly joiners: number;
}

/** The statistics of a queue, by its address. Its handle need not exist. */
export function queueStats(queue: number, name: string): QueueStats {
  const waits = waitStats(queue, name);
  lock(queue + Obj.MUTEX);
  const size = storeOf(queue).size(queue);
  const puts = f64[(queue + Q.PUTS) >> 1]!;
  const getters = lengthOf(queue + Q.GETTERS);
  const putters = lengthOf(queue + Q.PUTTERS);
  const joiners = lengthOf(queue + Q.JOINERS);
  const stats = {
    ...waits,
    waiting: getters + putters + joiners,
    size,
    capacity: capacityOf(queue),
    highWater: i32[queue + Q.HIGH]!,
    puts,
    gets: puts - f64[(queue + Q.DROPPED) >> 1]! - size,
    getters,
    putters,
    joiners,
  };
  unlock(queue + Obj.MUTEX);
  return stats;
}

/** How many items fit into a queue. */
export function capacityOf(queue: number): number {
  return f64[(queue + Q.CAPACITY) >> 1]!;
}
