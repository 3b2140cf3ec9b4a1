/**
 * Lets philosophers dine: each needs the two forks beside his plate, and shares each with a neighbour.
 *
 *     npm run example -- philosophers [PHILOSOPHERS [PORTIONS]]
 *
 * If all took the left fork and then waited for the right one, nobody would ever eat again. So the forks have an
 * order, and everybody takes the earlier one of his two first: then no circle of waiting can close. Any order does
 * that. This one, even numbers before odd ones, is fair as well: it leaves no long rows of neighbours in which each
 * holds a fork and waits for the next.
 */
import { Atomic, Barrier, isMain, Lock, sharedArray, ThreadGroup } from 'heddle';

export interface Table {
  forks: Lock[];
  /** Who eats with each fork, counted from one; 0 is nobody. Guarded by the fork. */
  eaters: Int32Array;
  portions: Atomic<'i32'>;
  allSeated: Barrier;
}

/** What each thread does: thinks and eats by turns until the pot is empty. Returns how often it has eaten. */
export function dine(philosopher: number, { forks, eaters, portions, allSeated }: Table): number {
  const [first, second] = forksOf(philosopher, forks.length);
  allSeated.wait();
  for (let meals = 0; ; meals += 1) {
    ponder();
    using _first = forks[first]!.acquire();
    using _second = forks[second]!.acquire();
    if (portions.sub(1) <= 0) return meals;
    for (const fork of [first, second]) {
      if (eaters[fork] !== 0)
        throw new Error(`philosophers ${eaters[fork]} and ${philosopher} share fork ${fork}`);
      eaters[fork] = philosopher;
    }
    ponder();
    eaters[first] = eaters[second] = 0;
  }
}

/** The numbers of the two forks, the one to take first before the other. */
function forksOf(philosopher: number, count: number): [first: number, second: number] {
  const [left, right] = [philosopher - 1, philosopher % count];
  const isLeftFirst = left % 2 === right % 2 ? left < right : left % 2 === 0;
  return isLeftFirst ? [left, right] : [right, left];
}

/** Takes some microseconds. */
function ponder(): number {
  let thought = 1;
  for (let n = 0; n < 2000; n += 1) thought += Math.sqrt(thought + n);
  return thought;
}

if (isMain(import.meta)) {
  const given = process.argv.slice(2).map(Number);
  const [count = 5, portions = 50_000] = given;
  const isWhole = given.length <= 2 && given.every(Number.isInteger);
  if (!isWhole || count < 2 || count > 100 || portions < 1 || portions > 1e7) {
    console.error('philosophers: give 2 to 100 philosophers and 1 to 10,000,000 portions, in this order');
    process.exit(2);
  }
  const table: Table = {
    forks: Array.from({ length: count }, (_, n) => new Lock({ name: `fork ${n}` })),
    eaters: sharedArray('i32', count),
    portions: new Atomic('i32', portions),
    allSeated: new Barrier(count),
  };
  using group = new ThreadGroup();
  const threads = table.forks.map((_, n) => group.spawn(dine, n + 1, table));
  for (const [n, thread] of threads.entries()) {
    const meals = thread.join();
    const bar = '#'.repeat(Math.round((20 * meals * count) / portions));
    console.log(`philosopher ${String(n + 1).padStart(3)} ate ${String(meals).padStart(8)} times ${bar}`);
  }
}
