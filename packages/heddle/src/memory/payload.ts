/**
 * A value in a block of the shared heap, for other threads to read or take.
 *
 * | word | meaning |
 * | --- | --- |
 * | 0 | bytes of the encoded value, unsigned |
 * | 1 | n, how many shared objects it mentions |
 * | 2 | references; the last to go frees it |
 * | 3 … | the addresses of those objects, and a word unused if n is even; the payload holds a reference for each |
 * | then | the bytes (tags.ts), at a multiple of eight |
 *
 * Nothing of it but the references changes before it is freed, so any number of threads may read it at once. Whoever
 * made it publishes its address, and that is the happens-before edge from its writer to its readers.
 *
 * It has one reference at first: its maker's, or that of the structure in which its address stands. A reader that
 * finds it in a structure takes one more under the structure's mutex and reads when it has let the mutex go, while
 * others may already replace it. A thread that dies with a reference in hand leaks the payload.
 */
import { allocate, free } from './allocator.js';
import { decode } from './decode.js';
import { encode, type Encoded } from './encode.js';
import { bytes, ensureHeap, i32, pointer, reach } from './heap.js';
import { release } from './object.js';

const LENGTH = 0;
const HANDLES = 1;
const REFS = 2;
const ADDRESSES = 3;

/** Words before the bytes of a payload with `handles` shared objects. */
function headWords(handles: number): number {
  return (ADDRESSES + handles + 1) & ~1;
}

/**
 * Puts a copy of `value` into a new block and returns its address. `path` names the value in errors.
 * @throws CloneError, DisposedError, OutOfMemoryError, and what a getter throws; nothing is left behind then
 */
export function writePayload(value: unknown, path: string): number {
  return storePayload(encode(value, path));
}

/**
 * Puts an encoded value, and the references that it holds, into a new block and returns its address.
 * @throws OutOfMemoryError; the references are given back then
 */
export function storePayload(encoded: Encoded): number {
  const { length, handles } = encoded;
  const count = handles.length;
  let block = 0;
  ensureHeap(); // a value may be the first thing that a program needs it for
  try {
    block = allocate(headWords(count) + Math.ceil(length / 4));
    i32[block + LENGTH] = length;
    i32[block + HANDLES] = count;
    i32[block + REFS] = 1;
    for (let k = 0; k < count; k++) i32[block + ADDRESSES + k] = handles[k]!;
    encoded.copyTo(block + headWords(count));
    return block;
  } catch (error) {
    if (block !== 0) free(block);
    for (const address of handles) release(address);
    throw error;
  }
}

/** A copy of the value in a payload, which stays as it is. */
export function readPayload(block: number): unknown {
  reach(block);
  const start = block + headWords(i32[block + HANDLES]!);
  reach(start + (i32[block + LENGTH]! >>> 2)); // a large one goes on beyond views that reach its beginning
  return decode(bytes, start * 4);
}

/** Adds a reference. Nobody can give back the last one meanwhile: the caller holds the mutex that guards one, or has one. */
export function sharePayload(block: number): void {
  reach(block);
  Atomics.add(i32, block + REFS, 1);
}

/** The value of a payload to which the caller has a reference; it is given back, also if decoding throws. */
export function takePayload(block: number): unknown {
  try {
    return readPayload(block);
  } finally {
    freePayload(block);
  }
}

/** Gives a reference back. The last one frees the payload and what it refers to. */
export function freePayload(block: number): void {
  reach(block);
  // Only who has a reference can add one: if there is one, it is ours, and nobody else will ever touch the word.
  if (Atomics.load(i32, block + REFS) !== 1 && Atomics.sub(i32, block + REFS, 1) !== 1) return;
  const count = i32[block + HANDLES]!;
  reach(block + ADDRESSES + count);
  for (let k = 0; k < count; k++) release(pointer(block + ADDRESSES + k));
  free(block);
}
