/** Threads that stay, and begin each run together. */
import { Barrier, sharedArray, type Thread } from 'heddle';
import { type Effort, elapsed } from '../../harness/effort.js';
import { warmUp } from '../warm-up.js';

/** What a thread of a crew waits at, before each run and after it, and how much it is to do. */
export interface Orders {
  readonly start: Barrier;
  readonly end: Barrier;
  readonly count: Int32Array;
}

/** The count that ends the threads. */
const LEAVE = -1;

/** In a thread: the counts of the runs, each when it begins. Asking for the next says that the run is finished. */
export function* runs({ start, end, count }: Orders): Generator<number, void, undefined> {
  for (;;) {
    start.wait();
    if (count[0] === LEAVE) return;
    yield count[0]!;
    end.wait();
  }
}

/** Threads that do runs when told. */
export class Crew {
  readonly #orders: Orders;
  readonly #threads: readonly Thread[];
  /** Nobody wakes it: a place to sleep at for a while. */
  readonly #pillow = new Int32Array(new SharedArrayBuffer(4));

  /** @param begin starts the thread of this index, whose target loops over {@link runs} */
  constructor(threads: number, begin: (orders: Orders, index: number) => Thread) {
    const orders = {
      start: new Barrier(threads + 1),
      end: new Barrier(threads + 1),
      count: sharedArray('i32', 1),
    };
    this.#orders = orders;
    this.#threads = Array.from({ length: threads }, (_, index) => begin(orders, index));
  }

  /** Has every thread do so many. Milliseconds until the last is finished; they have all been waiting. */
  run(count: number): number {
    const { start, end, count: ordered } = this.#orders;
    while (start.waiting < this.#threads.length) Atomics.wait(this.#pillow, 0, 0, 1);
    ordered[0] = count;
    return elapsed(() => {
      start.wait();
      end.wait();
    });
  }

  /** See {@link warmUp}. */
  warmUp(effort: Effort): void {
    warmUp(effort, this.#threads.length, (count) => this.run(count));
  }

  /** Ends the threads. */
  end(): void {
    this.#orders.count[0] = LEAVE;
    this.#orders.start.wait();
    for (const thread of this.#threads) thread.join();
  }
}
