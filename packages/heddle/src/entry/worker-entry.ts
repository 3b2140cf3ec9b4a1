/** The first module of every worker that runs threads. */
import './barrier-targets.js';
import './kinds.js';
import { redirectOutput } from '../platform/console.js';
import { writeWhole } from './output.js';
import { serve } from './run.js';

redirectOutput(writeWhole);
await serve();
