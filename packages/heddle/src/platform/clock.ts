/** Milliseconds on one clock that all threads of the program share, with a fraction. */
export function sharedNow(): number {
  return performance.timeOrigin + performance.now();
}

/** Milliseconds on this thread's own clock, for deadlines and durations. */
export function now(): number {
  return performance.now();
}
