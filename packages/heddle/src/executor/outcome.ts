/** What came of a task, as its block tells. */
import { BrokenPoolError, CancelledError, HeddleError, TimeoutError } from '../base/errors.js';
import { withFrames } from '../base/site.js';
import { f64, i32, pointer } from '../memory/heap.js';
import { readPayload } from '../memory/payload.js';
import { openParcel, readRecord } from '../queue/records.js';
import { Cause, Shape, T } from './words.js';

/**
 * The result or the error of a task that has ended. `ours`: nobody else will read it, and it is used up. `name`: how the
 * task is called in messages.
 */
export function readOutcome(task: number, ours: boolean, name: string): unknown {
  if (i32[task + T.SHAPE] === Shape.OUTCOME) {
    if (!ours) return readRecord(task + T.RECORD);
    i32[task + T.SHAPE] = Shape.NONE;
    return openParcel(task + T.RECORD);
  }
  // Where this error is made says nothing: its stack is where the task was submitted.
  return withFrames(0, () => errorOf(task, name));
}

function errorOf(task: number, name: string): Error {
  const reason = pointer(task + T.REASON);
  const cause = reason === 0 ? {} : { cause: readPayload(reason) };
  switch (i32[task + T.CAUSE]) {
    case Cause.CANCELLED:
      return new CancelledError(`${name} was cancelled`, cause);
    case Cause.OVERDUE:
      return new TimeoutError(
        `${name} ran longer than its timeout of ${String(f64[(task + T.LIMIT) >> 1])} ms, and was stopped`,
        cause,
      );
    case Cause.EXPIRED:
      return new TimeoutError(
        `${name} had not begun within its queueTimeout of ${String(f64[(task + T.PATIENCE) >> 1])} ms: ` +
          'the pool had more to do than its threads could take',
      );
    case Cause.BROKEN:
      return new BrokenPoolError(`${name} cannot run any more: its pool is broken`, cause);
    default:
      return new HeddleError(`${name} has ended, but there was no memory left to say how`);
  }
}
