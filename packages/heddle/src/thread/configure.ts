/** What can be set for the whole program. */
import { describe } from '../base/arguments.js';
import { ensureHeap, i32 } from '../memory/heap.js';
import { Header } from '../memory/layout.js';

/** What {@link configure} sets. What is left out stays as it is. */
export interface Configuration {
  /** What becomes of a wait that can never end: `'throw'` (at first) a DeadlockError, `'report'` only, or `'off'`. */
  readonly deadlock?: 'throw' | 'report' | 'off';
  /** What becomes of locks taken in opposite orders, although nothing hung: `'off'` (at first), `'report'` or `'throw'`. */
  readonly lockOrder?: 'off' | 'report' | 'throw';
  /** Whether a wait may look on for a moment before it sleeps: `'auto'` (at first), where that helps, or `'off'`. */
  readonly spin?: 'auto' | 'off';
  /** Whether what was forgotten is reported at the end of the program: `'on'` (at first) or `'off'`. */
  readonly exitReports?: 'on' | 'off';
}

let beginLockOrder: () => void = () => undefined;

/** Says how checking the order of locks begins in this thread, which is known a layer above. */
export function checkLockOrderBy(begin: () => void): void {
  beginLockOrder = begin;
}

/** The word of each setting, and its values in the order of their numbers. */
const settings: { readonly [K in keyof Configuration]-?: { word: number; values: readonly string[] } } = {
  deadlock: { word: Header.DEADLOCK, values: ['throw', 'report', 'off'] },
  lockOrder: { word: Header.LOCK_ORDER, values: ['off', 'report', 'throw'] },
  spin: { word: Header.SPIN, values: ['auto', 'off'] },
  exitReports: { word: Header.EXIT_REPORTS, values: ['on', 'off'] },
};

/**
 * Sets how heddle works in the whole program, from any thread and at any time. It does not block, and holds from each
 * thread's next wait on. Nothing is set if anything is refused.
 *
 * `lockOrder` must be switched on before the first thread is started. From then on each order in which a thread takes locks
 * is remembered, and the first opposite one is told of with the stacks of both, although nothing hung; each cycle once.
 * Locks with a name form a class; those without are told apart, and so are two of one class, so an array of locks taken
 * in sorted order is never blamed. `lock.order(n)` states the order within a class. Tries, waits with a timeout and
 * awaited acquisitions do not wait for ever in the order of their locks, and only count for what is held after them. Orders
 * of one thread alone, and those that a common lock keeps apart, cannot hang. Orders are not told apart by time: what the
 * program did before it started a thread counts as if it did it again.
 *
 * @throws TypeError for a setting that there is not; RangeError for a value that it does not have; ThreadStateError if
 *   `lockOrder` is switched on and a thread has been started already
 * @example
 * ```ts
 * configure({ deadlock: 'report', spin: 'off' });
 * ```
 */
export function configure(options: Configuration): void {
  if (typeof options !== 'object' || (options as unknown) === null) {
    throw new TypeError(
      `configure takes an object, not ${describe(options)}: pass { spin: 'off' }, for example`,
    );
  }
  const changes = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => change(key, value));
  ensureHeap();
  const checks = changes.some(([word, value]) => word === Header.LOCK_ORDER && value !== 0);
  if (checks && i32[Header.LOCK_ORDER] === 0) beginLockOrder();
  for (const [word, value] of changes) Atomics.store(i32, word, value);
}

function change(key: string, value: unknown): readonly [word: number, value: number] {
  if (!Object.hasOwn(settings, key)) {
    throw new TypeError(`there is no setting ${JSON.stringify(key)}: use ${list(Object.keys(settings))}`);
  }
  const { word, values } = settings[key as keyof Configuration];
  const index = typeof value === 'string' ? values.indexOf(value) : -1;
  if (index === -1) {
    throw new RangeError(`${key} cannot be ${describe(value)}: use ${list(values.map((one) => `'${one}'`))}`);
  }
  return [word, index];
}

function list(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}
