/** Message ports in a queue's place. They have no capacity, and their receiver needs its event loop. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import {
  type Effort,
  elapsed,
  type Figures,
  timePerOperation,
  timePerOperationAsync,
} from '../../harness/effort.js';
import { percentilesAsync } from '../percentiles.js';
import { type PayloadName, payload, weigh } from '../payloads.js';

interface Options {
  readonly payload: PayloadName;
}

export function oneThread(effort: Effort, { payload: name }: Options): Figures {
  const { port1, port2 } = new MessageChannel();
  const item = payload(name);
  const time = timePerOperation(effort, (count) => {
    let weight = 0;
    const took = elapsed(() => {
      for (let k = 0; k < count; k++) {
        port1.postMessage(item);
        weight += weigh((receiveMessageOnPort(port2) as { message: unknown }).message);
      }
    });
    assert.equal(weight, count * weigh(item));
    return took;
  });
  port1.close();
  return { time };
}

/** A worker posts, another receives. */
export async function transfer(effort: Effort, { payload: name }: Options): Promise<Figures> {
  const item = payload(name);
  const workers = ['post', 'receive'].map(
    (role) => new Worker(new URL('port-worker.js', import.meta.url), { workerData: { role, name } }),
  ) as [Worker, Worker];
  const [poster, receiver] = workers;
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const time = await timePerOperationAsync(effort, async (count) => {
    const { port1, port2 } = new MessageChannel();
    receiver.postMessage({ port: port2, count }, [port2]);
    await once(receiver, 'message');
    const start = performance.now();
    poster.postMessage({ port: port1, count }, [port1]);
    const [weight] = (await once(receiver, 'message')) as [number];
    const took = performance.now() - start;
    assert.equal(weight, count * weigh(item));
    return took;
  });
  await Promise.all(workers.map((worker) => worker.terminate()));
  return { time };
}

/** A message goes to a worker and comes back. */
export async function roundTrip(effort: Effort): Promise<Figures> {
  const worker = new Worker(new URL('port-worker.js', import.meta.url), { workerData: { role: 'echo' } });
  await once(worker, 'message');
  let arrived: (item: unknown) => void = () => undefined;
  worker.on('message', (item) => arrived(item));
  const figures = await percentilesAsync(effort, async (k) => {
    const back = new Promise((resolve) => {
      arrived = resolve;
    });
    worker.postMessage(k);
    assert.equal(await back, k);
  });
  await worker.terminate();
  return figures;
}
