/** What shared structures of numbers come down to. */
import assert from 'node:assert/strict';
import { type Effort, elapsed, type Figures, timePerOperation } from '../../harness/effort.js';

/** Two elements of typed arrays in the place of two fields. */
export function fields(effort: Effort): Figures {
  const memory = new SharedArrayBuffer(16);
  const balance = new Float64Array(memory, 0, 1);
  const hits = new Int32Array(memory, 8, 1);
  const time = timePerOperation(effort, (count) => {
    balance[0] = 0;
    hits[0] = 0;
    const took = elapsed(() => {
      for (let k = 0; k < count; k++) {
        balance[0]! += 0.5;
        hits[0]! += 1;
      }
    });
    assert.deepEqual([balance[0], hits[0]], [count / 2, count]);
    return took;
  });
  return { time };
}
