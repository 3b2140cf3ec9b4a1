import assert from 'node:assert/strict';
import { Queue, spawn } from 'heddle';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';
import { percentiles } from '../percentiles.js';
import { type PayloadName, payload, weigh } from '../payloads.js';
import { Crew, type Orders, runs } from './crew.js';

interface Options {
  readonly payload: PayloadName;
  /** Unbounded if omitted. */
  readonly capacity?: number;
}

/** One thread puts an item and takes it out again. */
export function oneThread(effort: Effort, options: Options): Figures {
  const queue = makeQueue(options);
  const item = payload(options.payload);
  const time = timePerOperation(effort, (count) => {
    let weight = 0;
    const took = elapsed(() => {
      for (let k = 0; k < count; k++) {
        queue.put(item);
        weight += weigh(queue.get());
      }
    });
    assert.equal(weight, count * weigh(item));
    return took;
  });
  return { time };
}

/** One thread puts items, another takes them; or several do. */
export function transfer(effort: Effort, options: Options & { threads?: number }): Figures {
  const pairs = (options.threads ?? 2) / 2;
  const queue = makeQueue(options);
  const back = new Queue<number>();
  const crew = new Crew(2 * pairs, (orders, index) =>
    index < pairs ? spawn(produce, orders, queue, options.payload) : spawn(consume, orders, queue, back),
  );
  const weight = weigh(payload(options.payload));
  crew.warmUp(effort);
  back.drain();
  const time = timePerOperation(effort, (count) => {
    const each = Math.ceil(count / pairs);
    const took = crew.run(each);
    const got = back.drain().reduce((sum, one) => sum + one, 0);
    assert.equal(got, pairs * each * weight);
    return took;
  });
  crew.end();
  return { time };
}

export function produce(orders: Orders, queue: Queue<unknown>, name: PayloadName): void {
  const item = payload(name);
  for (const count of runs(orders)) for (let k = 0; k < count; k++) queue.put(item);
}

export function consume(orders: Orders, queue: Queue<unknown>, back: Queue<number>): void {
  for (const count of runs(orders)) {
    let weight = 0;
    for (let k = 0; k < count; k++) weight += weigh(queue.get());
    back.put(weight);
  }
}

/** An item goes to a thread and comes back. */
export function roundTrip(effort: Effort): Figures {
  const there = new Queue<number>();
  const back = new Queue<number>();
  const thread = spawn(echo, there, back);
  const figures = percentiles(effort, (k) => {
    there.put(k);
    assert.equal(back.get(), k);
  });
  there.shutdown();
  thread.join();
  return figures;
}

export function echo(there: Queue<number>, back: Queue<number>): void {
  for (const item of there) back.put(item);
}

function makeQueue({ capacity }: Options): Queue<unknown> {
  return new Queue(capacity === undefined ? {} : { capacity });
}
