import type { Summary, WaitSummary } from './summary.js';
import { layOut } from './table.js';

/** A table with more rows than this folds those with one name together, and shows only so many. */
const MOST_ROWS = 20;

/**
 * A column: its head, where its cells come from, and what becomes of them when rows are folded together. A number is
 * summed up or its maximum taken; any other value stays if it is the same in all rows.
 */
interface Column<R> {
  readonly head: string;
  readonly of: (row: R) => number | string | null;
  readonly fold: 'sum' | 'max' | 'same';
  readonly show: (value: number | string) => string;
  /** What is shown for null. */
  readonly none?: string;
}

/** One line of a table: its name, how many rows it stands for, and its cells' values. */
interface Line {
  readonly name: string;
  readonly rows: number;
  readonly values: readonly (number | string | null)[];
  readonly weight: number;
}

type Waited = Pick<WaitSummary, 'name' | 'waitTime'>;

/**
 * A summary as tables for people: threads, locks, queues and whatever else was waited for. No line is wider than 100
 * columns. What was waited for longest comes first, and threads in the order of their numbers.
 *
 * A table of more than 20 rows has those of one name in one line, such as `accounts ×100`: counts and times are then
 * their sums, longest times and high-water marks their maxima. If there are still more, the 20 with the most waiting
 * are shown.
 *
 * It does not block, and orders nothing.
 *
 * @returns lines that end in a line feed each
 * @example
 * ```ts
 * import { formatSummary, startProfiling, summary } from 'heddle/trace';
 *
 * startProfiling();
 * process.on('exit', () => console.error(formatSummary(summary())));
 * ```
 */
export function formatSummary(summary: Summary): string {
  const { duration, threads, locks, queues, others } = summary;
  const tables = [
    table('THREAD', threads, threadName, byNothing, [
      { head: 'STATE', of: (row) => row.state, fold: 'same', show: asIs },
      { head: 'RUN ms', of: (row) => row.runTime, fold: 'sum', show: time },
      { head: 'WAITS', of: (row) => row.waits, fold: 'sum', show: count },
      { head: 'WAITED ms', of: (row) => row.waitTime, fold: 'sum', show: time },
    ]),
    table('LOCK', locks, ownName, byWaiting, [
      kindColumn,
      { head: 'ACQUIRED', of: (row) => row.acquisitions, fold: 'sum', show: count },
      ...waitColumns,
      { head: 'HELD ms', of: (row) => row.holdTime, fold: 'sum', show: time },
      { head: 'LONGEST ms', of: (row) => row.longestHold, fold: 'max', show: time },
    ]),
    table('QUEUE', queues, ownName, byWaiting, [
      { head: 'PUTS', of: (row) => row.puts, fold: 'sum', show: count },
      { head: 'GETS', of: (row) => row.gets, fold: 'sum', show: count },
      { head: 'LEFT', of: (row) => row.size, fold: 'sum', show: count },
      { head: 'MOST', of: (row) => row.highWater, fold: 'max', show: count },
      { head: 'CAPACITY', of: (row) => row.capacity, fold: 'same', show: count, none: 'any' },
      ...waitColumns,
    ]),
    table('ALSO WAITED FOR', others, ownName, byWaiting, [kindColumn, ...waitColumns]),
  ];
  const head = `Ran ${time(duration)} ms: ${number(threads.length, 'thread')}, ${number(locks.length, 'lock')}, ${number(queues.length, 'queue')}.`;
  return [[head], ...tables.filter((lines) => lines.length > 0)]
    .map((lines) => lines.map((line) => `${line}\n`).join(''))
    .join('\n');
}

const kindColumn: Column<WaitSummary> = { head: 'KIND', of: (row) => row.kind, fold: 'same', show: asIs };
const waitColumns: readonly Column<WaitSummary>[] = [
  { head: 'WAITS', of: (row) => row.waits, fold: 'sum', show: count },
  { head: 'WAITED ms', of: (row) => row.waitTime, fold: 'sum', show: time },
  { head: 'LONGEST ms', of: (row) => row.longestWait, fold: 'max', show: time },
];

/** The lines of one table; none if it has no rows. */
function table<R extends Waited>(
  title: string,
  rows: readonly R[],
  nameOf: (row: R, folding: boolean) => string,
  order: (a: Line, b: Line) => number,
  columns: readonly Column<R>[],
): string[] {
  if (rows.length === 0) return [];
  const folding = rows.length > MOST_ROWS;
  const groups = new Map<unknown, R[]>();
  for (const row of rows) {
    const key = folding ? nameOf(row, true) : row;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  const lines = [...groups.values()].map((group) => foldTogether(group, nameOf, columns));
  const shown = lines.length > MOST_ROWS ? lines.sort(byWaiting).slice(0, MOST_ROWS) : lines.sort(order);
  const text = layOut(
    [title, ...columns.map(({ head }) => head)],
    shown.map((line) => [
      line.rows === 1 ? line.name : `${line.name} ×${count(line.rows)}`,
      ...columns.map((column, index) => cell(line.values[index] ?? null, column)),
    ]),
    1 + columns.filter(({ show }) => show === asIs).length,
  );
  const more = lines.length - shown.length;
  return more === 0 ? text : [...text, `… and ${count(more)} more`];
}

function foldTogether<R extends Waited>(
  group: readonly R[],
  nameOf: (row: R, folding: boolean) => string,
  columns: readonly Column<R>[],
): Line {
  const [first] = group;
  return {
    name: first === undefined ? '' : nameOf(first, group.length > 1),
    rows: group.length,
    values: columns.map(({ of, fold }) => group.map(of).reduce((a, b) => foldValues(a, b, fold))),
    weight: group.reduce((sum, row) => sum + row.waitTime, 0),
  };
}

const MIXED = 'mixed';

function foldValues(
  a: number | string | null,
  b: number | string | null,
  fold: Column<never>['fold'],
): number | string | null {
  if (fold === 'same') return a === b ? a : MIXED;
  if (typeof a !== 'number') return b;
  if (typeof b !== 'number') return a;
  return fold === 'sum' ? a + b : Math.max(a, b);
}

function byWaiting(a: Line, b: Line): number {
  return b.weight - a.weight;
}

/** Leaves lines as they are. */
function byNothing(): number {
  return 0;
}

function cell(value: number | string | null, { show, none = '-' }: Column<never>): string {
  return value === null ? none : show(value);
}

/** Without the kind, which has a column of its own: `Lock (src/bank.ts:3:14)` is `src/bank.ts:3:14`. */
function ownName({ kind, name }: WaitSummary): string {
  return name.startsWith(`${kind} (`) && name.endsWith(')') ? name.slice(kind.length + 2, -1) : name;
}

/** Threads are named after their target and their number by default; when they are folded, after the target alone. */
function threadName({ id, name }: { id: number; name: string }, folding: boolean): string {
  const number = `-${String(id)}`;
  return folding && name.endsWith(number) ? name.slice(0, -number.length) : name;
}

function number(of: number, what: string): string {
  return `${count(of)} ${what}${of === 1 ? '' : 's'}`;
}

function asIs(value: number | string): string {
  return String(value);
}

/** A whole number, its thousands set apart. */
function count(value: number | string): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Milliseconds to a hundredth. */
function time(value: number | string): string {
  const [whole = '0', fraction = '00'] = Number(value).toFixed(2).split('.');
  return `${count(whole)}.${fraction}`;
}
