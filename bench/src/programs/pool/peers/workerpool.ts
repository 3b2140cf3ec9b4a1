import { fileURLToPath } from 'node:url';
import { pool } from 'workerpool';
import type { Bytes, PoolPeer } from '../peer.js';

export const peer: PoolPeer = {
  open(threads) {
    const workers = pool(fileURLToPath(new URL('workerpool-worker.js', import.meta.url)), {
      minWorkers: threads,
      maxWorkers: threads,
      workerType: 'thread',
    });
    // Its types promise a class of its own; it has then().
    return {
      run: (task, arg) => workers.exec(task, [arg]) as PromiseLike<unknown>,
      runTransferring: (task, arg: Bytes) =>
        workers.exec(task, [arg], { transfer: [arg.bytes.buffer] }) as PromiseLike<unknown>,
      close: () => workers.terminate() as PromiseLike<unknown>,
    };
  },
};
