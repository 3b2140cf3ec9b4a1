/**
 * What a word is: 2 to 40 bytes of letters in a row, in lower case.
 *
 * Text is read as UTF-8, byte by byte. A to Z become lower case; letters beyond ASCII count as they are. No byte needs
 * its neighbours to be judged: the bytes 0x80 to 0xBF carry a character on, so they belong to a word that has begun and
 * begin none, and the first bytes C2, E2 and from EF on lead punctuation, symbols and emoji.
 */

export const SHORTEST = 2;
export const LONGEST = 40;

/** For each byte what it is within a word, or 0 if it ends one. */
export const WITHIN: Uint8Array = new Uint8Array(256).map((_, byte) =>
  isCarried(byte) ? byte : first(byte),
);

/** For each byte what it is at the start of a word, or 0 if it starts none. */
export const AT_START: Uint8Array = new Uint8Array(256).map((_, byte) => first(byte));

function first(byte: number): number {
  if (byte >= 0x41 && byte <= 0x5a) return byte + 0x20; // A to Z
  if (byte >= 0x61 && byte <= 0x7a) return byte; // a to z
  if (byte >= 0xc3 && byte <= 0xee && byte !== 0xe2) return byte;
  return 0;
}

function isCarried(byte: number): boolean {
  return byte >= 0x80 && byte <= 0xbf;
}
