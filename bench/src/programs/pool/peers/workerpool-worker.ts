/** The threads of workerpool.ts. */
import { worker } from 'workerpool';
import * as tasks from '../tasks.js';

worker({ ...tasks });
