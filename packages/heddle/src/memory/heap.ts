/**
 * The one piece of memory that all threads share: a growable SharedArrayBuffer, reserved large and grown in
 * place, so that no thread ever needs a message to reach new memory.
 *
 * It is read through fixed-length views, because views that follow a growable buffer's length are many times
 * slower on V8. A thread whose views were made before the heap grew remakes them when it first meets an
 * address beyond them. Hence one rule for every address *read from shared memory*: read it with {@link pointer},
 * or pass it through {@link reach}, before it is used as an index, and in a statement of its own: `i32[reach(a)]`
 * evaluates `i32` first and reads through the old view.
 */
import { OutOfMemoryError } from '../base/errors.js';
import { FIRST_PAGE, Header, MAGIC, MAX_PAGES, PAGE_WORDS } from './layout.js';

const PAGE_BYTES = PAGE_WORDS * 4;

/** The views. They are replaced when the heap grows: never keep one across a call that may allocate. */
export let i32: Int32Array;
export let f64: Float64Array;
export let i64: BigInt64Array;
export let u8: Uint8Array;
export let u16: Uint16Array;
export let f32: Float32Array;
/** The same bytes as a Buffer, for its fast string methods. */
export let bytes: Buffer;

/** Words that the views reach. */
let limit = 0;

/** The heap's memory itself. */
export let memory: SharedArrayBuffer;

interface Growable extends SharedArrayBuffer {
  readonly maxByteLength: number;
  grow(length: number): void;
}
type GrowableConstructor = new (length: number, options: { maxByteLength: number }) => Growable;

let make: (() => void) | undefined;

/** Says how this thread comes by its heap if nobody has given it one: by making it when it is first needed. */
export function makeHeapBy(maker: () => void): void {
  make = maker;
}

/**
 * Makes sure that there is a heap. A program that only imports heddle has none; so this comes before whatever such a
 * program can do first: making an object, asking who is there, starting the supervisor.
 */
export function ensureHeap(): void {
  if (limit === 0) make?.();
}

/** Whether there is a heap. */
export function hasHeap(): boolean {
  return limit !== 0;
}

/** Reserves and lays out a new heap. Called once, by the thread that becomes main. */
export function createHeap(cores: number): void {
  openHeap(reserve((FIRST_PAGE + 1) * PAGE_BYTES));
  i32[Header.CORES] = cores;
  i32[Header.NEXT_THREAD] = 1;
  i32[Header.NEXT_SERIAL] = 1;
  i32[Header.PAGE_HINT] = FIRST_PAGE;
  i32[Header.MAGIC] = MAGIC;
}

/** 4 GiB of address space, or as much of it as the system lets one process reserve. */
function reserve(length: number): Growable {
  for (let most = MAX_PAGES * PAGE_BYTES; ; most /= 4) {
    try {
      return new (SharedArrayBuffer as unknown as GrowableConstructor)(length, { maxByteLength: most });
    } catch (error) {
      if (most <= length * 4) throw new OutOfMemoryError('no memory for the shared heap', { cause: error });
    }
  }
}

/** Maps a heap that exists already. Every thread does so once. */
export function openHeap(buffer: SharedArrayBuffer): void {
  memory = buffer;
  remap();
}

/** Remakes the views over all memory that the heap has by now. */
function remap(): void {
  const length = memory.byteLength;
  i32 = new Int32Array(memory, 0, length / 4); // no shift: beyond 2 GiB that is negative
  f64 = new Float64Array(memory, 0, length / 8);
  i64 = new BigInt64Array(memory, 0, length / 8);
  u8 = new Uint8Array(memory, 0, length);
  u16 = new Uint16Array(memory, 0, length / 2);
  f32 = new Float32Array(memory, 0, length / 4);
  bytes = Buffer.from(memory as unknown as ArrayBuffer, 0, length);
  limit = i32.length;
}

/** Remakes the views if the heap has grown since. */
export function refresh(): void {
  if (memory.byteLength / 4 !== limit) remap();
}

/** Grows the heap to hold `pages` pages. Call with the allocator's mutex held. */
export function growTo(pages: number): void {
  const needed = pages * PAGE_BYTES;
  const growable = memory;
  if (needed > growable.byteLength) {
    // Doubling keeps the number of remappings small; beyond 256 MiB, grow by a quarter.
    const comfortable = growable.byteLength < 2 ** 28 ? growable.byteLength * 2 : growable.byteLength * 1.25;
    const target = Math.min(
      growable.maxByteLength,
      Math.max(needed, Math.ceil(comfortable / PAGE_BYTES) * PAGE_BYTES),
    );
    if (target < needed) {
      throw new OutOfMemoryError(
        `the shared heap is full: ${mebibytes(growable.byteLength)} in use of at most ` +
          `${mebibytes(growable.maxByteLength)}. Drain queues, drop handles that are no longer needed, or bound your queues`,
      );
    }
    try {
      growable.grow(target);
    } catch (error) {
      throw new OutOfMemoryError(
        `the system gave no memory to grow the shared heap to ${mebibytes(target)}`,
        {
          cause: error,
        },
      );
    }
  }
  remap();
}

function mebibytes(length: number): string {
  return `${String(Math.ceil(length / 2 ** 20))} MiB`;
}

/** Makes sure that the views reach `address`, and returns it. */
export function reach(address: number): number {
  if (address >= limit) remap();
  return address;
}

/** Reads an address from shared memory; the views reach what it points to. */
export function pointer(at: number): number {
  const address = Atomics.load(i32, at);
  if (address >= limit) remap();
  return address;
}
