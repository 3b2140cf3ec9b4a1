/**
 * A field that refers to a shared object, such as a lock. The word is the object's address, which has one reference
 * for it, or 0.
 *
 * It is read under the struct's MUTEX, since otherwise the object could be freed by whoever replaces it before the
 * reader has its own reference. This is not needed if the reader's thread has a handle already, which is the rule: the
 * address that was read then is that of a living object.
 */
import { describe, withArticle } from '../base/arguments.js';
import { i32, pointer } from '../memory/heap.js';
import { handleFor, knownHandle } from '../memory/handles.js';
import { addressOf, isShared, type Kind, release, retain, type Shared, withMutex } from '../memory/object.js';
import type { StructMemory } from './struct-memory.js';
import { Unfit } from './unfit.js';

/** What the field at a word address of a struct's memory refers to; null if nothing. */
export function peekHandle(memory: StructMemory, at: number): Shared | null {
  const address = pointer(at);
  if (address === 0) return null;
  const cached = memory.handles.get(at);
  return cached?.address === address ? cached : findHandle(memory, at, address);
}

function findHandle(memory: StructMemory, at: number, address: number): Shared | null {
  const handle = knownHandle(address) ?? receive(memory.address, at);
  if (handle !== null) memory.handles.set(at, handle);
  return handle;
}

/** As {@link peekHandle}, but makes a new object, of the name that `name` gives, if there is none. */
export function readHandle(memory: StructMemory, at: number, blank: Blank, name: () => string): Shared {
  for (;;) {
    const handle = peekHandle(memory, at) ?? make(memory, at, blank(name()));
    if (handle !== null) return handle; // null: another thread has made one, and taken it away again
  }
}

/** `Kind.blank`. */
export type Blank = (name: string) => Shared;

function receive(object: number, at: number): Shared | null {
  const address = withMutex(object, () => {
    const current = pointer(at);
    if (current !== 0) retain(current);
    return current;
  });
  if (address === 0) return null;
  try {
    return handleFor(address);
  } catch (error) {
    release(address);
    throw error;
  }
}

/** Makes `fresh` what the field refers to, unless another thread was first; returns what it refers to then. */
function make(memory: StructMemory, at: number, fresh: Shared): Shared | null {
  const address = addressOf(fresh);
  retain(address);
  if (Atomics.compareExchange(i32, at, 0, address) === 0) return fresh;
  release(address);
  return peekHandle(memory, at);
}

/** Makes the field refer to `handle`, or to nothing. */
export function writeHandle(memory: StructMemory, at: number, handle: Shared | null): void {
  const address = handle === null ? 0 : addressOf(handle);
  if (address !== 0) retain(address);
  // Under MUTEX for a reader between its load and its retain; an exchange since `make` needs no mutex.
  const before = withMutex(memory.address, () => Atomics.exchange(i32, at, address));
  if (before !== 0) release(before);
}

/** Returns `value` if it is null or a handle of the kind. @throws Unfit, DisposedError */
export function takeHandle(kind: Kind, value: unknown): Shared | null {
  if (value === null) return null;
  const handles = kind.handles?.();
  if (isShared(value) && handles !== undefined && value instanceof handles) {
    addressOf(value);
    return value;
  }
  throw new Unfit(
    TypeError,
    `refers to ${withArticle(kind.name)} and takes one, or null, not ${describe(value)}`,
  );
}
