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
