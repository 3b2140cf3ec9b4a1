/** The threads of worker.ts. */
import { parentPort } from 'node:worker_threads';
import * as tasks from '../tasks.js';

parentPort?.on('message', ([number, task, arg]: [number, tasks.TaskName, never]) => {
  parentPort?.postMessage([number, tasks[task](arg)]);
});
