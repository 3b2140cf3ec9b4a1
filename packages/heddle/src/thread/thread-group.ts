import type { Named, WaitOptions } from '../base/arguments.js';
import { checkTimeout } from '../base/arguments.js';
import { ThreadStateError } from '../base/errors.js';
import { i32, pointer } from '../memory/heap.js';
import type { Kind } from '../memory/object.js';
import { addressOf, Attach, defineKind, KindId, nameOf, Obj } from '../memory/object.js';
import { readPayload } from '../memory/payload.js';
import { checkWaitOptions, waitAsync, waitDeafAsync } from '../park/await.js';
import { Status, Th } from '../park/current.js';
import { wait, waitDeaf } from '../park/wait.js';
import { Waitable } from '../park/waitable.js';
import { cancelThread } from './cancelling.js';
import { withJoinSite } from './deliver.js';
import { collectFailure } from './ending.js';
import { admit, destroyGroup, forgetEnded, Gr, membersOf } from './membership.js';
import { Thread } from './thread.js';

const kind: Kind = defineKind({
  id: KindId.THREAD_GROUP,
  name: 'ThreadGroup',
  attach: (address) => new ThreadGroup(new Attach(address) as Named),
  admit,
  destroy: destroyGroup,
});

/**
 * Threads that belong together: none outlives the block that started them, and the failure of one stops the others.
 *
 * *Blocks*: `join`, and leaving the block of a `using` declaration, until every member has ended; `joinAsync` and
 * `await using` give promises instead.
 *
 * When a member fails, all others are cancelled at once, whether anyone joins yet or not. `join` throws the first
 * failure itself; further ones are in its `errors`.
 *
 * *Happens before*: the last step of every member happens before everything after a `join` that returns or throws.
 *
 * @example
 * ```ts
 * {
 *   using group = new ThreadGroup();
 *   for (const part of parts) group.spawn(crunch, part);
 * } // all have ended here
 * ```
 */
export class ThreadGroup extends Waitable implements Disposable, AsyncDisposable {
  /** @param options `name` is shown in reports. */
  constructor(options?: Named) {
    super(kind, Gr.WORDS, options);
  }

  /**
   * Starts a thread as a member.
   *
   * @throws ThreadStateError if the group was disposed of; else what `spawn` throws
   */
  spawn<A extends unknown[], R>(target: (...args: A) => R, ...args: A): Thread<A, R> {
    const address = addressOf(this);
    if (i32[address + Gr.CLOSED] === 1) {
      throw new ThreadStateError('this ThreadGroup was disposed of; make a new one for further threads');
    }
    return Thread.inGroup(new Thread(target, args), address).start();
  }

  /**
   * Blocks until every member has ended.
   *
   * @param timeout milliseconds; omitted waits for ever, 0 looks once
   * @throws the first failure of a member; TimeoutError, CancelledError of the waiting thread
   */
  join(timeout?: number): void {
    const address = addressOf(this);
    const patience = checkTimeout(timeout);
    if (!isQuiet(address)) wait(address, address + Obj.HEAD, patience, () => isQuiet(address));
    throwFailures(address);
  }

  /** As {@link join}, but awaited. */
  async joinAsync(options?: WaitOptions): Promise<void> {
    const address = addressOf(this);
    const patience = checkWaitOptions(options);
    if (!isQuiet(address)) await waitAsync(address, address + Obj.HEAD, patience, () => isQuiet(address));
    throwFailures(address);
  }

  /** Asks every member to stop, as `Thread.cancel` does. */
  cancel(reason?: unknown): void {
    for (const member of membersOf(addressOf(this))) cancelThread(member, reason);
  }

  /** Takes no further members, and joins. */
  override [Symbol.dispose](): void {
    const address = addressOf(this);
    i32[address + Gr.CLOSED] = 1;
    try {
      this.join();
    } catch (error) {
      // This thread was cancelled: its members must stop too, and even so none of them outlives the block.
      if (!isQuiet(address)) {
        this.cancel();
        waitDeaf(address, address + Obj.HEAD, () => isQuiet(address));
      }
      throw error;
    }
  }

  /** Takes no further members, and joins, awaited. */
  async [Symbol.asyncDispose](): Promise<void> {
    const address = addressOf(this);
    i32[address + Gr.CLOSED] = 1;
    try {
      await this.joinAsync();
    } catch (error) {
      if (!isQuiet(address)) {
        this.cancel();
        await waitDeafAsync(address, address + Obj.HEAD, () => isQuiet(address));
      }
      throw error;
    }
  }

  protected override describeState(): string {
    return `${String(Atomics.load(i32, this.address + Gr.LIVE))} running`;
  }
}

function isQuiet(address: number): boolean {
  return Atomics.load(i32, address + Gr.LIVE) === 0;
}

/** Throws the first failure of the members, with the others in its `errors`, and forgets those that have ended. */
function throwFailures(address: number): void {
  const first = pointer(address + Gr.FIRST_FAILURE);
  const failed = membersOf(address).filter((member) => {
    const status = i32[member + Th.STATUS];
    return status === Status.FAILED || status === Status.TERMINATED;
  });
  const errors = failed
    .sort((a, b) => Number(b === first) - Number(a === first))
    .map((member) => {
      collectFailure(member);
      return withJoinSite(readPayload(pointer(member + Th.RESULT)), nameOf(member));
    });
  forgetEnded(address);
  if (errors.length === 0) return;
  const [error, ...others] = errors;
  if (others.length > 0 && error instanceof Error) {
    Object.defineProperty(error, 'errors', {
      value: others,
      configurable: true,
      writable: true,
      enumerable: false,
    });
  }
  throw error;
}
