/**
 * What an acquisition returns: gives back what was acquired, once.
 *
 * @example
 * ```ts
 * {
 *   using guard = lock.acquire();
 *   // … released at the end of the block, also when it throws
 * }
 * ```
 */
export interface Guard extends Disposable {
  /** Releases. Calling it again does nothing. @throws OwnershipError in a thread that does not own it */
  release(): void;
}

/** A guard that calls `giveBack` once. */
export class OnceGuard implements Guard {
  #giveBack: (() => void) | undefined;

  constructor(giveBack: () => void) {
    this.#giveBack = giveBack;
  }

  release(): void {
    const giveBack = this.#giveBack;
    if (giveBack === undefined) return;
    giveBack(); // if it throws, the guard can still be released by the owner
    this.#giveBack = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
