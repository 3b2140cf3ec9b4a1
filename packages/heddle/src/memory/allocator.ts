/**
 * Hands out blocks of the shared heap.
 *
 * Small blocks (to 16 KiB) come from size classes: a page of 64 KiB is cut into blocks of one class, and the free
 * ones are chained through their first word. Large blocks are runs of whole pages, found first-fit from a hint, so
 * neighbouring free runs melt together by themselves.
 *
 * Page map entry, one word for each page:
 *
 * | entry | meaning |
 * | --- | --- |
 * | 0 | free |
 * | n > 0 | first page of a run of n pages |
 * | -1 | another page of a run |
 * | -2 - c | page of small blocks of class c |
 *
 * All of it changes under the robust mutex Header.ALLOCATOR (mutex.ts). A death in the middle leaks at worst the
 * block or pages in hand: a block leaves or enters its free list by one store, and a run is written from its last
 * page to its first, so that it exists only when it is complete.
 */
import { f64, growTo, i32, reach, refresh } from './heap.js';
import { FIRST_PAGE, Header, MAX_PAGES, PAGE_MAP_BASE, PAGE_SHIFT, PAGE_WORDS } from './layout.js';
import { lock, unlock } from './mutex.js';

/** Sizes of the small classes, in words. Each divides a page with little left over. */
const CLASS_WORDS = [
  8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 2730, 4096,
].map((words) => words & ~1);

/** Class of a size: index by words, for sizes up to 256; beyond that by search. */
const CLASS_OF: number[] = [];
for (let words = 0, its = 0; words <= 256; words++) {
  if (words > CLASS_WORDS[its]!) its++;
  CLASS_OF.push(its);
}

const LARGEST_SMALL: number = CLASS_WORDS[CLASS_WORDS.length - 1]!;
const BYTES = Header.BYTES_USED >> 1;

/** A block of at least `words` words at an 8-byte boundary. Its content is arbitrary. @throws OutOfMemoryError */
export function allocate(words: number): number {
  if (words > LARGEST_SMALL) return allocateRun(Math.ceil(words / PAGE_WORDS));
  const sizeClass = words <= 256 ? CLASS_OF[words]! : CLASS_WORDS.findIndex((size) => size >= words);
  lock(Header.ALLOCATOR);
  let block = reach(i32[Header.FREE + sizeClass]!);
  if (block === 0) {
    try {
      block = cutPage(sizeClass);
    } catch (error) {
      unlock(Header.ALLOCATOR);
      throw error;
    }
  }
  i32[Header.FREE + sizeClass] = i32[block]!;
  f64[BYTES]! += CLASS_WORDS[sizeClass]! * 4;
  unlock(Header.ALLOCATOR);
  return block;
}

/** A block of `words` words, all zero. */
export function allocateZeroed(words: number): number {
  const block = allocate(words);
  i32.fill(0, block, block + words);
  return block;
}

/** Gives a block back. The caller holds the only reference to it. */
export function free(block: number): void {
  const page = block >> PAGE_SHIFT;
  lock(Header.ALLOCATOR);
  const entry = i32[PAGE_MAP_BASE + page]!;
  if (entry <= -2) {
    const sizeClass = -2 - entry;
    i32[block] = i32[Header.FREE + sizeClass]!;
    i32[Header.FREE + sizeClass] = block;
    f64[BYTES]! -= CLASS_WORDS[sizeClass]! * 4;
  } else if (entry > 0) {
    freeRun(page, entry);
  }
  unlock(Header.ALLOCATOR);
}

/** Bytes handed out and not given back. */
export function bytesUsed(): number {
  return f64[BYTES]!;
}

/** Cuts a new page into blocks of a class; returns the first, with the rest chained behind it and on the free list. */
function cutPage(sizeClass: number): number {
  const page = findRun(1);
  const size = CLASS_WORDS[sizeClass]!;
  const first = page << PAGE_SHIFT;
  const last = first + (Math.floor(PAGE_WORDS / size) - 1) * size;
  for (let block = first; block < last; block += size) i32[block] = block + size;
  i32[last] = 0;
  i32[PAGE_MAP_BASE + page] = -2 - sizeClass;
  i32[Header.PAGES_USED]! += 1;
  i32[Header.PAGE_HINT] = page + 1;
  i32[Header.FREE + sizeClass] = first;
  return first;
}

function allocateRun(pages: number): number {
  lock(Header.ALLOCATOR);
  try {
    const page = findRun(pages);
    for (let p = page + pages - 1; p > page; p--) i32[PAGE_MAP_BASE + p] = -1;
    i32[PAGE_MAP_BASE + page] = pages;
    i32[Header.PAGES_USED]! += pages;
    f64[BYTES]! += pages * PAGE_WORDS * 4;
    i32[Header.PAGE_HINT] = page + pages;
    return page << PAGE_SHIFT;
  } finally {
    unlock(Header.ALLOCATOR);
  }
}

function freeRun(page: number, pages: number): void {
  i32[PAGE_MAP_BASE + page] = 0;
  i32[Header.PAGES_USED]! -= pages;
  f64[BYTES]! -= pages * PAGE_WORDS * 4;
  for (let p = page + 1; p < page + pages; p++) i32[PAGE_MAP_BASE + p] = 0;
  if (page < i32[Header.PAGE_HINT]!) i32[Header.PAGE_HINT] = page;
}

/** The first of `pages` free pages in a row; the heap grows if there is no such run. */
function findRun(pages: number): number {
  refresh(); // another thread may have grown the heap: what lies beyond our views may be in use
  const end = i32.length >> PAGE_SHIFT;
  const hint = i32[Header.PAGE_HINT]!;
  const found = searchRun(pages, hint, end) || searchRun(pages, FIRST_PAGE, Math.min(hint + pages, end));
  if (found !== 0) return found;
  // Free pages at the end of the heap are part of the new run.
  let start = end;
  while (start > FIRST_PAGE && i32[PAGE_MAP_BASE + start - 1] === 0) start--;
  if (start + pages > MAX_PAGES) growTo(MAX_PAGES + 1);
  growTo(start + pages);
  return start;
}

function searchRun(pages: number, from: number, to: number): number {
  let length = 0;
  for (let page = from; page < to; page++) {
    if (i32[PAGE_MAP_BASE + page] !== 0) length = 0;
    else if (++length === pages) return page - pages + 1;
  }
  return 0;
}
