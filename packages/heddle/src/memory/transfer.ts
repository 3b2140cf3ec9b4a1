/**
 * Buffers and ports that are given to another thread with an encoded value.
 *
 * Ports, and buffers that are large, go to the supervisor by message, and on to the thread that decodes the value. What
 * crosses in bytes is a shared object that stands for one of them.
 *
 * Two messages take longer than to copy a buffer of {@link MOST_COPIED} bytes. So where nothing on the list is larger, or
 * a port, the encoded value holds the bytes as it does of any buffer, and to send the list is to take them away here.
 *
 * | word | meaning |
 * | --- | --- |
 * | STATE | 1: the supervisor keeps it; 0: not sent yet, or received. Written by who sends it, before the value is published, and by who received it |
 * | ID | the number under which the supervisor keeps it; written with STATE |
 *
 * Only the encoded value refers to the object, and it is decoded once. If it never is, the object goes with it, and the
 * supervisor drops what it kept.
 */
import { types } from 'node:util';
import { describe } from '../base/arguments.js';
import { HeddleError } from '../base/errors.js';
import { detach } from '../platform/allocation.js';
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

/**
 * Buffers of up to so many bytes are copied. Microseconds for one that is made, given away and looked at, one at a time and
 * ten at a time, on a 2-core virtual machine, Node 20.20:
 *
 * | bytes | copied: 1 | 10 | by the supervisor: 1 | 10 |
 * | --- | --- | --- | --- | --- |
 * | 1 KB | 23 | 7 | 390 | 76 |
 * | 64 KB | 26 | 19 | 110 | 63 |
 * | 256 KB | 90 | 50 | 165 | 113 |
 * | 1 MB | 290 | 135 | 335 | 225 |
 * | 2 MB | 480 | 260 | 490 | 315 |
 * | 4 MB | 890 | 610 | 720 | 580 |
 * | 16 MB | 3700 | 2700 | 2100 | 2700 |
 */
const MOST_COPIED: number = 2 << 20;

/** What is given away with one value. It is closed after use, whatever has become of it. */
export class TransferList {
  readonly #items: readonly object[];
  /** What stands for each, in the same order; nothing if all are copied. */
  readonly #stands: readonly Transferred[];
  /** The place of one that no encoded value holds, or -1. */
  #missing = 0;

  /** @throws OutOfMemoryError */
  constructor(items: readonly object[]) {
    this.#items = items;
    // All or none: two ways of sending could not be undone together.
    this.#stands = items.every(isCopied) ? [] : items.map(() => new Transferred());
  }

  /** Whether a value is on the list. */
  includes(value: object): boolean {
    return this.#items.includes(value);
  }

  /** What stands for a value that is on the list and not copied. */
  standsFor(value: object): Shared | undefined {
    return this.#stands[this.#items.indexOf(value)];
  }

  /** To be called when a value has been encoded with this list, with what tells whether it holds an object. */
  noteHeld(isHeld: (item: object) => boolean): void {
    this.#missing = this.#items.findIndex((item) => !isHeld(item));
  }

  /** @throws TypeError if there is one that no encoded value holds: it would be lost */
  checkAllHeld(): void {
    const index = this.#missing;
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
    if (this.#stands.length === 0) {
      detach(this.#items);
      return;
    }
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

function isCopied(item: object): boolean {
  return types.isArrayBuffer(item) && item.byteLength <= MOST_COPIED;
}

/** The value that an object stands for, now this thread's. The caller holds a reference. */
export function receive(address: number): object {
  if (i32[address + Obj.STATE] !== 1)
    throw new HeddleError('internal: a transferred value is received twice');
  const value = fetchWith((id) => connected().take(id), i32[address + ID]!);
  i32[address + Obj.STATE] = 0;
  return value;
}
