/** What the supervisor loads when it has started: all kinds of shared objects, and what it does. */
import '../detect/dump-service.js';
import '../detect/order-service.js';
import '../executor/kinds.js';
import { watch } from '../detect/detector.js';
import type { Request } from '../thread/protocol.js';
import type { EarlyWorker } from '../thread/supervisor.js';
import * as thread from '../thread/supervisor.js';

export type { EarlyWorker } from '../thread/supervisor.js';

/** Serves requests, and looks for deadlocks. */
export function supervise(first?: Request | EarlyWorker): void {
  thread.supervise(first);
  void watch();
}
