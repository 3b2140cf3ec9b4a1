/** Loads the kinds of shared objects of this layer, and what the threads of pools run. */
import './future.js';
import './leftovers.js';
import './pool-thread.js';
import './thread-pool.js';
import './unfinished.js';
