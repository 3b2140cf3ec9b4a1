/** The first module of every worker that runs threads. */
import './barrier-targets.js';
import './kinds.js';
import { takeOverOutput } from './output.js';
import { serve } from './run.js';

takeOverOutput();
await serve();
