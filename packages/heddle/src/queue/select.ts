/** Taking an item from whichever of several queues has one. */
import type { WaitOptions } from '../base/arguments.js';
import { checkTimeout, describe } from '../base/arguments.js';
import { QueueShutdownError, TimeoutError } from '../base/errors.js';
import { free } from '../memory/allocator.js';
import { addressOf, titleOf } from '../memory/object.js';
import { checkWaitOptions } from '../park/await.js';
import { waitForOne, waitForOneAsync } from '../park/select.js';
import type { Selection } from '../park/selection.js';
import { isAtEnd } from './ending.js';
import { Queue } from './queue.js';
import { NOTHING, storeOf } from './store.js';
import { notePassage, unpack } from './waiting.js';
import { Q } from './words.js';

/** What {@link select} has taken: an item, and the queue it came from, which is one of those given. */
export type Selected<Q extends Queue<unknown>> =
  Q extends Queue<infer T> ? { readonly queue: Q; readonly item: T } : never;

type AnyQueue = Queue<unknown>;
type AnySelected = Selected<AnyQueue>;

/**
 * Takes one item from one of several queues, of any kinds: from one that has an item, or as soon as one has. Blocks
 * while all are empty. Like every item taken, it is to be marked done at its queue if anybody joins that.
 *
 * *Blocks*: until one of the queues has an item for it. Ends early by timeout and `thread.cancel()`; the queues are then
 * as if it had not been called. Queues that are shut down and empty are passed over; when all are, it throws.
 *
 * *Fairness*: of several queues that have items, it takes from the one from which this thread's selects have taken
 * longest ago; so none of them starves. While it waits it stands in line at every queue, among those that `get`, and is
 * served there in its turn.
 *
 * *Happens before*: everything before the item was put happens before everything after this.
 *
 * @param queues at least one; one that is listed twice counts once
 * @param timeout milliseconds; omitted waits for ever, 0 tries once
 * @throws QueueShutdownError if all queues are shut down and empty, before or while it waits
 * @throws TimeoutError, CancelledError; TypeError or RangeError if `queues` is not an array of at least one queue
 *
 * @example
 * ```ts
 * const urgent = new Queue<string>();
 * const sizes = new Queue<number>();
 * sizes.put(3);
 * const { queue, item } = select([urgent, sizes]);
 * console.log(queue === sizes, item); // true 3
 * ```
 */
export function select<const Queues extends readonly Queue<unknown>[]>(
  queues: Queues,
  timeout?: number,
): Selected<Queues[number]> {
  const patience = checkTimeout(timeout);
  const inTurn = sort(queues);
  return (takeReady(inTurn, patience) ?? takeNext(inTurn, patience)) as Selected<Queues[number]>;
}

/**
 * As {@link select}, but awaited.
 *
 * @example
 * ```ts
 * const lines = new Queue<string>();
 * const stop = new Queue<true>();
 * lines.put('first');
 * const { item } = await selectAsync([lines, stop], { timeout: 1000 });
 * console.log(item); // first
 * ```
 */
export async function selectAsync<const Queues extends readonly Queue<unknown>[]>(
  queues: Queues,
  options?: WaitOptions,
): Promise<Selected<Queues[number]>> {
  const patience = checkWaitOptions(options);
  const inTurn = sort(queues);
  const ready = takeReady(inTurn, patience.timeout);
  if (ready !== undefined) return ready as Selected<Queues[number]>;
  const lines = linesAt(inTurn);
  let selection: Selection | undefined;
  try {
    selection = await waitForOneAsync(lines, patience, () => overdue(inTurn, patience.timeout));
  } finally {
    freeParcels(lines, selection);
  }
  return open(inTurn, selection) as Selected<Queues[number]>;
}

/** When this thread's selects last took from a queue, in selects. */
const lastTaken = new WeakMap<AnyQueue, number>();
let selects = 0;

