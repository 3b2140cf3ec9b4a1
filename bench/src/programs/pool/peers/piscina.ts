import { Piscina } from 'piscina';
import type { Bytes, PoolPeer, Settings } from '../peer.js';

export const peer: PoolPeer = {
  open(threads, { perThread = 1 }: Settings) {
    const piscina = new Piscina({
      filename: new URL('../tasks.js', import.meta.url).href,
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: perThread,
    });
    return {
      run: (task, arg) => piscina.run(arg, { name: task }) as Promise<unknown>,
      runTransferring: (task, arg: Bytes) =>
        piscina.run(arg, { name: task, transferList: [arg.bytes.buffer] }) as Promise<unknown>,
      close: () => piscina.destroy(),
    };
  },
};
