/**
 * What heddle is to have and this build may lack. Benchmarks whose `needs` name it are measured once it is there;
 * then its own types take the place of these.
 */
import * as heddle from 'heddle';

interface Options {
  readonly capacity?: number;
}

export interface PriorityQueue extends heddle.Queue<number> {
  put(item: number, options?: number | { readonly priority: number }): void;
}

export interface SharedMap {
  get(key: string): number | undefined;
  set(key: string, value: number): unknown;
  update(key: string, fn: (value: number | undefined) => number): number;
}

interface SharedList {
  readonly length: number;
  push(...items: number[]): number;
  pop(): number | undefined;
}

export interface SharedValue {
  get(): number;
  update(fn: (value: number) => number): number;
}

export interface Guarded {
  with<R>(fn: (value: { count: number }) => R): R;
}

/** Made by `struct({ balance: 'f64', hits: 'i32' })`. */
interface Account {
  balance: number;
  hits: number;
}

interface Coming {
  readonly LifoQueue: new (options?: Options) => heddle.Queue<number>;
  readonly PriorityQueue: new (options?: Options) => PriorityQueue;
  readonly select: (queues: readonly heddle.Queue<number>[]) => { readonly item: number };
  readonly SharedMap: new (entries: Iterable<readonly [string, number]>) => SharedMap;
  readonly SharedList: new () => SharedList;
  readonly SharedValue: new (value: number) => SharedValue;
  readonly Guarded: new (value: { count: number }) => Guarded;
  readonly struct: (schema: Record<keyof Account, string>) => new () => Account;
}

/** Its properties are undefined where the build lacks them. */
export const coming: Coming = heddle as unknown as Coming;
