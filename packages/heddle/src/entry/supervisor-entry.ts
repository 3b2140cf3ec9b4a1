/** The first module of the supervisor. */
import './kinds.js';
import { supervise } from './supervisor.js';

supervise();
