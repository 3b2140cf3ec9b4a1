/**
 * What pools are given to do. Each task takes one argument and uses nothing from around it, since one of the peers
 * sends its text to the threads.
 */

/** Does nothing: what a call costs is then the pool's. */
export function echo(value: unknown): unknown {
  return value;
}

/** Looks at one byte: what it costs is to get the bytes to the thread. */
export function lastByte({ bytes }: { readonly bytes: Uint8Array }): number {
  return bytes[bytes.length - 1]!;
}

/** The request and the answer of poolifier's published benchmark. */
export interface FactorialRequest {
  readonly test: string;
  readonly taskType: string;
  readonly taskSize: number;
}
export interface FactorialAnswer {
  readonly ok: number;
  readonly factorial: bigint;
}

/** Its task: the factorial of `taskSize`, one multiplication after another. */
export function factorial({ taskSize }: FactorialRequest): FactorialAnswer {
  let product = 1n;
  for (let factor = 1n; factor <= BigInt(taskSize); factor++) product *= factor;
  return { ok: 1, factorial: product };
}

/** Work for a core alone, without memory: the steps of the Collatz sequences from 1 to each of the counts. */
export function collatz(counts: readonly number[]): number {
  let steps = 0;
  for (const count of counts) {
    for (let from = 1; from <= count; from++) {
      for (let n = from; n !== 1; steps++) n = n % 2 === 0 ? n / 2 : 3 * n + 1;
    }
  }
  return steps;
}

/** A place where tasks wait for each other, so that each has a thread of its own. */
export interface Meeting {
  /** One word of shared memory: how many are there. */
  readonly here: Int32Array;
  readonly parties: number;
}

/** Waits until all parties are there. Returns 1; 0 if some do not come within ten seconds. */
export function meet({ here, parties }: Meeting): number {
  let count = Atomics.add(here, 0, 1) + 1;
  Atomics.notify(here, 0);
  const end = Date.now() + 10_000;
  while (count < parties && Date.now() < end) {
    Atomics.wait(here, 0, count, 1000);
    count = Atomics.load(here, 0);
  }
  return count < parties ? 0 : 1;
}

export type TaskName = 'echo' | 'lastByte' | 'factorial' | 'collatz' | 'meet';
