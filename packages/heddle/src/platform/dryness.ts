/**
 * Whether the event loop has anything to turn for. Only the runtime knows all of it: timers, sockets, messages, and work in
 * its pool of threads, of which `getActiveResourcesInfo` tells only some. So where that finds nothing, the loop is let run dry
 * for a moment, as at a program's end: if it does, the runtime says so by the event `beforeExit`. Nothing ends, so nobody
 * else is told of that event: test runners take it for the end of the program.
 */

import { surelyOpen } from './resources.js';

/** So long, in milliseconds, the loop may take to run dry. */
const MOMENT = 5;

/**
 * Finds out whether the loop runs dry now, and then calls `answer`, before anything else is done. If that has nothing to go on
 * with, it returns false, and the program or its thread ends.
 */
export function runsDry(answer: (dry: boolean) => boolean): void {
  if (surelyOpen().length > 0) {
    answer(false);
    return;
  }
  const inherited = Object.getOwnPropertyDescriptor(process, 'emit');
  const emit = process.emit.bind(process) as (...event: unknown[]) => boolean;
  const end = (dry: boolean): boolean => {
    clearTimeout(limit);
    if (inherited === undefined) delete (process as { emit?: unknown }).emit;
    else Object.defineProperty(process, 'emit', inherited);
    return answer(dry);
  };
  const limit = setTimeout(end, MOMENT, false);
  limit.unref();
  const emitOthers = (...event: unknown[]): boolean => {
    if (event[0] !== 'beforeExit') return emit(...event);
    return end(true) || emit(...event);
  };
  Object.defineProperty(process, 'emit', { value: emitOthers, configurable: true, writable: true });
}
