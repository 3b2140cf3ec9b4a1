/**
 * Lets philosophers starve, and shows what heddle says of it.
 *
 *     npm run example -- deadlock [PHILOSOPHERS]
 *
 * Each takes the fork on his left and then waits for the one on his right: they all wait for each other in a circle. The one
 * who closes it gets a DeadlockError; he puts his fork down on his way out, and the others eat. `philosophers` does it right.
 */
import { Barrier, DeadlockError, isMain, Lock, type Report, ThreadGroup } from 'heddle';
import { drawReport } from 'heddle/trace';

/** Takes both forks, the left one first. Returns what is said if that cannot be, else nothing. */
export function eat(
  left: Lock,
  right: Lock,
  allHaveOne: Barrier,
): { message: string; report: Report } | null {
  using _left = left.acquire();
  allHaveOne.wait();
  try {
    using _right = right.acquire();
    return null;
  } catch (error) {
    if (!(error instanceof DeadlockError) || error.report === undefined) throw error;
    return { message: error.message, report: error.report };
  }
}

if (isMain(import.meta)) {
  const count = Number(process.argv[2] ?? 3);
  if (!Number.isInteger(count) || count < 2 || count > 100) {
    console.error('deadlock: give 2 to 100 philosophers');
    process.exit(2);
  }
  const forks = Array.from({ length: count }, (_, n) => new Lock({ name: `fork ${n}` }));
  const allHaveOne = new Barrier(count);
  using group = new ThreadGroup();
  const threads = forks.map((fork, n) => group.spawn(eat, fork, forks[(n + 1) % count]!, allHaveOne));
  for (const [n, thread] of threads.entries()) {
    const told = thread.join();
    if (told === null) continue;
    console.log(
      `philosopher ${n + 1} got a DeadlockError, and the other ${count - 1} ate:\n\n${told.message}\n`,
    );
    console.log(drawReport(told.report));
  }
}
