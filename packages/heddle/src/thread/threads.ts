/** Who is there. */
import { ensureHeap, pointer } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import { lock, unlock } from '../memory/mutex.js';
import { entries } from '../memory/table.js';
import { current } from '../park/current.js';
import type { ThreadInfo } from '../park/thread-info.js';
import { infoOf } from '../park/thread-info.js';
import { mainThreadObject } from './world.js';

/** The thread that calls this. */
export function currentThread(): ThreadInfo {
  ensureHeap();
  return infoOf(current);
}

/** The thread in which the program began. */
export function mainThread(): ThreadInfo {
  ensureHeap();
  return infoOf(mainThreadObject());
}

/** All threads that have started and not ended, the main thread first. */
export function threads(): ThreadInfo[] {
  ensureHeap();
  lock(Header.REGISTRY);
  try {
    // One that has ended may be listed for a moment longer.
    const infos = [...entries(Header.THREADS)].map((entry) => infoOf(pointer(entry)));
    return infos.filter(({ alive }) => alive).sort((a, b) => a.id - b.id);
  } finally {
    unlock(Header.REGISTRY);
  }
}
