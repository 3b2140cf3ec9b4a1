import assert from 'node:assert/strict';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';
import { percentiles } from '../percentiles.js';
import { Crew } from './crew.js';
import { Ring, ringBytes } from './ring.js';

interface Options {
  readonly capacity: number;
}

/** Word 0 is the capacity, word 2 the sum that the getter has found, as a float; then comes the ring. */
const RING_AT = 16;

export function oneThread(effort: Effort, { capacity }: Options): Figures {
  const ring = new Ring(new SharedArrayBuffer(ringBytes(capacity)), 0, capacity);
  const time = timePerOperation(effort, (count) => {
    let sum = 0;
    const took = elapsed(() => {
      for (let k = 0; k < count; k++) {
        ring.put(42);
        sum += ring.get();
      }
    });
    assert.equal(sum, count * 42);
    return took;
  });
  return { time };
}

export async function transfer(effort: Effort, { capacity }: Options): Promise<Figures> {
  const memory = new SharedArrayBuffer(RING_AT + ringBytes(capacity));
  new Int32Array(memory)[0] = capacity;
  const crew = await Crew.start(2, import.meta.url, 'putOrGet', memory);
  const time = timePerOperation(effort, (count) => {
    const took = crew.run(count);
    assert.equal(new Float64Array(memory, 8, 1)[0], count * 42);
    return took;
  });
  await crew.end();
  return { time };
}

export function putOrGet(memory: SharedArrayBuffer, index: number, count: number): void {
  const ring = new Ring(memory, RING_AT, new Int32Array(memory)[0]!);
  if (index === 0) {
    for (let k = 0; k < count; k++) ring.put(42);
  } else {
    let sum = 0;
    for (let k = 0; k < count; k++) sum += ring.get();
    new Float64Array(memory, 8, 1)[0] = sum;
  }
}

/** One way there, one way back: a ring each. */
const BACK_AT = 64;

export async function roundTrip(effort: Effort): Promise<Figures> {
  const memory = new SharedArrayBuffer(2 * BACK_AT);
  const there = new Ring(memory, 0, 2);
  const back = new Ring(memory, BACK_AT, 2);
  const crew = await Crew.start(1, import.meta.url, 'echo', memory);
  const ended = crew.begin(0);
  const figures = percentiles(effort, (k) => {
    there.put(k);
    assert.equal(back.get(), k);
  });
  there.put(-1);
  ended();
  await crew.end();
  return figures;
}

export function echo(memory: SharedArrayBuffer): void {
  const there = new Ring(memory, 0, 2);
  const back = new Ring(memory, BACK_AT, 2);
  for (let item; (item = there.get()) >= 0;) back.put(item);
}
