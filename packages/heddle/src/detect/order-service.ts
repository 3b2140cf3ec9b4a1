/** The checker's side in the supervisor: answers what threads tell of the order of their locks. */
import { emitReport } from '../thread/reports.js';
import { answerFor } from '../thread/tools.js';
import { learn } from './order-graph.js';
import { type Taking, TOOL } from './order-taking.js';

answerFor(TOOL, (question) => {
  const taking = question as Taking;
  const report = learn(taking);
  if (report !== undefined) emitReport(report);
  return taking.report ? undefined : report;
});
