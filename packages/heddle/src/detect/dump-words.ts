/** A dump of all threads: as data, and in words. */
import { describeReportedThread } from '../base/describe-report.js';
import type { ReportedThread } from '../base/report.js';

/** What a thread does. */
export interface DumpedThread extends ReportedThread {
  readonly daemon: boolean;
  /** Of a thread that awaits: what else its event loop waits for, by the kinds that the runtime tells of. */
  readonly open?: readonly string[];
}

/** What all threads do at one time. */
export interface ThreadDump {
  /** When, in milliseconds since 1970. */
  readonly time: number;
  readonly threads: readonly DumpedThread[];
  /** The same in words. */
  toString(): string;
}

/** The name under which threads ask for a dump. */
export const TOOL = 'dump';

/** A dump in words, for terminals of 100 columns. */
export function describeDump({ time, threads }: ThreadDump): string {
  const count = `${String(threads.length)} ${threads.length === 1 ? 'thread' : 'threads'}`;
  return [`${count} at ${new Date(time).toISOString()}`, ...threads.map(describeThread)].join('\n');
}

function describeThread(thread: DumpedThread): string {
  const lines = [describeReportedThread(thread)];
  if (thread.daemon) lines.push('    is a daemon');
  if (thread.open !== undefined && thread.open.length > 0)
    lines.push(`    may go on: its event loop also waits for ${thread.open.join(', ')}`);
  if (thread.stack !== undefined && thread.stack !== '') lines.push(thread.stack);
  return lines.join('\n');
}
