/**
 * How a barrier's action is named and found again in another thread. Targets are the thread layer's business, which
 * lies above; it plugs its own two functions in here.
 */
import { freePayload, readPayload, writePayload } from '../memory/payload.js';

/** Names functions and finds them again. */
export interface ActionTargets {
  /** A description that can cross to other threads. @throws TargetError */
  describe(action: () => unknown): unknown;
  /** The function so described, found without awaiting. @throws TargetError */
  load(description: unknown): () => unknown;
}

let targets: ActionTargets | undefined;

/** Says how actions are named and found. */
export function setActionTargets(theirs: ActionTargets): void {
  targets = theirs;
}

/** Names an action for all threads; returns the payload that does. */
export function describeAction(action: () => unknown): number {
  return writePayload(targets?.describe(action), 'action');
}

/** The action that a payload names, or undefined for payload 0. */
export function loadAction(payload: number): (() => unknown) | undefined {
  return payload === 0 ? undefined : targets?.load(readPayload(payload));
}

/** Gives a payload of {@link describeAction} back. */
export function forgetAction(payload: number): void {
  if (payload !== 0) freePayload(payload);
}
