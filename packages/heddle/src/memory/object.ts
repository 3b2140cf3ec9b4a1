/**
 * Shared objects, and what is known of each kind of them.
 *
 * A shared object is a block of the heap with the header below. A *handle* is the JavaScript object by which one
 * worker uses it; a worker has at most one handle to an object, so the same lock received twice is `===`.
 *
 * The object counts references: one for each worker that has a handle, and one for each encoded value that names
 * it (an item in a queue, an argument on its way). The last to go frees it. A worker's references are listed in
 * its handle table (handles.ts), so that the supervisor can give them back when the worker dies without a word.
 *
 * | word | meaning |
 * | --- | --- |
 * | KIND | which {@link Kind}; 0 once freed |
 * | REFS | references; Atomics only; 0 → the object is destroyed by whoever took the last |
 * | MUTEX | robust mutex (mutex.ts) for everything slow in this object |
 * | STATE | the primitive's own word; its state table stands in the primitive's file |
 * | HEAD, TAIL | first and last waiter (park/waiters.ts); under MUTEX |
 * | NAME | block with the name, or 0; written before the address is published |
 * | SERIAL | a number that is never reused, for reports |
 * | WAITS | waits that had to park, ever; under MUTEX |
 * | OPERATIONS | acquisitions, counted only while profiling |
 * | WAIT_TIME, LONGEST_WAIT | milliseconds, as floats; under MUTEX |
 * | KEPT | 1 while profiling has a reference of its own, for the summary; 2 once that is the only one |
 * | BODY | first word of the primitive's own |
 */
import { describe } from '../base/arguments.js';
import { DisposedError, HeddleError } from '../base/errors.js';
import { callerSite, shortSite } from '../base/site.js';
import { allocateZeroed, free } from './allocator.js';
import { ensureHeap, i32, pointer, reach } from './heap.js';
import { Header } from './layout.js';
import { lock, unlock } from './mutex.js';
import { readString, writeString } from './strings.js';
import { pushEntry } from './table.js';

export const Obj = {
  KIND: 0,
  REFS: 1,
  MUTEX: 2,
  STATE: 3,
  HEAD: 4,
  TAIL: 5,
  NAME: 6,
  SERIAL: 7,
  WAITS: 8,
  OPERATIONS: 9,
  WAIT_TIME: 10,
  LONGEST_WAIT: 12,
  KEPT: 14,
  BODY: 16,
} as const;

/** Tells `new` from attaching to an object that exists: passed as the only constructor argument. */
export class Attach {
  constructor(readonly address: number) {}
}

/** What heddle must know of each kind of shared object. All functions get the object's address. */
export interface Kind {
  readonly id: number;
  readonly name: string;
  /** Makes this worker's handle. */
  attach(address: number): Shared;
  /** The class of its handles, as users name it. Left out if they have none. */
  handles?(): HandleClass;
  /** A new object with the name given and nothing else: for a struct's field that nobody has set. */
  readonly blank?: (name: string) => Shared;
  /** The part of an object that `which` names (part.ts). */
  part?(whole: Shared, which: unknown): unknown;
  /** Frees what the object holds beside its own block. No reference is left. */
  destroy?(address: number): void;
  /**
   * Ends every wait that can end now. Under MUTEX. Must be idempotent: besides by the primitive itself, it is
   * called after a waiter has left and after a thread has died that may have been doing this very thing.
   */
  admit?(address: number): void;
  /**
   * A thread has ended or died that has the object in its handle table: give up what it owned. Under MUTEX.
   * True if it owned anything.
   */
  ownerEnded?(address: number, tid: number, entry: number): boolean;
  /** A waiter has left before its wait was granted and is off the list. Under MUTEX. Default: `admit`. */
  waiterLeft?(address: number, waiter: number): void;
  /** A thread died after this waiter was granted and before it took what it was given: take it back. Under MUTEX. */
  grantLost?(address: number, waiter: number): void;
  /**
   * Whether this thread holds the object, so that its end must find it in the handle table, even if nobody has the
   * handle any more. `holds` is the address of the entry's second word.
   */
  isHeld?(address: number, holds: number): boolean;
  /** The tid of the one thread that can end the waits for the object, or 0. It may be untrue the next moment. */
  holder?(address: number): number;
  /** Whether the thread `tid` holds the object, as its entry in the worker's handle table and the words here say. */
  heldBy?(address: number, tid: number, entry: number): boolean;
  /** What those who stand in a list find the object to be, for the error when they have waited in vain. */
  lack?(address: number, list: number): string;
  /** Of what threads belong to (Th.GROUP): one of them has ended. It may be told twice. */
  memberEnded?(address: number, thread: number, failed: boolean): void;
  /** A time has come for which the supervisor was asked. Runs there. */
  due?(address: number): void;
  /** A nudged waiter tries again. Under MUTEX. True if it has what it waited for; it is then off the list. */
  retry?(address: number, waiter: number): boolean;
}

