/** What all primitives that threads wait for have in common: statistics, a telling printed form, disposal. */
import { f64, i32 } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import type { Named } from '../base/arguments.js';
import { checkOptions } from '../base/arguments.js';
import type { Kind, MadeBy } from '../memory/object.js';
import { adopt, disposeHandle } from '../memory/handles.js';
import { addressOf, Attach, createObject, Obj, Shared } from '../memory/object.js';
import { lengthOf } from './waiters.js';

/** How much threads have waited for a primitive. Times are milliseconds. */
export interface WaitStats {
  readonly name: string;
  /** Threads and tasks that wait right now. */
  readonly waiting: number;
  /** Waits that could not go on at once, ever. */
  readonly waits: number;
  /** The time all those waits took together. */
  readonly waitTime: number;
  /** The longest of them. */
  readonly longestWait: number;
}

/** The statistics of any waitable, by its address. Its handle need not exist. */
export function waitStats(address: number, name: string): WaitStats {
  lock(address + Obj.MUTEX);
  const stats = {
    name,
    waiting: lengthOf(address + Obj.HEAD),
    waits: i32[address + Obj.WAITS]!,
    waitTime: f64[(address + Obj.WAIT_TIME) >> 1]!,
    longestWait: f64[(address + Obj.LONGEST_WAIT) >> 1]!,
  };
  unlock(address + Obj.MUTEX);
  return stats;
}

/** The base of every primitive. */
export abstract class Waitable extends Shared implements Disposable {
  /** @internal Makes a new object of `words` words, or attaches to one that exists. */
  protected constructor(kind: Kind, words: number, options: Named | Attach | undefined) {
    if (options instanceof Attach) {
      super(options.address);
    } else {
      super(createObject(kind, words, checkOptions(options).name, new.target as unknown as MadeBy));
      adopt(this, this.address);
    }
  }

  /** A frozen snapshot of how much threads have waited for this. */
  stats(): WaitStats {
    return Object.freeze(waitStats(addressOf(this), this.name));
  }

  /**
   * Gives this thread's handle back at once, instead of when it is collected as garbage. Other threads' handles
   * stay good. Using this one afterwards throws DisposedError; disposing twice does nothing. What
   * this thread holds at that time it holds until its end, so release it before; waits that are pending go on.
   */
  [Symbol.dispose](): void {
    disposeHandle(this);
  }
}
