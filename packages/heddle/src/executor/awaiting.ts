/** How the engine awaits a future. */

/**
 * Whether two functions are those that settle a promise of the engine's: then it is the engine that awaits, and nobody looks
 * at what `then` returns. They may be called at any time, since they only put on the engine's own queue what follows. So a
 * future that is just awaited needs no promise of its own, which would take longer than all else that it does.
 */
export function areResolvers(fulfilled: unknown, rejected: unknown): boolean {
  return isResolver(fulfilled) && isResolver(rejected);
}

function isResolver(fn: unknown): boolean {
  // A function made by bind() has the same text, and a name.
  return typeof fn === 'function' && toText.call(fn) === NATIVE && fn.name === '';
}

// eslint-disable-next-line @typescript-eslint/unbound-method -- called with call()
const toText = Function.prototype.toString;
/** The text of a function of the engine's that has no name. */
const NATIVE = 'function () { [native code] }';

/** What has settled at some time, and says so then. */
interface Settling {
  whenSettled(watcher: () => void): unknown;
}

/** What `then` returns to the engine. Should somebody look at it after all, it is what such a call gives: undefined, later. */
export class Aftermath implements Promise<undefined> {
  readonly #future: Settling;

  constructor(future: Settling) {
    this.#future = future;
  }

  then<A = undefined, B = never>(
    fulfilled?: ((value: undefined) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#ended().then(fulfilled, rejected);
  }

  catch<B = never>(rejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<B | undefined> {
    return this.#ended().catch(rejected);
  }

  finally(settled?: (() => void) | null): Promise<undefined> {
    return this.#ended().finally(settled);
  }

  // eslint-disable-next-line @typescript-eslint/class-literal-property-style -- a field would cost memory
  get [Symbol.toStringTag](): 'Promise' {
    return 'Promise';
  }

  async #ended(): Promise<undefined> {
    await new Promise<void>((resolve) => {
      this.#future.whenSettled(resolve);
    });
    return undefined;
  }
}
