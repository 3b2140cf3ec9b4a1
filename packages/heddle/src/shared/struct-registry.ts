/**
 * The types of the structs in the shared heap: their descriptions (struct-layout.ts), each in a block that is never
 * freed. A struct names its type by the address of that block, so that a thread which has not loaded the schema can
 * read it, and the supervisor can free it.
 *
 * | word | meaning |
 * | --- | --- |
 * | 0 | the next older block, or 0 |
 * | 1 | bytes of the description |
 * | 2 … | the description, UTF-8 |
 *
 * The newest block is Header.STRUCT_TYPES; blocks are added under REGISTRY, each by one store.
 */
import { allocate } from '../memory/allocator.js';
import { bytes, ensureHeap, i32, pointer, reach } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import { lock, unlock } from '../memory/mutex.js';
import { type Layout, layoutDescribed } from './struct-layout.js';

const NEXT = 0;
const LENGTH = 1;
const TEXT = 2;

const addresses = new Map<Layout, number>();
const layouts = new Map<number, Layout>();

/** The layout of the type at an address. */
export function layoutAt(type: number): Layout {
  const known = layouts.get(type);
  if (known !== undefined) return known;
  const layout = layoutDescribed(descriptionAt(type));
  remember(layout, type);
  return layout;
}

/** The address of a layout's type, which is entered if no thread has done so. @throws OutOfMemoryError */
export function typeOf(layout: Layout): number {
  const known = addresses.get(layout);
  if (known !== undefined) return known;
  ensureHeap();
  lock(Header.REGISTRY);
  try {
    const type = find(layout.description) || enter(layout.description);
    remember(layout, type);
    return type;
  } finally {
    unlock(Header.REGISTRY);
  }
}

function remember(layout: Layout, type: number): void {
  addresses.set(layout, type);
  layouts.set(type, layout);
}

function find(description: string): number {
  let type = pointer(Header.STRUCT_TYPES);
  while (type !== 0 && descriptionAt(type) !== description) type = pointer(type + NEXT);
  return type;
}

function enter(description: string): number {
  const length = Buffer.byteLength(description);
  const type = allocate(TEXT + Math.ceil(length / 4));
  i32[type + NEXT] = i32[Header.STRUCT_TYPES]!;
  i32[type + LENGTH] = length;
  bytes.write(description, (type + TEXT) * 4, length);
  Atomics.store(i32, Header.STRUCT_TYPES, type);
  return type;
}

function descriptionAt(type: number): string {
  reach(type);
  const start = (type + TEXT) * 4;
  const end = start + i32[type + LENGTH]!;
  reach(Math.ceil(end / 4)); // a long one goes on beyond views that reach its beginning
  return bytes.toString('utf8', start, end);
}
