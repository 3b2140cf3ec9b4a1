import { closeSync, openSync, readSync } from 'node:fs';

/** A zero byte in the first 8000 makes a file binary; git goes by the same rule. */
const BEGINNING = 8000;

/** Reads one file after another into the same memory. */
export class TextReader {
  /** The file read last is in the first `length` bytes. The caller may change them. */
  bytes: Uint8Array = new Uint8Array(1 << 20);
  length = 0;

  /** @throws Error if the file cannot be read */
  read(path: string): void {
    this.length = 0;
    const file = openSync(path, 'r');
    try {
      for (let got = -1; got !== 0; this.length += got) {
        if (this.length === this.bytes.length) this.#grow();
        got = readSync(file, this.bytes, this.length, this.bytes.length - this.length, null);
      }
    } finally {
      closeSync(file);
    }
  }

  /** Whether the file read last is something else than text. */
  get isBinary(): boolean {
    return this.bytes.subarray(0, Math.min(this.length, BEGINNING)).includes(0);
  }

  #grow(): void {
    const larger = new Uint8Array(this.bytes.length * 2);
    larger.set(this.bytes);
    this.bytes = larger;
  }
}
