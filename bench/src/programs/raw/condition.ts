import assert from 'node:assert/strict';
import { type Effort, type Figures, timePerOperation } from '../../harness/effort.js';
import { Crew } from './crew.js';

/** Looks before going to sleep. */
const LOOKS = 1000;
/** Words of the memory. */
const TURN = 0;
const THREADS = 1;

/** Threads take turns. Without a lock: the word that says whose turn it is is all they share, and its wakers wake all. */
export async function turns(effort: Effort, { threads }: { threads: number }): Promise<Figures> {
  const words = new Int32Array(new SharedArrayBuffer(8));
  words[THREADS] = threads;
  const crew = await Crew.start(threads, import.meta.url, 'play', words.buffer);
  crew.warmUp(effort);
  const time = timePerOperation(effort, (count) => {
    const each = Math.ceil(count / threads);
    words[TURN] = 0;
    const took = crew.run(each);
    assert.equal(words[TURN], threads * each);
    return took;
  });
  await crew.end();
  return { time };
}

export function play(memory: SharedArrayBuffer, me: number, count: number): void {
  const words = new Int32Array(memory);
  const threads = words[THREADS]!;
  const most = threads === 2 ? LOOKS : 0; // of many threads, most would look in vain
  for (let k = 0; k < count; k++) {
    for (let looks = 0, seen; (seen = Atomics.load(words, TURN)) % threads !== me; looks++)
      if (looks >= most) Atomics.wait(words, TURN, seen);
    Atomics.add(words, TURN, 1);
    Atomics.notify(words, TURN);
  }
}
