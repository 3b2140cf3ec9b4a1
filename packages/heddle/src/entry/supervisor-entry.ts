/** The first module of the supervisor. */
import '../thread/kinds.js';
import { supervise } from '../thread/supervisor.js';

supervise();
