/** The threads of poolifier.ts. */
import { type TaskFunctions, ThreadWorker } from 'poolifier';
import * as tasks from '../tasks.js';

export default new ThreadWorker<unknown, unknown>({ ...tasks } as TaskFunctions);