/** The queues, each once, from which this thread has taken longest ago first. @throws TypeError, RangeError */
function sort(queues: readonly AnyQueue[]): readonly AnyQueue[] {
  const given: unknown = queues;
  if (!Array.isArray(given)) throw new TypeError(`queues must be an array of queues, not ${describe(given)}`);
  if (queues.length === 0) {
    throw new RangeError('queues must have at least one queue: a select from none would wait for ever');
  }
  queues.forEach((queue: unknown, place) => {
    if (!(queue instanceof Queue)) {
      throw new TypeError(
        `queues[${String(place)}] must be a Queue, LifoQueue or PriorityQueue, not ${describe(queue)}`,
      );
    }
  });
  const since = (queue: AnyQueue): number => lastTaken.get(queue) ?? 0;
  return [...new Set(queues)].sort((a, b) => since(a) - since(b));
}

/** Takes from the first queue that has an item; undefined if none has. @throws QueueShutdownError, TimeoutError */
function takeReady(queues: readonly AnyQueue[], timeout: number): AnySelected | undefined {
  let ended = 0;
  for (const queue of queues) {
    const address = addressOf(queue);
    const item = storeOf(address).tryGet(address);
    if (item !== NOTHING) return selected(queue, item);
    if (isAtEnd(address)) ended++;
  }
  if (ended === queues.length) throw allShutDown(queues);
  if (timeout === 0) throw overdue(queues, timeout);
  return undefined;
}

function takeNext(queues: readonly AnyQueue[], timeout: number): AnySelected {
  const lines = linesAt(queues);
  let selection: Selection | undefined;
  try {
    selection = waitForOne(lines, timeout, () => overdue(queues, timeout));
  } finally {
    freeParcels(lines, selection);
  }
  return open(queues, selection);
}

/** What to stand in line for, with parcels where queues want them. @throws OutOfMemoryError */
function linesAt(queues: readonly AnyQueue[]): Selection['lines'] {
  const lines: Selection['lines'][number][] = [];
  try {
    for (const queue of queues) {
      const object = addressOf(queue);
      lines.push({ object, list: object + Q.GETTERS, mode: storeOf(object).makeParcel(1) });
    }
    return lines;
  } catch (error) {
    freeParcels(lines, undefined);
    throw error;
  }
}

/** Frees the parcels in which there is no item. */
function freeParcels(lines: Selection['lines'], selection: Selection | undefined): void {
  lines.forEach(({ mode }, place) => {
    if (mode !== 0 && place !== selection?.chosen) free(mode);
  });
}

/** @throws QueueShutdownError */
function open(queues: readonly AnyQueue[], { chosen, value }: Selection): AnySelected {
  const queue = queues[chosen];
  if (queue === undefined) throw allShutDown(queues);
  const address = addressOf(queue);
  notePassage(address);
  return selected(queue, unpack(address, value));
}

function selected(queue: AnyQueue, item: unknown): AnySelected {
  lastTaken.set(queue, ++selects);
  return { queue, item };
}

function allShutDown(queues: readonly AnyQueue[]): QueueShutdownError {
  return new QueueShutdownError(
    `${titles(queues)} ${queues.length === 1 ? 'was shut down and is' : 'were shut down and are'} empty. ` +
      'Catch this error to stop at their end',
  );
}

function overdue(queues: readonly AnyQueue[], timeout: number): TimeoutError {
  const what = queues.length === 1 ? titles(queues) : `none of ${titles(queues)}`;
  const verb = queues.length === 1 ? ['has no', 'had no'] : ['has an', 'had an'];
  return new TimeoutError(
    timeout === 0
      ? `${what} ${verb[0] ?? ''} item now`
      : `${what} ${verb[1] ?? ''} item within ${String(timeout)} ms`,
  );
}

/** How errors speak of the queues. */
function titles(queues: readonly AnyQueue[]): string {
  if (queues.length > 4) return `${String(queues.length)} queues`;
  const all = queues.map((queue) => titleOf(addressOf(queue)));
  const last = all.pop() ?? '';
  return all.length === 0 ? last : `${all.join(', ')} and ${last}`;
}
