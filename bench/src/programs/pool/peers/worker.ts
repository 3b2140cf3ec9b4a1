/** Bare workers and ports: the smallest pool that works. Each task goes to the thread with the fewest. */
import { Worker } from 'node:worker_threads';
import type { Bytes, PoolPeer } from '../peer.js';
import type { TaskName } from '../tasks.js';

interface Member {
  readonly worker: Worker;
  /** What settles the tasks that it has been given, by their numbers. */
  readonly pending: Map<number, (result: unknown) => void>;
}

export const peer: PoolPeer = {
  open(threads) {
    const members = Array.from({ length: threads }, start);
    let number = 0;
    const post = (task: TaskName, arg: unknown, transfer: ArrayBuffer[]): Promise<unknown> =>
      new Promise((resolve) => {
        const { worker, pending } = members.reduce((a, b) => (b.pending.size < a.pending.size ? b : a));
        pending.set(++number, resolve);
        worker.postMessage([number, task, arg], transfer);
      });
    return {
      run: (task, arg) => post(task, arg, []),
      runTransferring: (task, arg: Bytes) => post(task, arg, [arg.bytes.buffer]),
      close: () => Promise.all(members.map(({ worker }) => worker.terminate())),
    };
  },
};

function start(): Member {
  const worker = new Worker(new URL('worker-worker.js', import.meta.url));
  const pending = new Map<number, (result: unknown) => void>();
  worker.on('message', ([number, result]: [number, unknown]) => {
    pending.get(number)?.(result);
    pending.delete(number);
  });
  worker.on('error', (error) => {
    throw error;
  });
  return { worker, pending };
}
