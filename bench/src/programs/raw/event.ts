import assert from 'node:assert/strict';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';
import { Crew } from './crew.js';

/** Looks before going to sleep. */
const LOOKS = 1000;

export function oneThread(effort: Effort): Figures {
  const flags = new Int32Array(new SharedArrayBuffer(4));
  const time = timePerOperation(effort, (count) =>
    elapsed(() => {
      for (let k = 0; k < count; k++) {
        set(flags, 0);
        wait(flags, 0);
        Atomics.store(flags, 0, 0);
      }
    }),
  );
  assert.equal(flags[0], 0);
  return { time };
}

export async function pingPong(effort: Effort): Promise<Figures> {
  const flags = new Int32Array(new SharedArrayBuffer(8));
  const crew = await Crew.start(2, import.meta.url, 'play', flags.buffer);
  flags[0] = 1;
  const time = timePerOperation(effort, (count) => {
    const took = crew.run(Math.ceil(count / 2));
    assert.deepEqual([...flags], [1, 0]);
    return took;
  });
  await crew.end();
  return { time };
}

export function play(memory: SharedArrayBuffer, me: number, count: number): void {
  const flags = new Int32Array(memory);
  for (let k = 0; k < count; k++) {
    wait(flags, me);
    Atomics.store(flags, me, 0);
    set(flags, 1 - me);
  }
}

function set(flags: Int32Array, at: number): void {
  Atomics.store(flags, at, 1);
  Atomics.notify(flags, at);
}

function wait(flags: Int32Array, at: number): void {
  for (let k = 0; k < LOOKS; k++) if (Atomics.load(flags, at) === 1) return;
  while (Atomics.load(flags, at) === 0) Atomics.wait(flags, at, 0);
}
