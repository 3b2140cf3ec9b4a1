import { type Target, timesAsFast } from '../harness/target.js';

/** Many more threads than cores. */
export const MANY = 64;

/** So many threads do at least half as much as two. */
export const notCollapsed: Target = timesAsFast(0.5, '2 threads');
