import type { TaskName } from './tasks.js';

/** A kind of pool that can be measured. Each file of `peers/` exports one, made as its own documentation says. */
export interface PoolPeer {
  /** Makes a pool, with all its threads from the beginning where the peer lets one say so. */
  open(threads: number, settings: Settings): Pool | Promise<Pool>;
}

/** What a peer may be told that helps some loads and harms others. */
export interface Settings {
  /** Tasks that a thread is given before it has finished the first; what the peer does by itself, if omitted. */
  readonly perThread?: number;
}

/** A pool in use. */
export interface Pool {
  /** Has a thread call the task with this argument. */
  run(task: TaskName, arg: unknown): PromiseLike<unknown>;
  /** The same, where the memory of the argument's bytes goes to the thread. */
  runTransferring(task: TaskName, arg: Bytes): PromiseLike<unknown>;
  /** All results, in order, if the peer has a way of its own to call a task with many arguments. */
  map?(task: TaskName, args: readonly unknown[]): PromiseLike<readonly unknown[]>;
  /** Bytes that all threads share, if the peer has a way of its own to make them. */
  share?(length: number): Uint8Array;
  /** Ends the threads. */
  close(): PromiseLike<unknown>;
}

/** An argument whose memory can be transferred. */
export interface Bytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What every program about pools is told. */
export interface PoolOptions extends Settings {
  /** The file of `peers/`. */
  readonly peer: string;
  readonly threads: number;
}

/** Makes the pool that the options name. */
export async function openPool({ peer, threads, ...settings }: PoolOptions): Promise<Pool> {
  return (await peerNamed(peer)).open(threads, settings);
}

/** Imports the peer of this name. */
export async function peerNamed(name: string): Promise<PoolPeer> {
  const module = (await import(`./peers/${name}.js`)) as { peer: PoolPeer };
  return module.peer;
}

/** Has a pool that stays while `use` runs. */
export async function withPool<R>(options: PoolOptions, use: (pool: Pool) => Promise<R>): Promise<R> {
  const pool = await openPool(options);
  try {
    return await use(pool);
  } finally {
    await pool.close();
  }
}
