/** Sends a message; ends then, or stays. */
import { parentPort, workerData } from 'node:worker_threads';

if (workerData === 'stay') parentPort?.on('message', () => undefined);
parentPort?.postMessage(1);
