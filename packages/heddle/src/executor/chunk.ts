/** A chunk of a map: several items, for which one task calls the function one after another. */
import { freePayload, writePayload } from '../memory/payload.js';
import { now } from '../platform/clock.js';
import type { Target } from '../thread/find-target.js';
import { plainError } from '../thread/plain-error.js';
import { showUserFrames } from './site.js';

/** What came of a chunk: the results up to the first item that failed, how long it took, and that item's error. */
export type ChunkOutcome =
  | readonly [results: unknown[], milliseconds: number]
  | readonly [results: unknown[], milliseconds: number, error: unknown];

/** Calls the function for each item. Items whose promises are awaited are so one after another. */
export function runChunk(target: Target, items: readonly unknown[]): ChunkOutcome | Promise<ChunkOutcome> {
  const started = now();
  const results: unknown[] = [];
  for (const item of items) {
    let value: unknown;
    try {
      value = target(item);
    } catch (error) {
      return [results, now() - started, crossable(error)];
    }
    if (isThenable(value)) return finishChunk(target, items, results, value, started);
    results.push(value);
  }
  return [results, now() - started];
}

async function finishChunk(
  target: Target,
  items: readonly unknown[],
  results: unknown[],
  pending: PromiseLike<unknown>,
  started: number,
): Promise<ChunkOutcome> {
  try {
    results.push(await pending);
    for (let k = results.length; k < items.length; k++) results.push(await target(items[k]));
    return [results, now() - started];
  } catch (error) {
    return [results, now() - started, crossable(error)];
  }
}

/** Whether a result is to be awaited: a promise, a future. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}

/** An error as it can cross, since it does so within the outcome. */
function crossable(error: unknown): unknown {
  showUserFrames(error);
  try {
    freePayload(writePayload(error, 'error'));
    return error;
  } catch {
    return plainError(error, 'a task');
  }
}
