import { AT_START, LONGEST, SHORTEST, WITHIN } from './letters.js';

/**
 * Calls `visit` for each word in the first `length` bytes: the word is `bytes` from `start` to `end`, which are put in
 * lower case on the way. The hash is FNV-1a (Fowler, Noll and Vo, 1991), with its upper bits mixed into the lower.
 */
export function eachWord(
  bytes: Uint8Array,
  length: number,
  visit: (start: number, end: number, hash: number) => void,
): void {
  for (let at = 0; at < length; at++) {
    const start = at;
    let hash = 0x811c9dc5;
    let letter = AT_START[bytes[at]!]!;
    while (letter !== 0) {
      bytes[at++] = letter;
      hash = Math.imul(hash ^ letter, 0x01000193);
      letter = at < length ? WITHIN[bytes[at]!]! : 0;
    }
    const letters = at - start;
    if (letters >= SHORTEST && letters <= LONGEST) visit(start, at, hash ^ (hash >>> 15));
  }
}
