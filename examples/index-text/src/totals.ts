/** What was done and what was not, as each thread returns it for its part. */
export interface Totals {
  /** Text files indexed. */
  files: number;
  /** Bytes in them. */
  bytes: number;
  /** Words in them. */
  words: number;
  /** Files skipped as they are no text. */
  binary: number;
  /** Files skipped as they are too large. */
  tooLarge: number;
  /** Files and folders skipped as they could not be read. */
  unreadable: number;
}

const KEYS = ['files', 'bytes', 'words', 'binary', 'tooLarge', 'unreadable'] as const;

export function noTotals(): Totals {
  return { files: 0, bytes: 0, words: 0, binary: 0, tooLarge: 0, unreadable: 0 };
}

export function sum(parts: readonly Totals[]): Totals {
  const total = noTotals();
  for (const part of parts) for (const key of KEYS) total[key] += part[key];
  return total;
}

export function areEqual(a: Totals, b: Totals): boolean {
  return KEYS.every((key) => a[key] === b[key]);
}
