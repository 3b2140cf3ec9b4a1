/**
 * Buffers and ports that are given to another thread with an encoded value, instead of copied. They go to the
 * supervisor by message, and on to the thread that decodes the value. What crosses in bytes is a shared object that
 * stands for one of them.
 *
 * | word | meaning |
 * | --- | --- |
 * | STATE | 1: the supervisor keeps it; 0: not sent yet, or received. Written by who sends it, before the value is published, and by who received it |
 * | ID | the number under which the supervisor keeps it; written with STATE |
 *
 * Only the encoded value refers to the object, and it is decoded once. If it never is, the object goes with it, and the
 * supervisor drops what it kept.
 */
import { describe } from '../base/arguments.js';
import { HeddleError } from '../base/errors.js';
import { connected, fetchWith } from './foreign.js';
import { i32 } from './heap.js';
import { Header } from './layout.js';
import { createObject, defineKind, type Kind, KindId, Obj, release, Shared } from './object.js';

const ID: number = Obj.BODY;
const WORDS: number = Obj.BODY + 2;

/** One thing on its way. It is in no handle table: who makes it lets go of it at once. */
class Transferred extends Shared {
  constructor(address: number = createObject(KIND, WORDS, '')) {
    super(address);
  }

  protected override describeState(): string {
    return i32[this.address + Obj.STATE] === 1 ? 'kept by the supervisor' : 'not kept';
  }
}

const KIND: Kind = defineKind({
  id: KindId.TRANSFERRED,
  name: 'TransferredValue',
  attach: (address) => new Transferred(address),
  destroy: (address) => {
    if (i32[address + Obj.STATE] === 1) connected().drop(i32[address + ID]!);
  },
});

/** What is given away with one value. It is closed after use, whatever has become of it. */
export class TransferList {
  readonly #items: readonly object[];
  /** What stands for each, in the same order. */
  readonly #stands: readonly Transferred[];

  /** @throws OutOfMemoryError */
  constructor(items: readonly object[]) {
    this.#items = items;
    this.#stands = items.map(() => new Transferred());
  }

  /** What stands for a value that is on the list. */
  standsFor(value: object): Shared | undefined {
    return this.#stands[this.#items.indexOf(value)];
  }

  /** @throws TypeError if there is one that no encoded value holds: it would be lost */
  checkAllHeld(): void {
    // One reference is this list's own.
    const index = this.#stands.findIndex(({ address }) => Atomics.load(i32, address + Obj.REFS) === 1);
    if (index < 0) return;
    throw new TypeError(
      `transfer[${String(index)}], ${describe(this.#items[index])}, is not among the arguments: ` +
        'pass it as one, or inside one, or leave it out of transfer',
    );
  }

  /**
   * Sends them all, or none if it throws. To be called when nothing else can fail, and before the value is published.
   * @throws DataCloneError for what cannot be given away
   */
  send(): void {
    const first = Atomics.add(i32, Header.NEXT_FOREIGN, this.#items.length);
    connected().give(first, this.#items);
    this.#stands.forEach(({ address }, index) => {
      i32[address + ID] = first + index;
      i32[address + Obj.STATE] = 1;
    });
  }

  /** Gives back this list's references. */
  close(): void {
    for (const { address } of this.#stands) release(address);
  }
}

/** The value that an object stands for, now this thread's. The caller holds a reference. */
export function receive(address: number): object {
  if (i32[address + Obj.STATE] !== 1)
    throw new HeddleError('internal: a transferred value is received twice');
  const value = fetchWith((id) => connected().take(id), i32[address + ID]!);
  i32[address + Obj.STATE] = 0;
  return value;
}
