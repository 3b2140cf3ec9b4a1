/** A member of a crew: waits for a run, does it, says so. */
import { parentPort, workerData } from 'node:worker_threads';
import { Control, type CrewData, type Member } from './crew.js';

const { module, member, memory, control, index } = workerData as CrewData;
const run = ((await import(module)) as Record<string, Member>)[member];
if (run === undefined) throw new Error(`${module} exports no ${member}`);
parentPort?.postMessage('ready');

for (let runs = 0; ; runs++) {
  while (Atomics.load(control, Control.RUN) === runs) Atomics.wait(control, Control.RUN, runs);
  run(memory, index, Atomics.load(control, Control.COUNT));
  Atomics.sub(control, Control.LEFT, 1);
  Atomics.notify(control, Control.LEFT);
}
