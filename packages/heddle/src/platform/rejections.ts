/** Rejected promises that nobody handles. */

/**
 * Lets the runtime report those there are by now (`unhandledRejection`), and what it has to do before that; timers do
 * not run meanwhile.
 */
export function reportRejections(): Promise<void> {
  const { _tickCallback: drain } = process as { _tickCallback?: () => void };
  return new Promise((resolve) => {
    // Node reports them when all microtasks and ticks are done, by a function that is not documented, but old and
    // public. Without it, only a turn of the event loop comes late enough; a timer that is due runs then.
    if (drain === undefined) {
      setImmediate(resolve);
      return;
    }
    process.nextTick(() => {
      drain();
      resolve();
    });
  });
}
