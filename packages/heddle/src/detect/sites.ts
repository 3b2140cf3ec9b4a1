/**
 * Remembers where this thread has acquired what it holds, so that reports can say so: if the program was started with
 * HEDDLE_SITES=1. Each acquisition then captures a stack, which takes a microsecond or two.
 */
import { tid } from '../memory/records.js';
import { rememberBy } from '../park/inquiry.js';
import { addProbe } from '../park/probe.js';

/** A place, whose stack is formatted only if it is read. */
interface Taken {
  readonly stack?: string;
}

/** The tid of the thread whose acquisitions these are: a worker runs one thread after the other. */
let holder = 0;
/** Where each object was taken that is held, the first time first. */
const held = new Map<number, Taken[]>();

if (process.env['HEDDLE_SITES'] === '1') {
  addProbe({ acquired, released });
  rememberBy(() => Object.fromEntries([...ours()].map(([object, [first]]) => [object, first?.stack ?? ''])));
}

function acquired(object: number): void {
  const taken: Taken = {};
  Error.captureStackTrace(taken, acquired);
  const its = ours().get(object);
  if (its === undefined) held.set(object, [taken]);
  else its.push(taken);
}

function released(object: number): void {
  const its = ours().get(object);
  its?.pop();
  if (its?.length === 0) held.delete(object);
}

function ours(): Map<number, Taken[]> {
  if (holder !== tid) held.clear();
  holder = tid;
  return held;
}
