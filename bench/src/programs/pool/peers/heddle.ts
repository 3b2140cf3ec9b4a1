import { sharedArray, ThreadPool } from 'heddle';
import type { PoolPeer } from '../peer.js';
import * as tasks from '../tasks.js';

type Task = (arg: unknown) => unknown;

export const peer: PoolPeer = {
  open(threads) {
    const pool = new ThreadPool({ threads });
    return {
      run: (task, arg) => pool.submit(tasks[task] as Task, arg),
      runTransferring: (task, arg) =>
        pool.submitWith({ transfer: [arg.bytes.buffer] }, tasks[task] as Task, arg),
      map: (task, args) => pool.map(tasks[task] as Task, args),
      share: (length) => sharedArray('u8', length),
      close: () => pool.shutdown(),
    };
  },
};
