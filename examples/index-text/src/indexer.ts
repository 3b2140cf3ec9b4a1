import type { SharedIndex } from './shared-index.js';
import { tableMemory } from './table-memory.js';
import { TextReader } from './text-reader.js';
import { eachWord } from './tokenizer.js';
import { noTotals } from './totals.js';
import { WordTable } from './word-table.js';

/** So many different words are collected before they are poured into the index: the more, the less often. */
const ENOUGH = 50_000;
/** A file is always counted to its end, however many words it has. */
const CAPACITY = 1 << 20;

/** Counts the words of files in a table of its own, and pours that into the index whenever it has grown large. */
export class Indexer {
  readonly totals = noTotals();
  readonly #index: SharedIndex;
  readonly #reader = new TextReader();
  readonly #table = new WordTable(tableMemory(CAPACITY));
  /** For each entry of the table the number of the file in which the word was met last. */
  readonly #metIn = new Int32Array(CAPACITY + 1);
  #file = 0;

  constructor(index: SharedIndex) {
    this.#index = index;
  }

  add(path: string): void {
    const { totals } = this;
    const reader = this.#reader;
    try {
      reader.read(path);
    } catch {
      totals.unreadable++;
      return;
    }
    if (reader.isBinary) {
      totals.binary++;
      return;
    }
    totals.files++;
    totals.bytes += reader.length;
    this.#count(reader.bytes, reader.length);
    if (this.#table.size >= ENOUGH) this.finish();
  }

  /** Pours what is left into the index. */
  finish(): void {
    this.#index.pour(this.#table);
    this.#table.clear();
  }

  #count(bytes: Uint8Array, length: number): void {
    const table = this.#table;
    const metIn = this.#metIn;
    const file = ++this.#file;
    let words = 0;
    eachWord(bytes, length, (start, end, hash) => {
      words++;
      const entry = table.entryOf(bytes, start, end, hash);
      table.add(entry, 1, metIn[entry] === file ? 0 : 1);
      metIn[entry] = file;
    });
    this.totals.words += words;
  }
}
