/** Runs one program in a process of its own, and sends what it measured to the process that started it. */
import { call } from './call.js';
import type { NodeProgram } from './program.js';
import type { Effort } from './effort.js';

const [program = '', effort = ''] = process.argv.slice(2);
const figures = await call(JSON.parse(program) as NodeProgram, JSON.parse(effort) as Effort);
process.send?.(figures, () => process.disconnect());
