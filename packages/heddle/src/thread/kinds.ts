/** Loads every kind of shared object, so that a handle of any kind can be received, and freed, in any thread. */
import './world.js';
import '../memory/foreign.js';
import '../queue/queue.js';
import '../shared/atomic.js';
import '../shared/struct-class.js';
import '../sync/barrier.js';
import '../sync/condition.js';
import '../sync/event.js';
import '../sync/latch.js';
import '../sync/lock.js';
import '../sync/once.js';
import '../sync/rlock.js';
import '../sync/rwlock.js';
import '../sync/semaphore.js';
import './thread-group.js';
import './thread.js';
import './timer.js';
