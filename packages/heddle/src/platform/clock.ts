/** When this thread's own clock began. Asking for it each time would take as long as asking for the time. */
const origin = performance.timeOrigin;

/** Milliseconds on one clock that all threads of the program share, with a fraction. */
export function sharedNow(): number {
  return origin + performance.now();
}

/** Milliseconds on this thread's own clock, for deadlines and durations. */
export function now(): number {
  return performance.now();
}
