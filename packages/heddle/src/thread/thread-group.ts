import type { Named, WaitOptions } from '../base/arguments.js';
import { checkTimeout } from '../base/arguments.js';
import { resourceOf, selfDeadlock } from '../sync/self-deadlock.js';
import { i32, pointer } from '../memory/heap.js';
import type { Kind } from '../memory/object.js';
import { addressOf, Attach, defineKind, KindId, nameOf, Obj, release } from '../memory/object.js';
import { readPayload } from '../memory/payload.js';
import { tid } from '../memory/records.js';
import { checkWaitOptions, waitAsync, waitDeafAsync } from '../park/await.js';
import { current, Th } from '../park/current.js';
import { wait, waitDeaf } from '../park/wait.js';
import { Waitable } from '../park/waitable.js';
import { cancelThread } from './cancelling.js';
import { withJoinSite } from './deliver.js';
import { collectFailure } from './ending.js';
import {
  admit,
  closeGroup,
  destroyGroup,
  failedMembers,
  Gr,
  memberEnded,
  runningMembers,
} from './membership.js';
import { Thread } from './thread.js';

const kind: Kind = defineKind({
  id: KindId.THREAD_GROUP,
  name: 'ThreadGroup',
  handles: () => ThreadGroup,
  blank: (name) => new ThreadGroup({ name }),
  attach: (address) => new ThreadGroup(new Attach(address) as Named),
  admit,
  memberEnded,
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
  /** Ids of the members whose failures a thread was given, and its tid; this worker runs others later. */
  #told: { readonly to: number; readonly ids: readonly number[] } = { to: 0, ids: [] };

  /** @param options `name` is shown in reports. */
  constructor(options?: Named) {
    super(kind, Gr.WORDS, options);
  }

  /**
   * Starts a thread as a member. While the block of the group waits for its members, these may start further ones.
   *
   * @throws ThreadStateError if the group was disposed of and no member runs; else what `spawn` throws
   */
  spawn<A extends unknown[], R>(target: (...args: A) => R, ...args: A): Thread<A, R> {
    return Thread.inGroup(new Thread(target, args), addressOf(this)).start();
  }

  /**
   * Blocks until every member has ended.
   *
   * @param timeout milliseconds; omitted waits for ever, 0 looks once
   * @throws the first failure of a member, to each thread that joins; TimeoutError, CancelledError of the waiting thread
   * @throws DeadlockError if a member joins its own group
   */
  join(timeout?: number): void {
    const address = this.#joinable();
    const patience = checkTimeout(timeout);
    if (!isQuiet(address)) wait(address, address + Obj.HEAD, patience, () => isQuiet(address));
    this.#throwFailures(address);
  }

  /** As {@link join}, but awaited. */
  async joinAsync(options?: WaitOptions): Promise<void> {
    const address = this.#joinable();
    const patience = checkWaitOptions(options);
    if (!isQuiet(address)) await waitAsync(address, address + Obj.HEAD, patience, () => isQuiet(address));
    this.#throwFailures(address);
  }

  /** Asks every member to stop, as `Thread.cancel` does. */
  cancel(reason?: unknown): void {
    const members = runningMembers(addressOf(this));
    try {
      for (const member of members) cancelThread(member, reason);
    } finally {
      members.forEach(release);
    }
  }

  /** Joins; afterwards the group takes no further members. */
  override [Symbol.dispose](): void {
    const address = addressOf(this);
    closeGroup(address);
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

  /** Joins, awaited; afterwards the group takes no further members. */
  async [Symbol.asyncDispose](): Promise<void> {
    const address = addressOf(this);
    closeGroup(address);
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

  /** @throws DeadlockError if the caller would wait for itself */
  #joinable(): number {
    const address = addressOf(this);
    if (current !== 0 && pointer(current + Th.GROUP) === address) {
      throw selfDeadlock(
        `thread ${JSON.stringify(nameOf(current))} joins its own group, and so itself, which would wait for ever`,
        'Join the group where it was made',
        resourceOf(address),
        false,
      );
    }
    return address;
  }

  /** Throws the first failure of the members, with the others in its `errors`, once in each thread. */
  #throwFailures(address: number): void {
    const failed = failedMembers(address);
    const known = this.#told.to === tid ? this.#told.ids : [];
    const errors = failed
      .filter((member) => !known.includes(i32[member + Th.ID]!))
      .map((member) => {
        collectFailure(member);
        return withJoinSite(readPayload(pointer(member + Th.RESULT)), nameOf(member));
      });
    this.#told = { to: tid, ids: failed.map((member) => i32[member + Th.ID]!) };
    failed.forEach(release);
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

  protected override describeState(): string {
    return `${String(Atomics.load(i32, this.address + Gr.LIVE))} running`;
  }
}

function isQuiet(address: number): boolean {
  return Atomics.load(i32, address + Gr.LIVE) === 0;
}
