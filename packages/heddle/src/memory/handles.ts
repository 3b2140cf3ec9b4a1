/**
 * The handles of this worker: which objects it uses, so that each has one handle, and where that is listed, so that the
 * supervisor can give the references back when the worker dies without a word.
 */
import { HeddleError } from '../base/errors.js';
import { i32, pointer, reach } from './heap.js';
import { kindOf, release, type Shared } from './object.js';
import { record, Rec } from './records.js';
import { appendChunk, entries } from './table.js';

/** A handle as this worker knows it. `entry` is the handle table's; `holds` below is its second word. */
interface Held {
  readonly entry: number;
  readonly ref: WeakRef<Shared>;
}

const held = new Map<number, Held>();
let freeEntries: number[] = [];

const collected = new FinalizationRegistry<number>((address) => {
  // The object may have been received anew since its handle was collected: then there is a live handle again.
  if (held.get(address)?.ref.deref() === undefined) dropUnlessInUse(address);
});

/** Whether a task of this worker awaits the object. */
let isAwaited: (address: number) => boolean = () => false;

/** Says how to find out whether an object is awaited, which is known a layer above. */
export function keepWhile(awaited: (address: number) => boolean): void {
  isAwaited = awaited;
}

/** Makes `handle` this worker's handle to the object; it takes over one reference of the caller's. */
export function adopt(handle: Shared, address: number): void {
  if (freeEntries.length === 0) freeEntries = appendChunk(record + Rec.HANDLES);
  const entry = freeEntries.pop();
  if (entry === undefined) throw new HeddleError('internal: a new chunk has no entries');
  i32[entry + 1] = 0;
  Atomics.store(i32, entry, address);
  held.set(address, { entry, ref: new WeakRef(handle) });
  collected.register(handle, address, handle);
}

/** Makes `handle` this worker's handle in place of one that is gone. The entry stays, with what it counts. */
function replace(handle: Shared, address: number, entry: number): Shared {
  held.set(address, { entry, ref: new WeakRef(handle) });
  collected.register(handle, address, handle);
  return handle;
}

/**
 * This worker's handle to the object at `address`, if it has one. The object cannot go while it has, so the caller
 * needs no reference.
 */
export function knownHandle(address: number): Shared | undefined {
  return held.get(address)?.ref.deref();
}

/** This worker's handle to the object at `address`. Takes over one reference of the caller's. */
export function handleFor(address: number): Shared {
  reach(address);
  const known = held.get(address);
  if (known !== undefined) {
    const handle = known.ref.deref();
    // Undefined: collected, but its callback has not run yet, or it was disposed of while in use.
    const ours = handle ?? replace(kindOf(address).attach(address), address, known.entry);
    release(address); // this worker's own reference is enough
    return ours;
  }
  const handle = kindOf(address).attach(address);
  adopt(handle, address);
  return handle;
}

/**
 * Drops what this worker has of an object whose handle is gone. While the thread still holds or awaits the object,
 * its end must find it listed, and its memory must stay: then a stand-in takes the handle's place. Nobody has that,
 * so the next collection of garbage asks again.
 */
function dropUnlessInUse(address: number): void {
  const known = held.get(address);
  if (known === undefined) return;
  const kind = kindOf(address);
  if (kind.isHeld?.(address, known.entry + 1) === true || isAwaited(address))
    replace(kind.attach(address), address, known.entry);
  else drop(address);
}

/** Gives this worker's reference back: its handle is gone. */
function drop(address: number): void {
  const known = held.get(address);
  if (known === undefined) return;
  held.delete(address);
  Atomics.store(i32, known.entry, 0);
  freeEntries.push(known.entry);
  release(address);
}

/** Ends this worker's use of a handle at once; using it afterwards throws DisposedError. */
export function disposeHandle(handle: Shared): void {
  const address = handle.address;
  if (address === 0) return;
  (handle as { address: number }).address = 0;
  collected.unregister(handle);
  dropUnlessInUse(address);
}

/**
 * The word in which this worker counts what it holds of the object at `address`, such as read locks. The
 * supervisor reads it if the worker dies.
 */
export function holdsWord(address: number): number {
  const known = held.get(address);
  if (known === undefined) throw new HeddleError('internal: counting holds without a handle');
  return known.entry + 1;
}

/** Every object in the handle table of the worker with this record, with its entry. */
export function* handlesOf(workerRecord: number): Generator<{ address: number; entry: number }, void> {
  for (const entry of entries(workerRecord + Rec.HANDLES)) yield { address: pointer(entry), entry };
}
