import type { Named } from '../base/arguments.js';
import { checkOptions } from '../base/arguments.js';
import type { Kind, MadeBy } from '../memory/object.js';
import { adopt, disposeHandle } from '../memory/handles.js';
import { addressOf, Attach, createObject, Shared } from '../memory/object.js';
import { discardDraft } from './cell.js';

/** The base of shared objects that hold values and that nobody waits for. */
export abstract class SharedObject extends Shared implements Disposable {
  /** @internal Makes a new object of `words` words, or attaches to one that exists. */
  protected constructor(kind: Kind, words: number, options: Named | Attach | undefined) {
    if (options instanceof Attach) {
      super(options.address);
    } else {
      super(createObject(kind, words, checkOptions(options).name, new.target as unknown as MadeBy));
      adopt(this, this.address);
    }
  }

  /**
   * Gives this thread's handle back at once, instead of when it is collected as garbage. Other threads' handles stay
   * good. Using this one afterwards throws DisposedError; disposing twice does nothing.
   */
  [Symbol.dispose](): void {
    disposeHandle(this);
  }
}

/** The address behind a handle after a draft was made, which may have run code that disposes of the handle. */
export function addressWithDraft(handle: SharedObject): number {
  if (handle.address === 0) discardDraft();
  return addressOf(handle);
}
