import assert from 'node:assert/strict';
import { type Effort, type Figures, timePerOperation } from '../../harness/effort.js';
import { Crew } from './crew.js';

const ROUND = 0;
const MISSING = 1;
const PARTIES = 2;
const LED = 3;
const WORDS = 4;
/** Looks before going to sleep. */
const LOOKS = 1000;

export async function rounds(effort: Effort, { threads }: { threads: number }): Promise<Figures> {
  const words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  words[PARTIES] = words[MISSING] = threads;
  const crew = await Crew.start(threads, import.meta.url, 'meet', words.buffer);
  crew.warmUp(effort);
  const time = timePerOperation(effort, (count) => {
    words[LED] = 0;
    const took = crew.run(count);
    assert.equal(words[LED], count);
    return took;
  });
  await crew.end();
  return { time };
}

export function meet(memory: SharedArrayBuffer, _index: number, count: number): void {
  const words = new Int32Array(memory);
  let leading = 0;
  for (let k = 0; k < count; k++) if (wait(words)) leading += 1;
  Atomics.add(words, LED, leading);
}

/** Returns true to the one that completes the round. */
function wait(words: Int32Array): boolean {
  const round = Atomics.load(words, ROUND);
  if (Atomics.sub(words, MISSING, 1) === 1) {
    Atomics.store(words, MISSING, words[PARTIES]!);
    Atomics.store(words, ROUND, (round + 1) | 0);
    Atomics.notify(words, ROUND);
    return true;
  }
  for (let k = 0; k < LOOKS; k++) if (Atomics.load(words, ROUND) !== round) return false;
  while (Atomics.load(words, ROUND) === round) Atomics.wait(words, ROUND, round);
  return false;
}
