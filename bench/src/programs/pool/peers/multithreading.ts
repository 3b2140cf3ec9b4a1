/** It needs two things that came with Node 21 and 22; on older ones they are put in their place before it loads. */
import { availableParallelism } from 'node:os';
import type { Bytes, PoolPeer } from '../peer.js';
import * as tasks from '../tasks.js';

const needed = globalThis as { navigator?: { hardwareConcurrency: number } };
needed.navigator ??= { hardwareConcurrency: availableParallelism() };
const promises = Promise as { withResolvers?: () => unknown };
promises.withResolvers ??= () => {
  let settle: object = {};
  const promise = new Promise((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
};

const { initRuntime, move, shutdown, spawn } = await import('multithreading');

type Task = (arg: unknown) => unknown;
/** It moves a buffer that is itself an argument, and copies one that is inside another. */
const ofBytes = (bytes: Uint8Array): number => bytes[bytes.length - 1]!;

export const peer: PoolPeer = {
  /** There is one pool in a program. */
  open(threads) {
    initRuntime({ maxWorkers: threads });
    return {
      run: async (task, arg) => valueOf(await spawn(move(arg), tasks[task] as Task).join()),
      runTransferring: async (_, { bytes }: Bytes) => valueOf(await spawn(move(bytes), ofBytes).join()),
      close: () => {
        shutdown();
        return Promise.resolve();
      },
    };
  },
};

function valueOf<T>(result: { ok: true; value: T } | { ok: false; error: Error }): T {
  if (result.ok) return result.value;
  throw result.error;
}
