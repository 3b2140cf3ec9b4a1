/**
 * The smallest queue of numbers between one putter and one getter: a ring in shared memory, and for each a flag
 * that says it sleeps. It knows no other item, no timeout and no shutdown.
 */
const HEAD = 0;
const TAIL = 1;
/** From here on: whether somebody sleeps until HEAD moves, or TAIL. */
const ASLEEP = 2;
/** Behind the four words: the items. */
const ITEMS_AT = 16;
/** Looks before going to sleep. */
const LOOKS = 1000;

/** Bytes of a ring. `capacity` is a power of two. */
export const ringBytes = (capacity: number): number => ITEMS_AT + 8 * capacity;

export class Ring {
  readonly #words: Int32Array;
  readonly #items: Float64Array;
  readonly #mask: number;

  constructor(memory: SharedArrayBuffer, at: number, capacity: number) {
    this.#words = new Int32Array(memory, at, 4);
    this.#items = new Float64Array(memory, at + ITEMS_AT, capacity);
    this.#mask = capacity - 1;
  }

  put(item: number): void {
    const words = this.#words;
    const tail = words[TAIL]!;
    const full = (tail - this.#items.length) | 0;
    if (Atomics.load(words, HEAD) === full) sleepWhile(words, HEAD, full);
    this.#items[tail & this.#mask] = item;
    publish(words, TAIL, tail + 1);
  }

  get(): number {
    const words = this.#words;
    const head = words[HEAD]!;
    if (Atomics.load(words, TAIL) === head) sleepWhile(words, TAIL, head);
    const item = this.#items[head & this.#mask]!;
    publish(words, HEAD, head + 1);
    return item;
  }
}

/** Moves HEAD or TAIL, and wakes the other side if it sleeps: it looked at the word after it had said so. */
function publish(words: Int32Array, at: number, value: number): void {
  Atomics.store(words, at, value | 0);
  if (Atomics.load(words, ASLEEP + at) !== 0) Atomics.notify(words, at);
}

function sleepWhile(words: Int32Array, at: number, value: number): void {
  for (let k = 0; k < LOOKS; k++) if (Atomics.load(words, at) !== value) return;
  Atomics.store(words, ASLEEP + at, 1);
  while (Atomics.load(words, at) === value) Atomics.wait(words, at, value);
  Atomics.store(words, ASLEEP + at, 0);
}
