/** Rejected promises that nobody handles. */

/** A function of node's that is not documented, but old and public: it works off ticks, microtasks and rejections. */
const { _tickCallback: workOff } = process as { _tickCallback?: () => void };

/**
 * Does now what ticks and microtasks are waiting, and lets the runtime report rejections that nobody handles. Only for a
 * callback of the event loop: within a microtask, what would handle a rejection has not run yet. In a runtime that has no
 * such thing it does nothing.
 */
export function workOffMicrotasks(): void {
  workOff?.();
}

/**
 * Lets the runtime report those there are by now (`unhandledRejection`), and what it has to do before that; timers do
 * not run meanwhile.
 */
export function reportRejections(): Promise<void> {
  return new Promise((resolve) => {
    // Without it, only a turn of the event loop comes late enough; a timer that is due runs then.
    if (workOff === undefined) {
      setImmediate(resolve);
      return;
    }
    process.nextTick(() => {
      workOff();
      resolve();
    });
  });
}
