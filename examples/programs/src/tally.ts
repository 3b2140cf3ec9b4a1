/**
 * Counts what a pattern finds in the lines of a file. In a web server's log `'" (\d{3}) '` counts the answers.
 *
 *     npm run example -- tally [FILE [PATTERN]]
 *
 * One thread reads the file, another searches it. Between them is a bounded buffer: slots of shared memory, into which
 * the file is read directly, and a condition. Without arguments it counts the licences in package-lock.json.
 */
import { Condition, isMain, sharedArray, ThreadGroup } from 'heddle';
import { openSync, readSync } from 'node:fs';

const [SLOTS, SIZE] = [4, 1 << 16];
const [FILLED, FREED] = [0, 1];

export interface Slots {
  bytes: Uint8Array;
  /** How many bytes of each slot are in use; none are at the end of the file. */
  lengths: Int32Array;
  /** How many slots were FILLED and FREED so far. Guarded by the lock of `changed`. */
  counters: Int32Array;
  changed: Condition;
}

/** The producer: reads the file into one slot after another. It waits while all are full. */
export function read(path: string, { bytes, lengths, counters, changed }: Slots): void {
  const file = openSync(path, 'r');
  for (let n = 0, length = -1; length !== 0; n += 1) {
    waitUntil(() => n < counters[FREED]! + SLOTS, changed);
    length = lengths[n % SLOTS] = readSync(file, bytes, (n % SLOTS) * SIZE, SIZE, null);
    advance(FILLED, counters, changed);
  }
}

/** The consumer: counts what it finds in one slot after another. It waits while all are empty. */
export function count(pattern: RegExp, { bytes, lengths, counters, changed }: Slots): Map<string, number> {
  const [found, decoder] = [new Map<string, number>(), new TextDecoder()];
  for (let n = 0, length = -1, rest = ''; length !== 0; n += 1) {
    waitUntil(() => n < counters[FILLED]!, changed);
    length = lengths[n % SLOTS]!;
    const used = bytes.subarray((n % SLOTS) * SIZE).subarray(0, length);
    const lines = (rest + decoder.decode(used, { stream: length > 0 })).split('\n');
    advance(FREED, counters, changed);
    if (length > 0) rest = lines.pop() ?? ''; // it goes on in the next slot
    for (const [match, part = match] of lines.flatMap((line) => [...line.matchAll(pattern)])) {
      found.set(part, (found.get(part) ?? 0) + 1);
    }
  }
  return found;
}

function waitUntil(isTrue: () => boolean, changed: Condition): void {
  using _guard = changed.lock.acquire();
  changed.waitFor(isTrue);
}

function advance(counter: number, counters: Int32Array, changed: Condition): void {
  using _guard = changed.lock.acquire();
  counters[counter]! += 1;
  changed.notify();
}

if (isMain(import.meta)) {
  const [path = 'package-lock.json', pattern = '"license": "(.+)"', ...more] = process.argv.slice(2);
  const [bytes, lengths] = [sharedArray('u8', SLOTS * SIZE), sharedArray('i32', SLOTS)];
  const slots: Slots = { bytes, lengths, counters: sharedArray('i32', 2), changed: new Condition() };
  try {
    if (more.length > 0) throw new TypeError('give a file and a pattern, and quote the pattern');
    using group = new ThreadGroup();
    const counter = group.spawn(count, new RegExp(pattern, 'gu'), slots);
    group.spawn(read, path, slots);
    group.join();
    const sorted = [...counter.join()].sort(([, a], [, b]) => b - a);
    console.log(sorted.map(([part, times]) => `${String(times).padStart(7)}  ${part}`).join('\n'));
  } catch (error) {
    console.error(`tally: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
