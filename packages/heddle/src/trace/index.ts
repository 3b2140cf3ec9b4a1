/**
 * `heddle/trace`: what threads waited for, how long locks were held and what went through queues.
 */
export { startProfiling } from './start-profiling.js';
export type { LockSummary, QueueSummary, Summary, ThreadSummary, WaitSummary } from './summary.js';
export { summary } from './summary.js';
export { formatSummary } from './format-summary.js';
export { drawReport } from './draw-report.js';
export { drawReportAsSvg } from './draw-svg.js';
