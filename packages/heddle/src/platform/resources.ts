/** What keeps the event loop of this thread turning. */

/** How much is open, by kind: timers, handles, requests. */
export type Resources = ReadonlyMap<string, number>;

export function openResources(): Resources {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** Whether nothing is open now but what was then. */
export function isNothingOpenBut(then: Resources): boolean {
  for (const [kind, count] of openResources()) if (count > (then.get(kind) ?? 0)) return false;
  return true;
}

/** The runtime tells of pipes and terminals also if nobody reads them. */
const PERHAPS: ReadonlySet<string> = new Set(['PipeWrap', 'TTYWrap']);

/** The kinds of what keeps the event loop turning for sure, each as often as there are some. */
export function surelyOpen(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => !PERHAPS.has(kind));
}

/** The same, but for the timer by which heddle keeps the event loop turning while something is awaited. */
export function surelyOpenToo(): string[] {
  const kinds = surelyOpen();
  const own = kinds.indexOf('Timeout');
  if (own >= 0) kinds.splice(own, 1);
  return kinds;
}
