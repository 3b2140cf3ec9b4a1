/** Strings that an object refers to, such as its name: each in a block of its own. */
import { allocate } from './allocator.js';
import { bytes, i32, reach } from './heap.js';

/** A string in a block of its own: a word with its length in bytes, then UTF-8. */
export function writeString(text: string): number {
  const length = Buffer.byteLength(text);
  const block = allocate(1 + ((length + 3) >> 2));
  i32[block] = length;
  bytes.write(text, (block + 1) * 4, length);
  return block;
}

/** Reads a string that {@link writeString} wrote; 0 is the empty string. */
export function readString(block: number): string {
  if (block === 0) return '';
  const start = (block + 1) * 4;
  reach(block + 1 + (i32[block]! >>> 2)); // a long one goes on beyond views that reach its beginning
  return bytes.toString('utf8', start, start + i32[block]!);
}
