/** Hands a thread's result or error to one of its joiners. */
import { i32, pointer } from '../memory/heap.js';
import { nameOf } from '../memory/object.js';
import { readPayload } from '../memory/payload.js';
import { Status, Th } from '../park/current.js';
import { userFrames } from '../base/site.js';
import { collectFailure } from './ending.js';

/** Returns the result of a thread that has ended, a copy of its own for each joiner, or throws its error. */
export function deliver(thread: number): unknown {
  const payload = pointer(thread + Th.RESULT);
  const value = payload === 0 ? undefined : readPayload(payload);
  if (i32[thread + Th.STATUS] === Status.FINISHED) return value;
  collectFailure(thread);
  throw withJoinSite(value, nameOf(thread));
}

/** Adds to an error from another thread where it was joined. */
export function withJoinSite(error: unknown, threadName: string): unknown {
  if (!(error instanceof Error)) return error;
  const here = userFrames(new Error().stack ?? '');
  error.stack = [
    error.stack,
    `    --- thrown in thread ${JSON.stringify(threadName)}, joined: ---`,
    ...here,
  ].join('\n');
  return error;
}
