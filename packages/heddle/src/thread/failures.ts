/** Hearing of threads that fail. */
import { checkFunction } from '../base/arguments.js';
import { pointer } from '../memory/heap.js';
import { release } from '../memory/object.js';
import { readPayload } from '../memory/payload.js';
import { Th } from '../park/current.js';
import type { ThreadInfo } from '../park/thread-info.js';
import { infoOf } from '../park/thread-info.js';
import { hear, News } from './hearing.js';
import { neverQuietWhile } from '../park/quiet.js';
import { answerReplies } from './upward.js';

/** A thread that failed. */
export interface ThreadFailure {
  readonly thread: ThreadInfo;
  /** What its target threw, or a ThreadDiedError. */
  readonly error: unknown;
}

type Handler = (failure: ThreadFailure) => void;

const handlers = new Set<Handler>();
const closers = new Set<() => void>();
neverQuietWhile(() => handlers.size > 0);

answerReplies((reply) => {
  if (reply.type === 'closed') {
    for (const closer of closers) closer();
  } else if (reply.type === 'failed') {
    try {
      const failure = { thread: infoOf(reply.thread), error: readPayload(pointer(reply.thread + Th.RESULT)) };
      callAll([...handlers], failure);
    } finally {
      release(reply.thread);
    }
  }
});

/** Calls every handler, also if one throws; what the first throws is then thrown. */
export function callAll<T>([handler, ...others]: readonly ((news: T) => void)[], news: T): void {
  if (handler === undefined) return;
  try {
    handler(news);
  } finally {
    callAll(others, news);
  }
}

/**
 * Calls `handler` whenever any thread fails, in the thread that asked for it, once its event loop turns. A failure
 * that is handled so still counts as not collected until somebody joins the thread. The handlers of a thread end with
 * it.
 *
 * @returns dispose of it to stop
 * @example
 * ```ts
 * using reports = onThreadFailure(({ thread, error }) => log(thread.name, error));
 * ```
 */
export function onThreadFailure(handler: (failure: ThreadFailure) => void): Disposable {
  checkFunction('handler', handler);
  const own: Handler = (failure) => {
    handler(failure);
  };
  if (handlers.size === 0) hear(News.FAILURES, true);
  handlers.add(own);
  return {
    [Symbol.dispose]() {
      if (handlers.delete(own) && handlers.size === 0) hear(News.FAILURES, false);
    },
  };
}

/** Forgets the handlers of the thread that ran in this worker. */
export function dropHandlers(): void {
  if (handlers.size === 0) return;
  handlers.clear();
  hear(News.FAILURES, false);
}

/** Calls `closer` when the supervisor says that all workers have ended. */
export function onClosed(closer: () => void): void {
  closers.add(closer);
}
