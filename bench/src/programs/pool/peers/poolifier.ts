import { fileURLToPath } from 'node:url';
import { FixedThreadPool } from 'poolifier';
import type { Bytes, PoolPeer } from '../peer.js';

export const peer: PoolPeer = {
  open(threads) {
    let left = threads;
    let end: () => void;
    const allEnded = new Promise<void>((resolve) => {
      end = resolve;
    });
    const pool = new FixedThreadPool<unknown, unknown>(
      threads,
      fileURLToPath(new URL('poolifier-worker.js', import.meta.url)),
      {
        exitHandler: () => {
          if (--left === 0) end();
        },
      },
    );
    return {
      run: (task, arg) => pool.execute(arg, task),
      runTransferring: (task, arg: Bytes) => pool.execute(arg, task, undefined, [arg.bytes.buffer]),
      map: (task, args) => pool.mapExecute(args, task),
      // destroy() asks a thread to end, and listens for its end only then: for one that has ended by then it waits for
      // ever. The pool has ended in any case when all its threads have.
      close: () => Promise.race([pool.destroy(), allEnded]),
    };
  },
};
