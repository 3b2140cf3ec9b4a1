import assert from 'node:assert/strict';
import { Once } from 'heddle';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';

/** The value is there already. */
export function done(effort: Effort): Figures {
  const once = new Once<number>();
  const init = (): number => 7;
  once.run(init);
  const time = timePerOperation(effort, (count) => {
    let sum = 0;
    const took = elapsed(() => {
      for (let k = 0; k < count; k++) sum += once.run(init);
    });
    assert.equal(sum, 7 * count);
    return took;
  });
  return { time };
}
