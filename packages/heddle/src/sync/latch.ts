import type { Named, WaitOptions } from '../base/arguments.js';
import { checkCount, checkTimeout } from '../base/arguments.js';
import { i32 } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import type { Kind } from '../memory/object.js';
import { addressOf, Attach, defineKind, KindId, Obj } from '../memory/object.js';
import { checkWaitOptions, waitAsync } from '../park/await.js';
import { wait } from '../park/wait.js';
import { Waitable } from '../park/waitable.js';
import { grantAll } from '../park/waiters.js';

const kind: Kind = defineKind({
  id: KindId.LATCH,
  name: 'Latch',
  handles: () => Latch,
  attach: (address) => new Latch(new Attach(address) as unknown as number),
  admit,
});

/**
 * A counter that goes down to zero once and then stays open. The word (Obj.STATE) is the count.
 *
 * *Blocks*: `wait` until the count is zero; `waitAsync` gives a promise instead. Both end early by timeout and
 * `thread.cancel()`, the promise also by its signal.
 *
 * *Happens before*: everything before a `countDown` happens before everything after a wait that returns.
 *
 * @example
 * ```ts
 * const done = new Latch(files.length);
 * for (const file of files) spawn(convert, file, done); // each calls done.countDown()
 * done.wait();
 * ```
 */
export class Latch extends Waitable {
  /** @throws RangeError if `count` is not a whole number of at least 0 */
  constructor(count: number, options?: Named) {
    if ((count as unknown) instanceof Attach) {
      super(kind, Obj.BODY, count as unknown as Attach);
    } else {
      checkCount('count', count, 0);
      super(kind, Obj.BODY, options);
      Atomics.store(i32, this.address + Obj.STATE, count);
    }
  }

  /**
   * Counts down by `n`, 1 if omitted; at zero, every waiter is freed. Does nothing once the count is zero.
   *
   * @throws RangeError if `n` is not a whole number of at least 1
   */
  countDown(n: number = 1): void {
    const address = addressOf(this);
    const at = address + Obj.STATE;
    checkCount('n', n, 1);
    for (;;) {
      const count = Atomics.load(i32, at);
      if (count === 0) return;
      const next = Math.max(0, count - n);
      if (Atomics.compareExchange(i32, at, count, next) !== count) continue;
      if (next > 0) return;
      break;
    }
    lock(address + Obj.MUTEX);
    admit(address);
    unlock(address + Obj.MUTEX);
  }

  /** What is left to count. */
  get count(): number {
    return Atomics.load(i32, addressOf(this) + Obj.STATE);
  }

  /**
   * Blocks until the count is zero.
   *
   * @param timeout milliseconds; omitted waits for ever, 0 looks once
   * @throws TimeoutError, CancelledError
   */
  wait(timeout?: number): void {
    const address = addressOf(this);
    const patience = checkTimeout(timeout);
    if (!isOpen(address)) wait(address, address + Obj.HEAD, patience, () => isOpen(address));
  }

  /** As {@link wait}, but awaited. */
  async waitAsync(options?: WaitOptions): Promise<void> {
    const address = addressOf(this);
    const patience = checkWaitOptions(options);
    if (!isOpen(address)) await waitAsync(address, address + Obj.HEAD, patience, () => isOpen(address));
  }

  protected override describeState(): string {
    return `count ${String(this.count)}`;
  }
}

function isOpen(address: number): boolean {
  return Atomics.load(i32, address + Obj.STATE) === 0;
}

/** `Kind.admit`. */
function admit(address: number): void {
  if (isOpen(address)) grantAll(address + Obj.HEAD);
}
