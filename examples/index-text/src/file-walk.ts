import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LARGEST } from './text-reader.js';
import { noTotals } from './totals.js';

/** Written by programs for programs: the history of a repository, and source maps. */
const LEFT_OUT = /^\.git$|\.map$/;

/** Finds the files below a folder, in the order of their names; follows no links. */
export class FileWalk {
  readonly totals = noTotals();
  /** Bytes in the files found so far. */
  bytes = 0;
  /** Whether it stopped at the limit. */
  isCut = false;
  readonly #limit: number;

  /** @param limit stops before the file with which `bytes` would exceed it */
  constructor(limit: number) {
    this.#limit = limit;
  }

  *below(folder: string): Generator<string, void> {
    for (const entry of this.#list(folder)) {
      if (this.isCut) return;
      if (LEFT_OUT.test(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) yield* this.below(path);
      else if (entry.isFile() && this.#admits(path)) yield path;
    }
  }

  #list(folder: string): Dirent[] {
    try {
      return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch {
      this.totals.unreadable++;
      return [];
    }
  }

  #admits(path: string): boolean {
    const size = this.#sizeOf(path);
    if (size === undefined) return false;
    if (size > LARGEST) {
      this.totals.tooLarge++;
      return false;
    }
    this.isCut = this.bytes + size > this.#limit;
    if (!this.isCut) this.bytes += size;
    return !this.isCut;
  }

  #sizeOf(path: string): number | undefined {
    try {
      return statSync(path).size;
    } catch {
      this.totals.unreadable++;
      return undefined;
    }
  }
}
