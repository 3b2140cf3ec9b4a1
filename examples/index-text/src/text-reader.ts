import { closeSync, openSync, readSync } from 'node:fs';

/** Larger files are not read. */
export const LARGEST = 32e6;
/** A zero byte among the first 8000 makes a file binary; git goes by the same rule. */
const BEGINNING = 8000;

/** Reads one file after another into the same memory. */
export class TextReader {
  /** The file read last is in the first `length` bytes. The caller may change them. */
  readonly bytes: Uint8Array = new Uint8Array(LARGEST);
  length = 0;

  /** @throws Error if the file cannot be read */
  read(path: string): void {
    this.length = 0;
    const file = openSync(path, 'r');
    try {
      let got = -1;
      while (got !== 0 && this.length < LARGEST) {
        got = readSync(file, this.bytes, this.length, LARGEST - this.length, null);
        this.length += got;
      }
    } finally {
      closeSync(file);
    }
  }

  /** Whether the file read last is something else than text. */
  get isBinary(): boolean {
    return this.bytes.subarray(0, Math.min(this.length, BEGINNING)).includes(0);
  }
}
