/** Lets barriers name their actions as threads name their targets. Importing this module is all it takes. */
import { setActionTargets } from '../sync/barrier-action.js';
import { findTargetSync } from './find-target.js';
import { describeTarget } from './target.js';
import type { AnyFunction, TargetRef } from './target-ref.js';

/** Actions of barriers made in this thread: here they need not be found, and are the very function that was given. */
const local = new Map<string, WeakRef<AnyFunction>>();

setActionTargets({
  describe(action) {
    const ref = describeTarget(action);
    local.set(keyOf(ref), new WeakRef(action));
    return ref;
  },
  load(description) {
    const ref = description as TargetRef;
    return (local.get(keyOf(ref))?.deref() as (() => unknown) | undefined) ?? findTargetSync(ref);
  },
});

function keyOf(ref: TargetRef): string {
  return JSON.stringify([ref.module, ref.kind === 'module' ? ref.name : '', ref.source]);
}
