/**
 * The seam through which tools watch the primitives at work. While no tool is there, it costs one comparison.
 *
 * Tools see the production primitives; there is no second implementation for them.
 */
export interface Probe {
  /**
   * The thread is about to take a lock and would block for it without end: not in a try, an awaited wait or one with a
   * timeout. Called before the first attempt. What it throws leaves the lock as it was.
   */
  acquiring?(object: number, side: Side): void;
  /** The thread has got what guards: a lock, a read or write side, a permit. Called right after. */
  acquired(object: number, side: Side): void;
  /** The thread is about to give it back. */
  released(object: number, side: Side): void;
  /** An item has gone into a queue or come out of it. Called under the queue's mutex. */
  passed?(object: number): void;
}

/** How something is held: alone, or together with other readers. */
export const Side = { WHOLE: 0, READ: 1 } as const;
export type Side = (typeof Side)[keyof typeof Side];

/** The tool that watches this thread, if any; several are one that passes on what it is told. */
export let probe: Probe | undefined;

/** Lets a tool watch this thread, beside those that do already. */
export function addProbe(tool: Probe): void {
  const before = probe;
  probe = before === undefined ? tool : both(before, tool);
}

function both(first: Probe, second: Probe): Probe {
  return {
    acquiring(object, side) {
      first.acquiring?.(object, side);
      second.acquiring?.(object, side);
    },
    acquired(object, side) {
      first.acquired(object, side);
      second.acquired(object, side);
    },
    released(object, side) {
      first.released(object, side);
      second.released(object, side);
    },
    passed(object) {
      first.passed?.(object);
      second.passed?.(object);
    },
  };
}
