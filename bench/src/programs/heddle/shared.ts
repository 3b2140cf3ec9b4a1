/** Shared structures. */
import assert from 'node:assert/strict';
import { Guarded, SharedList, SharedMap, SharedValue, spawn, struct } from 'heddle';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';
import { Crew, type Orders, runs } from './crew.js';

const KEYS: readonly string[] = Array.from({ length: 1000 }, (_, k) => `key number ${k}`);

export function mapGet(effort: Effort): Figures {
  const map = new SharedMap<string, number>(KEYS.map((key) => [key, 1] as const));
  const time = timePerOperation(effort, (count) => {
    let sum = 0;
    const took = elapsed(() => {
      for (let k = 0; k < count; k++) sum += map.get(KEYS[k % KEYS.length]!) ?? 0;
    });
    assert.equal(sum, count);
    return took;
  });
  return { time };
}

/** Threads count under all keys. */
export function mapUpdate(effort: Effort, { threads }: { threads: number }): Figures {
  const map = new SharedMap<string, number>();
  const crew = new Crew(threads, (orders) => spawn(countUnderKeys, orders, map));
  const time = timePerOperation(effort, (count) => {
    const each = Math.ceil(count / threads);
    for (const key of KEYS) map.set(key, 0);
    const took = crew.run(each);
    assert.equal(
      KEYS.reduce((sum, key) => sum + (map.get(key) ?? 0), 0),
      threads * each,
    );
    return took;
  });
  crew.end();
  return { time };
}

export function countUnderKeys(orders: Orders, map: SharedMap<string, number>): void {
  for (const count of runs(orders))
    for (let k = 0; k < count; k++) map.update(KEYS[k % KEYS.length]!, (value = 0) => value + 1);
}

export function list(effort: Effort): Figures {
  const shared = new SharedList<number>();
  const time = timePerOperation(effort, (count) => {
    let sum = 0;
    const took = elapsed(() => {
      for (let k = 0; k < count; k++) {
        shared.push(7);
        sum += shared.pop() ?? 0;
      }
    });
    assert.equal(sum, 7 * count);
    return took;
  });
  return { time };
}

export function value(effort: Effort, { threads }: { threads: number }): Figures {
  const shared = new SharedValue(0);
  const crew = new Crew(threads, (orders) => spawn(addToValue, orders, shared));
  const time = timePerOperation(effort, (count) => {
    const each = Math.ceil(count / threads);
    shared.update(() => 0);
    const took = crew.run(each);
    assert.equal(shared.get(), threads * each);
    return took;
  });
  crew.end();
  return { time };
}

export function addToValue(orders: Orders, shared: SharedValue<number>): void {
  for (const count of runs(orders)) for (let k = 0; k < count; k++) shared.update((old) => old + 1);
}

export function guarded(effort: Effort, { threads }: { threads: number }): Figures {
  const shared = new Guarded({ count: 0 });
  const crew = new Crew(threads, (orders) => spawn(addToGuarded, orders, shared));
  const time = timePerOperation(effort, (count) => {
    const each = Math.ceil(count / threads);
    shared.with((held) => void (held.count = 0));
    const took = crew.run(each);
    assert.equal(
      shared.with((held) => held.count),
      threads * each,
    );
    return took;
  });
  crew.end();
  return { time };
}

export function addToGuarded(orders: Orders, shared: Guarded<{ count: number }>): void {
  for (const count of runs(orders))
    for (let k = 0; k < count; k++)
      shared.with((held) => {
        held.count += 1;
      });
}

/** Reading and writing two fields, without a lock. */
export function fields(effort: Effort): Figures {
  const Account = struct({ balance: 'f64', hits: 'i32' });
  const account = new Account();
  const time = timePerOperation(effort, (count) => {
    account.balance = 0;
    account.hits = 0;
    const took = elapsed(() => {
      for (let k = 0; k < count; k++) {
        account.balance += 0.5;
        account.hits += 1;
      }
    });
    assert.deepEqual([account.balance, account.hits], [count / 2, count]);
    return took;
  });
  return { time };
}