/** A class of handles, whatever its constructor takes. */
export type HandleClass = abstract new (...args: never[]) => Shared;

const kinds: (Kind | undefined)[] = [];

/** Makes a kind known. Each kind does so once, when its module is loaded. */
export function defineKind(kind: Kind): Kind {
  kinds[kind.id] = kind;
  return kind;
}

/** The kind of the object at `address`. */
export function kindOf(address: number): Kind {
  const kind = kinds[i32[address + Obj.KIND]!];
  if (kind === undefined)
    throw new HeddleError(`internal: no kind ${String(i32[address + Obj.KIND])} at ${String(address)}`);
  return kind;
}

/** As {@link kindOf}, for an address that may be that of an object no more. */
export function kindAt(address: number): Kind | undefined {
  return kinds[i32[address + Obj.KIND]!];
}

/** The kind with a number. @throws HeddleError if this copy of heddle has none */
export function kindNumbered(id: number): Kind {
  const kind = kinds[id];
  if (kind === undefined) throw new HeddleError(`internal: no kind ${String(id)}`);
  return kind;
}

/** The kind whose handles are of this class, if any. */
export function kindHandledBy(handles: unknown): Kind | undefined {
  return kinds.find((kind) => kind?.handles?.() === handles);
}

/** Numbers of the kinds, in one place so that no two are the same. */
export const KindId = {
  LOCK: 1,
  RLOCK: 2,
  RWLOCK: 3,
  SEMAPHORE: 4,
  BOUNDED_SEMAPHORE: 5,
  CONDITION: 6,
  EVENT: 7,
  BARRIER: 8,
  LATCH: 9,
  ONCE: 10,
  ATOMIC: 11,
  QUEUE: 12,
  THREAD: 13,
  THREAD_GROUP: 14,
  TIMER: 15,
  FOREIGN: 16,
  LIFO_QUEUE: 17,
  PRIORITY_QUEUE: 18,
  STRUCT: 19,
  SHARED_MAP: 20,
  SHARED_LIST: 21,
  SHARED_VALUE: 22,
  GUARDED: 23,
  THREAD_POOL: 24,
  FUTURE: 25,
  TRANSFERRED: 26,
} as const;

/** A handle to a shared object. */
export abstract class Shared {
  /**
   * @internal Where the object is; 0 once this thread has disposed of the handle. Only declared: a field that is
   * undefined before it is a number would have to be checked for being one at each use.
   */
  declare readonly address: number;

  /** @internal */
  protected constructor(address: number) {
    this.address = address;
  }

  /** The name given to it, or its class and the line that made it. */
  get name(): string {
    return nameOf(addressOf(this));
  }

  /** What it is and what it is doing, in a line: this is how `console.log` prints it. */
  toString(): string {
    if (this.address === 0) return `${this.constructor.name} { disposed }`;
    return `${titleOf(this.address)} { ${this.describeState()} }`;
  }

  /** How it is written in JSON: as it is printed. */
  toJSON(): unknown {
    return this.toString();
  }

  /** What it is doing now, in a few words. */
  protected abstract describeState(): string;
}

/** The method by which Node's util.inspect, and so console.log, prints an object. Other runtimes know it too. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');
/** What that method is given to print what is inside. */
export type Inspect = (value: unknown, options: object) => string;

Object.defineProperty(Shared.prototype, INSPECT, {
  value(this: Shared) {
    return this.toString();
  },
});

/** The address behind a handle. @throws DisposedError if this thread has disposed of it. */
export function addressOf(handle: Shared): number {
  const address = handle.address;
  // Not only 0: `this` of a method that was passed on as a callback has no address at all.
  if (!(address > 0)) throw unusable(handle);
  return address;
}

/** The error for using a handle after its disposal, or something else as a handle. */
function unusable(handle: Shared): DisposedError | TypeError {
  if (!isShared(handle)) {
    return new TypeError(
      `a method of heddle was called on ${describe(handle)}: pass a function that calls it, such as () => event.set()`,
    );
  }
  const name = handle.constructor.name;
  return new DisposedError(
    `this ${name} was disposed of on this thread; make a new one, or dispose of it only when nothing uses it any more`,
  );
}

