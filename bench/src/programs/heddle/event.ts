import assert from 'node:assert/strict';
import { Event, spawn } from 'heddle';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';
import { Crew, type Orders, runs } from './crew.js';

export function oneThread(effort: Effort): Figures {
  const event = new Event();
  const time = timePerOperation(effort, (count) =>
    elapsed(() => {
      for (let k = 0; k < count; k++) {
        event.set();
        event.wait();
        event.clear();
      }
    }),
  );
  assert.equal(event.isSet, false);
  return { time };
}

/** Two threads take turns, each woken by an event of its own. */
export function pingPong(effort: Effort): Figures {
  const events = [new Event(), new Event()] as const;
  const crew = new Crew(2, (orders, me) =>
    spawn(play, orders, events[me === 0 ? 0 : 1], events[me === 0 ? 1 : 0]),
  );
  events[0].set();
  const time = timePerOperation(effort, (count) => {
    const took = crew.run(Math.ceil(count / 2));
    // The last turn was the second's: it is the first's again.
    assert.deepEqual([events[0].isSet, events[1].isSet], [true, false]);
    return took;
  });
  crew.end();
  return { time };
}

export function play(orders: Orders, mine: Event, other: Event): void {
  for (const count of runs(orders)) {
    for (let k = 0; k < count; k++) {
      mine.wait();
      mine.clear();
      other.set();
    }
  }
}
