import { currentThread, Lock } from 'heddle';
import { type TableMemory, tableMemory } from './table-memory.js';
import { WordTable } from './word-table.js';

/** A part of the index: the words whose hashes begin with the same five bits, and the lock for them. */
interface Stripe {
  readonly lock: Lock;
  readonly memory: TableMemory;
}

/** The index as it is passed to threads. */
export type IndexMemory = readonly Stripe[];

const STRIPES = 32;
const STRIPE_CAPACITY = 1 << 17;

export function indexMemory(): IndexMemory {
  return Array.from({ length: STRIPES }, () => ({
    lock: new Lock({ name: 'stripe of the index' }),
    memory: tableMemory(STRIPE_CAPACITY),
  }));
}

/** All words found so far, in memory that threads share. In stripes, so that threads seldom wait for one another. */
export class SharedIndex {
  readonly #locks: readonly Lock[];
  readonly #tables: readonly WordTable[];

  constructor(memory: IndexMemory) {
    this.#locks = memory.map(({ lock }) => lock);
    this.#tables = memory.map((stripe) => new WordTable(stripe.memory));
  }

  /** Adds a table to the index, stripe by stripe; each thread begins with another one. */
  pour(table: WordTable): void {
    const { firstIn, next } = sortByStripe(table);
    const start = currentThread().id;
    for (let step = 0; step < STRIPES; step++) {
      const stripe = (start + step) % STRIPES;
      using _ = this.#locks[stripe]!.acquire();
      for (let entry = firstIn[stripe]!; entry !== 0; entry = next[entry]!) {
        addEntry(this.#tables[stripe]!, table, entry);
      }
    }
  }

  /** How many words it has. */
  get size(): number {
    return this.#tables.reduce((size, table) => size + table.size, 0);
  }

  clear(): void {
    for (const table of this.#tables) table.clear();
  }

  /** Whether both have the same words, as often and in as many files. */
  equals(other: SharedIndex): boolean {
    return (
      this.size === other.size &&
      this.#tables.every((table, number) => isWithin(table, other.#tables[number]!))
    );
  }

  /** Calls `visit` for each word: entry `entry` of `table`. */
  each(visit: (table: WordTable, entry: number) => void): void {
    for (const table of this.#tables) {
      for (let entry = 1; entry <= table.size; entry++) visit(table, entry);
    }
  }
}

/** Chains the entries of each stripe: its first, and for each entry the next, or 0. */
function sortByStripe(table: WordTable): { firstIn: Int32Array; next: Int32Array } {
  const firstIn = new Int32Array(STRIPES);
  const next = new Int32Array(table.size + 1);
  for (let entry = 1; entry <= table.size; entry++) {
    const stripe = table.hashOf(entry) >>> 27;
    next[entry] = firstIn[stripe]!;
    firstIn[stripe] = entry;
  }
  return { firstIn, next };
}

function addEntry(table: WordTable, from: WordTable, entry: number): void {
  const into = table.entryOf(from.letters, from.startOf(entry), from.endOf(entry), from.hashOf(entry));
  table.add(into, from.countOf(entry), from.filesOf(entry));
}

function isWithin(table: WordTable, other: WordTable): boolean {
  for (let entry = 1; entry <= table.size; entry++) {
    const twin = other.find(table.letters, table.startOf(entry), table.endOf(entry), table.hashOf(entry));
    if (twin === 0) return false;
    if (table.countOf(entry) !== other.countOf(twin) || table.filesOf(entry) !== other.filesOf(twin))
      return false;
  }
  return true;
}