/** True for any handle of this copy of heddle. */
export function isShared(value: unknown): value is Shared {
  return value instanceof Shared;
}

/** The constructor that made an object, as `new.target` tells. */
export type MadeBy = new (...args: never[]) => unknown;

// --- making and freeing ---------------------------------------------------------------------------------

/**
 * Makes an object of `words` words, all zero but for the header, with one reference: the caller's. Without a name it
 * is named after its kind and the line that called `maker`, the constructor that the user called.
 */
export function createObject(kind: Kind, words: number, name: string | undefined, maker?: MadeBy): number {
  if (name !== undefined && typeof name !== 'string') throw new TypeError('name must be a string');
  const site = name === undefined && maker !== undefined ? shortSite(callerSite(maker)) : '';
  ensureHeap();
  const label = name ?? (site === '' ? kind.name : `${kind.name} (${site})`);
  const address = allocateZeroed(words);
  i32[address + Obj.KIND] = kind.id;
  i32[address + Obj.REFS] = 1;
  i32[address + Obj.SERIAL] = Atomics.add(i32, Header.NEXT_SERIAL, 1);
  if (label !== '') i32[address + Obj.NAME] = writeString(label);
  if (i32[Header.PROFILING] === 1) keepForSummary(address);
  return address;
}

/** Kinds that nobody waits for have no place in a summary. */
const { ATOMIC, TIMER, FOREIGN, STRUCT, SHARED_MAP, SHARED_LIST, SHARED_VALUE, FUTURE, TRANSFERRED } = KindId;
const UNTOLD: ReadonlySet<number> = new Set([
  ...[ATOMIC, TIMER, FOREIGN, STRUCT, SHARED_MAP, SHARED_LIST, SHARED_VALUE, FUTURE, TRANSFERRED],
]);

/** Makes an object's numbers outlive its last handle: they are for the summary. */
export function keepForSummary(address: number): void {
  if (UNTOLD.has(i32[address + Obj.KIND]!)) return;
  retain(address);
  i32[address + Obj.KEPT] = 1;
  lock(Header.REGISTRY);
  try {
    pushEntry(Header.PROFILED, address);
  } finally {
    unlock(Header.REGISTRY);
  }
}

/** Nobody but the summary refers to the object any more: frees what it holds beside its own block. */
function empty(address: number): void {
  withMutex(address, () => {
    i32[address + Obj.KEPT] = 2;
    kindOf(address).destroy?.(address);
  });
}

/** Runs `action` under the object's mutex, which is given back also when it throws. For slow paths: it takes a closure. */
export function withMutex<R>(address: number, action: () => R): R {
  lock(address + Obj.MUTEX);
  try {
    return action();
  } finally {
    unlock(address + Obj.MUTEX);
  }
}

/** Adds a reference. The caller already has one, so the object cannot go meanwhile. */
export function retain(address: number): void {
  Atomics.add(i32, address + Obj.REFS, 1);
}

/** Gives a reference back; the last one frees the object. */
export function release(address: number): void {
  reach(address);
  const before = Atomics.sub(i32, address + Obj.REFS, 1);
  if (before === 2 && i32[address + Obj.KEPT] === 1) empty(address);
  if (before === 1) destroy(address);
}

/** Objects that this thread is about to free, while it frees another; undefined while it frees none. */
let doomed: number[] | undefined;

/** Frees an object without references, and what only it refers to after it: within it, a long chain overflows the stack. */
function destroy(address: number): void {
  if (doomed !== undefined) {
    doomed.push(address);
    return;
  }
  doomed = [];
  try {
    for (let next: number | undefined = address; next !== undefined; next = doomed.pop()) {
      kindOf(next).destroy?.(next);
      if (i32[next + Obj.NAME] !== 0) free(reach(i32[next + Obj.NAME]!));
      i32[next + Obj.KIND] = 0;
      free(next);
    }
  } finally {
    doomed = undefined;
  }
}

/** The name of the object at an address. */
export function nameOf(address: number): string {
  return readString(pointer(address + Obj.NAME));
}

/** How messages speak of the object: its kind and its name, unless the name already says both. */
export function titleOf(address: number): string {
  const kind = kindOf(address).name;
  const name = nameOf(address);
  return name === '' ? `a ${kind}` : name.startsWith(`${kind} (`) ? name : `${kind} ${JSON.stringify(name)}`;
}
