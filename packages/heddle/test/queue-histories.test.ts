/** Histories of threads that use queues at one time: each is one that they could have had taking turns. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Atomic, Latch, LifoQueue, PriorityQueue, Queue, spawn } from 'heddle';
import { isLinearizable } from './fixtures/linearizability.js';
import { type Done, kindOf, step, use } from './fixtures/queue-histories.js';
import { rounds, watchdog } from './fixtures/waiting.js';

const seed = Number(process.env['HEDDLE_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const settings: Record<string, (capacity: number) => Queue<number>[]> = {
  'a Queue': (capacity) => [new Queue({ capacity })],
  'a LifoQueue': (capacity) => [new LifoQueue({ capacity })],
  'a PriorityQueue': (capacity) => [new PriorityQueue({ capacity })],
  'one of each kind': (capacity) => [
    new Queue({ capacity }),
    new LifoQueue({ capacity }),
    new PriorityQueue({ capacity }),
  ],
};

for (const [name, make] of Object.entries(settings)) {
  for (const capacity of [1, 3, Infinity]) {
    test(`${name}, capacity ${capacity}, seed ${seed}`, watchdog, async () => {
      let overlaps = 0;
      for (let round = 0; round < rounds(25, 1000); round++) {
        const queues = make(capacity);
        const clock = new Atomic('i32');
        const together = new Latch(3);
        const threads = [0, 1, 2].map((place) =>
          spawn(use, queues, clock, together, place, 12, seed + 1000 * round + place),
        );
        const history: Done[] = [];
        for (const thread of threads) history.push(...(await thread.joinAsync()));
        overlaps += history.filter(({ called, returned }) => returned > called + 1).length;
        const kinds = queues.map(kindOf);
        assert.ok(
          isLinearizable(
            history,
            queues.map(() => []),
            step(kinds, capacity),
          ),
          `not linearizable in round ${round}:\n${history.map((done) => JSON.stringify(done)).join('\n')}`,
        );
      }
      assert.ok(overlaps > 0, 'no operations overlapped');
    });
  }
}

test('the checker finds what is wrong', () => {
  const put = (value: number, called: number, returned: number): Done => ({
    ...{ name: 'put', place: 0, items: [{ value, priority: 0 }], most: 1, outcome: true, called, returned },
  });
  const get = (value: number, called: number, returned: number): Done => ({
    ...{ name: 'get', place: 0, items: [], most: 1, outcome: [value], called, returned },
  });
  const check = (kind: 'Queue' | 'LifoQueue', ...history: Done[]): boolean =>
    isLinearizable(history, [[]], step([kind], 2));
  const inTurn = [put(1, 0, 1), put(2, 2, 3)];
  assert.equal(check('Queue', ...inTurn, get(1, 4, 5), get(2, 6, 7)), true);
  assert.equal(check('Queue', ...inTurn, get(2, 4, 5), get(1, 6, 7)), false);
  assert.equal(check('LifoQueue', ...inTurn, get(2, 4, 5), get(1, 6, 7)), true);
  // At one time, either order will do; but not twice, not what was never put, and not before it was put.
  assert.equal(check('Queue', put(1, 0, 3), put(2, 1, 2), get(2, 4, 5), get(1, 6, 7)), true);
  assert.equal(check('Queue', ...inTurn, get(1, 4, 5), get(1, 6, 7)), false);
  assert.equal(check('Queue', ...inTurn, get(3, 4, 5)), false);
  assert.equal(check('Queue', get(1, 0, 1), put(1, 2, 3)), false);
  assert.equal(check('Queue', get(1, 0, 3), put(1, 1, 2)), true);
  assert.equal(check('Queue', ...inTurn, put(3, 4, 5)), false);
});
