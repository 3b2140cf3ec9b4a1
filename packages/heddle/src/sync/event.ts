import type { Named, WaitOptions } from '../base/arguments.js';
import { checkTimeout } from '../base/arguments.js';
import { i32 } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import type { Kind } from '../memory/object.js';
import { addressOf, Attach, defineKind, KindId, Obj } from '../memory/object.js';
import { checkWaitOptions, waitAsync } from '../park/await.js';
import { wait } from '../park/wait.js';
import { Waitable } from '../park/waitable.js';
import { grantAll } from '../park/waiters.js';

const kind: Kind = defineKind({
  id: KindId.EVENT,
  name: 'Event',
  handles: () => Event,
  blank: (name) => new Event({ name }),
  attach: (address) => new Event(new Attach(address) as Named),
  admit,
});

/**
 * A flag that threads wait for. The word (Obj.STATE) is 1 while it is set; it changes under MUTEX.
 *
 * *Blocks*: `wait` until the event is set; `waitAsync` gives a promise instead. Both end early by timeout and
 * `thread.cancel()`, the promise also by its signal. `set` frees every waiter, also if `clear` follows at once.
 *
 * *Happens before*: everything before a `set` happens before everything after a wait that it ends or makes needless.
 *
 * @example
 * ```ts
 * const ready = new Event();
 * spawn(server, ready); // calls ready.set()
 * ready.wait(1000);
 * ```
 */
export class Event extends Waitable {
  /** @param options `name` is shown in reports. */
  constructor(options?: Named) {
    super(kind, Obj.BODY, options);
  }

  /** Sets the event and frees every waiter. */
  set(): void {
    const address = addressOf(this);
    lock(address + Obj.MUTEX);
    Atomics.store(i32, address + Obj.STATE, 1);
    admit(address);
    unlock(address + Obj.MUTEX);
  }

  /** Clears the event: from now on `wait` blocks. */
  clear(): void {
    const address = addressOf(this);
    lock(address + Obj.MUTEX);
    Atomics.store(i32, address + Obj.STATE, 0);
    unlock(address + Obj.MUTEX);
  }

  /** Whether the event is set now. */
  get isSet(): boolean {
    return isSet(addressOf(this));
  }

  /**
   * Blocks until the event is set.
   *
   * @param timeout milliseconds; omitted waits for ever, 0 looks once
   * @throws TimeoutError, CancelledError
   */
  wait(timeout?: number): void {
    const address = addressOf(this);
    const patience = checkTimeout(timeout);
    if (!isSet(address)) wait(address, address + Obj.HEAD, patience, () => isSet(address));
  }

  /** As {@link wait}, but awaited. */
  async waitAsync(options?: WaitOptions): Promise<void> {
    const address = addressOf(this);
    const patience = checkWaitOptions(options);
    if (!isSet(address)) await waitAsync(address, address + Obj.HEAD, patience, () => isSet(address));
  }

  protected override describeState(): string {
    return this.isSet ? 'set' : 'not set';
  }
}

function isSet(address: number): boolean {
  return Atomics.load(i32, address + Obj.STATE) === 1;
}

/** `Kind.admit`. */
function admit(address: number): void {
  if (isSet(address)) grantAll(address + Obj.HEAD);
}
