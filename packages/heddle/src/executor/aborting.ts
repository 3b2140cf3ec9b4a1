/** Many tasks may be cancelled by one signal: it is listened to once, since the runtime warns of more than a few listeners. */

import { neverQuietWhile } from '../park/quiet.js';

const heard = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `action` when a signal aborts, or now if it has. Returns what takes that back. */
export function onAbort(signal: AbortSignal, action: () => void): () => void {
  if (signal.aborted) action();
  const actions = heard.get(signal) ?? listen(signal);
  actions.add(action);
  waiting++;
  return () => {
    if (actions.delete(action)) waiting--;
  };
}

/** How many actions may come yet. A signal may abort by itself, when a time has come that keeps no event loop turning. */
let waiting = 0;
neverQuietWhile(() => waiting > 0);

function listen(signal: AbortSignal): Set<() => void> {
  const actions = new Set<() => void>();
  heard.set(signal, actions);
  signal.addEventListener(
    'abort',
    () => {
      for (const action of actions) action();
    },
    { once: true },
  );
  return actions;
}
