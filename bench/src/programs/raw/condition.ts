import assert from 'node:assert/strict';
import { type Effort, type Figures, timePerOperation } from '../../harness/effort.js';
import { Crew } from './crew.js';

/** Looks before going to sleep. */
const LOOKS = 1000;

/** Two threads take turns. Without a lock: the word that says whose turn it is is all they share. */
export async function turns(effort: Effort): Promise<Figures> {
  const turn = new Int32Array(new SharedArrayBuffer(4));
  const crew = await Crew.start(2, import.meta.url, 'play', turn.buffer);
  const time = timePerOperation(effort, (count) => {
    const each = Math.ceil(count / 2);
    turn[0] = 0;
    const took = crew.run(each);
    assert.equal(turn[0], 2 * each);
    return took;
  });
  await crew.end();
  return { time };
}

export function play(memory: SharedArrayBuffer, me: number, count: number): void {
  const turn = new Int32Array(memory);
  for (let k = 0; k < count; k++) {
    for (let looks = 0, seen; (seen = Atomics.load(turn, 0)) % 2 !== me; looks++)
      if (looks >= LOOKS) Atomics.wait(turn, 0, seen);
    Atomics.add(turn, 0, 1);
    Atomics.notify(turn, 0, 1);
  }
}
