/** When this thread's own clock began. Asking for it each time would take as long as asking for the time. */
let origin = 0;

/** Begins to tell the time: before that, the runtime need not even load its clock. */
export function startClock(): void {
  origin = performance.timeOrigin;
}

/** Milliseconds on one clock that all threads of the program share, with a fraction. */
export function sharedNow(): number {
  return origin + performance.now();
}

/** Milliseconds on this thread's own clock, for deadlines and durations. */
export function now(): number {
  return performance.now();
}
