/** What a thread tells the supervisor the first time that it takes a lock while it holds these others. */
import type { Side } from '../park/probe.js';

/** How the supervisor knows whose question it is. */
export const TOOL = 'lock-order';

/** A lock in a chain. Plain data: it crosses in a message. */
export interface Link {
  /** Its serial number, which is never reused. */
  readonly serial: number;
  /** Its class: its kind, and its name or the line that made it. */
  readonly lockClass: string;
  /** Whether a name makes it stand for its class; else it stands for itself. */
  readonly named: boolean;
  readonly kind: string;
  readonly name: string;
  /** The level given by `order(n)`, or 0. */
  readonly level: number;
  readonly side: Side;
  /** Where it was taken, the user's frames first. */
  readonly stack: string;
}

/** A thread takes `wanted` while it holds `held`. */
export interface Taking {
  readonly thread: number;
  readonly threadName: string;
  readonly held: readonly Link[];
  readonly wanted: Link;
  /** Whether the supervisor reports what it finds; else the thread waits for the answer and throws. */
  readonly report: boolean;
}

/** One thread took `to` while it held `from` and the others. */
export interface Witness {
  readonly from: Link;
  readonly to: Link;
  readonly others: readonly Link[];
  readonly thread: number;
  readonly threadName: string;
}
