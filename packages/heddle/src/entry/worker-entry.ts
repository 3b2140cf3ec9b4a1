/** The first module of every worker that runs threads. */
import '../executor/kinds.js';
import '../thread/barrier-targets.js';
import '../thread/kinds.js';
import { i32 } from '../memory/heap.js';
import { Header } from '../memory/layout.js';
import { redirectOutput } from '../platform/console.js';
import { writeWhole } from '../thread/output.js';
import { serve } from '../thread/run.js';
import { speakThrough } from '../thread/upward.js';
import { enterWorld } from '../thread/world.js';

speakThrough(enterWorld().port);
redirectOutput(writeWhole);
// Set before the first thread, if at all: workers never meet the change.
if (i32[Header.PROFILING] === 1) (await import('../trace/profile.js')).profileThisThread();
if (i32[Header.LOCK_ORDER] !== 0) (await import('../detect/lock-order.js')).watchThisThread();
if (i32[Header.SITES] === 1) await import('../detect/sites.js');
await serve();
