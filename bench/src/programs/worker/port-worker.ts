/** The workers of queue.ts, by their role. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type PayloadName, payload, weigh } from '../payloads.js';

interface Job {
  readonly port: MessagePort;
  readonly count: number;
}

const { role, name } = workerData as { role: 'post' | 'receive' | 'echo'; name: PayloadName };
if (parentPort === null) throw new Error('this is for workers');
const main = parentPort;
if (role === 'post') main.on('message', post);
else if (role === 'receive') main.on('message', receive);
else main.on('message', echo);
main.postMessage('ready');

function post({ port, count }: Job): void {
  const item = payload(name);
  for (let k = 0; k < count; k++) port.postMessage(item);
}

function receive({ port, count }: Job): void {
  let weight = 0;
  let left = count;
  port.on('message', (item: unknown) => {
    weight += weigh(item);
    if (--left > 0) return;
    port.close();
    main.postMessage(weight);
  });
  main.postMessage('ready');
}

function echo(item: unknown): void {
  main.postMessage(item);
}
