/** What the supervisor loads when it has started: all kinds of shared objects, and what it does. */
import '../executor/kinds.js';

export type { EarlyWorker } from '../thread/supervisor.js';
export { supervise } from '../thread/supervisor.js';
