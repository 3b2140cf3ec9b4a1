/**
 * Keeps this thread's event loop turning while something is awaited that the platform does not count, such as a
 * pending Atomics.waitAsync, which alone would let the program end.
 */
let holders = 0;
let timer: NodeJS.Timeout | undefined;

/** One more reason to stay alive. */
export function hold(): void {
  if (holders++ > 0) return;
  // A timer that never matters: 24 days, the longest there is. Made once, then only referenced anew.
  if (timer === undefined) timer = setInterval(() => undefined, 0x7fff_ffff);
  else timer.ref();
}

/** One reason less. */
export function letGo(): void {
  if (--holders === 0) timer?.unref();
}
