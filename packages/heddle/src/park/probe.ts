/**
 * The seam through which tools watch the primitives at work. While no tool is there, it costs one comparison.
 *
 * Tools see the production primitives; there is no second implementation for them.
 */
export interface Probe {
  /** The thread has got what guards: a lock, a read or write side, a permit. Called right after. */
  acquired(object: number): void;
  /** The thread is about to give it back. */
  released(object: number): void;
  /** An item has gone into a queue or come out of it. Called under the queue's mutex. */
  passed(object: number): void;
}

/** The tool that watches this thread, if any. */
export let probe: Probe | undefined;

/** Lets a tool watch this thread. */
export function setProbe(tool: Probe | undefined): void {
  probe = tool;
}
