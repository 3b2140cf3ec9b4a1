import assert from 'node:assert/strict';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';
import { Crew } from './crew.js';
import { lockExclusive, lockShared, unlockExclusive, unlockShared } from './shared-mutex.js';

const LOCK = 0;
/** The two numbers that a writer changes together. */
const PAIR = 2;
const WRITE_EVERY = 4;
const WORDS = 5;

export function uncontended(effort: Effort, { write }: { write: boolean }): Figures {
  const words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  const time = timePerOperation(effort, (count) =>
    elapsed(() => {
      for (let k = 0; k < count; k++) {
        if (write) {
          lockExclusive(words, LOCK);
          unlockExclusive(words, LOCK);
        } else {
          lockShared(words, LOCK);
          unlockShared(words, LOCK);
        }
      }
    }),
  );
  assert.equal(words[LOCK], 0);
  return { time };
}

interface Options {
  readonly threads: number;
  readonly writeEvery: number;
}

export async function contended(effort: Effort, { threads, writeEvery }: Options): Promise<Figures> {
  const words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  words[WRITE_EVERY] = writeEvery;
  const crew = await Crew.start(threads, import.meta.url, 'readAndWrite', words.buffer);
  const time = timePerOperation(effort, (count) => {
    const each = Math.ceil(count / threads);
    words.fill(0, PAIR, PAIR + 2);
    const took = crew.run(each);
    assert.equal(words[PAIR], threads * Math.floor(each / writeEvery));
    return took;
  });
  await crew.end();
  return { time };
}

export function readAndWrite(memory: SharedArrayBuffer, _index: number, count: number): void {
  const words = new Int32Array(memory);
  const writeEvery = words[WRITE_EVERY]!;
  let torn = 0;
  for (let k = 1; k <= count; k++) {
    if (k % writeEvery === 0) {
      lockExclusive(words, LOCK);
      words[PAIR]! += 1;
      words[PAIR + 1]! += 1;
      unlockExclusive(words, LOCK);
    } else {
      lockShared(words, LOCK);
      if (words[PAIR] !== words[PAIR + 1]) torn += 1;
      unlockShared(words, LOCK);
    }
  }
  assert.equal(torn, 0);
}
