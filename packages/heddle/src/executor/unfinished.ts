/**
 * Tasks that have not ended keep the program alive, whoever has submitted them: a thread that has ended, or another task.
 * Those of a living thread also keep that thread's event loop turning (arrivals.ts).
 */
import { i32, pointer } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import { lock, unlock } from '../memory/mutex.js';
import { KindId, Obj, release, retain, withMutex } from '../memory/object.js';
import { entries } from '../memory/table.js';
import { waitAsync } from '../park/await.js';
import { Th } from '../park/current.js';
import { atProgramEnd } from '../thread/thread-end.js';
import { isIdle } from './admitting.js';
import { P } from './words.js';

atProgramEnd(async () => {
  for (let busy = takeBusy(); busy !== 0; busy = takeBusy()) {
    const pool = busy;
    try {
      await waitAsync(pool, pool + P.IDLERS, { timeout: Infinity, signal: undefined }, () => isIdle(pool));
    } finally {
      release(pool);
    }
  }
});

/** A pool that has tasks, with a reference to it, or 0. Where there is a task, there is a thread or one is being started. */
function takeBusy(): number {
  let busy = 0;
  for (const pool of poolsWithThreads()) {
    if (busy === 0 && !withMutex(pool, () => isIdle(pool))) busy = pool;
    else release(pool);
  }
  return busy;
}

/** The pools, with a reference to each. */
function poolsWithThreads(): Set<number> {
  const pools = new Set<number>();
  lock(Header.REGISTRY);
  try {
    for (const entry of entries(Header.THREADS)) {
      const pool = pointer(pointer(entry) + Th.GROUP);
      if (pool === 0 || pools.has(pool) || i32[pool + Obj.KIND] !== KindId.THREAD_POOL) continue;
      pools.add(pool);
      retain(pool);
    }
  } finally {
    unlock(Header.REGISTRY);
  }
  return pools;
}
