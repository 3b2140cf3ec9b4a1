/**
 * The note that a program run by `heddle run` leaves at its end: a file of JSON, whose path it is given in the
 * environment.
 */
import type { Summary } from '../trace/index.js';

/** The variable with the path of the note. It is taken out of the environment before the program begins. */
export const NOTE = 'HEDDLE_RUN_NOTE';

export type Note =
  | { readonly kind: 'summary'; readonly summary: Summary }
  /** The program could not be loaded. `line` is in the program itself. */
  | { readonly kind: 'syntax'; readonly line: number; readonly message: string }
  | { readonly kind: 'typescript' };
