/**
 * Parcels of a Queue with several items, for those that wait in `getMany`: their records lie one after another. In place
 * of the number of the first one, which tells nothing any more, is how many there are.
 */
import { allocate, free } from '../memory/allocator.js';
import { i32, pointer, reach } from '../memory/heap.js';
import { W } from '../park/waiter.js';
import { grant } from '../park/waiters.js';
import { chunkOf, keepChunk, putBack } from './chunks.js';
import { copyRecord, dropRecord, openParcel, PARCEL_WORDS, SKIP, wordsIn } from './records.js';
import { Q } from './words.js';

/** Offset of the number of items. */
export const COUNT = 1;
/** Words of a parcel for several items. */
const MANY_WORDS: number = PARCEL_WORDS * 4;

/** See `Store.makeParcel`. */
export function makeParcel(most: number): number {
  return allocate(most > 1 ? MANY_WORDS : PARCEL_WORDS);
}

/** `Store.pass` for a getter that takes several items: gives it those that fit, from the one at `first` on. */
export function passMany(queue: number, getter: number, parcel: number, first: number): boolean {
  const most = i32[getter + W.VALUE]!;
  const usedUp: number[] = [];
  let count = 0;
  let at = first;
  for (let to = parcel; count < most && at !== i32[queue + Q.WRITE];) {
    if (i32[at] === SKIP) {
      usedUp.push(chunkOf(at));
      at = pointer(at + 2);
      continue;
    }
    const words = wordsIn(i32[at]!);
    if (to + words > parcel + MANY_WORDS) break;
    copyRecord(at, to);
    to += words;
    at += words;
    count++;
  }
  i32[parcel + COUNT] = count;
  if (!grant(getter, parcel, queue + Q.READ, first, at)) return false;
  for (const chunk of usedUp) keepChunk(queue, chunk);
  return true;
}

/** The addresses of the records in a parcel. */
function recordsIn(parcel: number): number[] {
  const addresses: number[] = [];
  let at = reach(parcel);
  for (let n = i32[parcel + COUNT]!; n > 0; n--) {
    addresses.push(at);
    at += wordsIn(i32[at]!);
  }
  return addresses;
}

/** See `Store.openAll`. */
export function openAll(parcel: number): unknown[] {
  const addresses = recordsIn(parcel);
  const items: unknown[] = [];
  let opened = 0;
  try {
    while (opened < addresses.length) items.push(openParcel(addresses[opened++] ?? 0));
    return items;
  } finally {
    for (const at of addresses.slice(opened)) dropRecord(i32, at);
    free(parcel);
  }
}

/** See `Store.dropAll`. */
export function dropAll(parcel: number): void {
  for (const at of recordsIn(parcel)) dropRecord(i32, at);
  free(parcel);
}

/** See `Store.putBack`. */
export function putAllBack(queue: number, parcel: number): void {
  for (const at of recordsIn(parcel).reverse()) putBack(queue, at);
  free(parcel);
}
