/** Reports in words, for terminals of 100 columns. */
import type { Report, ReportedHold, ReportedThread, ReportedWait, Site } from './report.js';
import { shortSite } from './site.js';

const WIDTH = 100;

/**
 * A report as text without colours: what happened, then a paragraph for each thread, then what to do. The message of a
 * DeadlockError is this.
 */
export function describeReport(report: Report): string {
  const paragraphs = [fold(report.summary, ''), ...report.threads.map(describeReportedThread)];
  if (report.advice !== '') paragraphs.push(fold(`What to do: ${report.advice}`, ''));
  return paragraphs.join('\n');
}

/** A thread, what it waits for and what it holds, a line each. */
export function describeReportedThread(thread: ReportedThread): string {
  const waits = [
    ...(thread.waitsFor === undefined ? [] : [thread.waitsFor]),
    ...(thread.alsoWaitsFor ?? []),
  ].map(describeWait);
  const facts = [...waits, ...thread.holds.map(describeHold)];
  const head = `  ${titleOfThread(thread)}${waits.length === 0 ? ` is ${thread.state}` : ''}`;
  return [fold(head, '  '), ...facts.map((fact) => fold(`    ${fact}`, '      '))].join('\n');
}

function describeWait(wait: ReportedWait): string {
  return `waits for ${titleOfResource(wait)} since ${duration(wait.since)}${at(wait.site)}`;
}

function describeHold(hold: ReportedHold): string {
  return `holds ${titleOfResource(hold)}${hold.site === undefined ? '' : `, taken${at(hold.site)}`}`;
}

/** How reports call a thread. */
export function titleOfThread({ id, name }: { readonly id: number; readonly name: string }): string {
  return `thread ${JSON.stringify(name)} (${String(id)})`;
}

/** How reports call what is waited for or held: a name given by default says what it is already. */
export function titleOfResource({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return name === kind || name.startsWith(`${kind} (`) ? name : `${kind} ${JSON.stringify(name)}`;
}

/** A place as people read it: the file with its last folder, and the line. */
export function describeSite({ file, line }: Site): string {
  return `${shortSite(file.replaceAll('\\', '/'))}:${String(line)}`;
}

function at(site: Site | undefined): string {
  return site === undefined ? '' : ` at ${describeSite(site)}`;
}

/** Milliseconds, as people say it. */
function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${String(Math.round(milliseconds))} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${String(minutes)} min ${String(Math.floor(seconds % 60))} s`;
  return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
}

/** Breaks a line at blanks; the lines after the first begin with `indent`. What has no blank stays whole. */
function fold(text: string, indent: string): string {
  return text
    .split('\n')
    .map((line) => foldLine(line, indent))
    .join('\n');
}

function foldLine(line: string, indent: string): string {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > WIDTH) {
    const start = /\S/.exec(rest)?.index ?? 0;
    const last = rest.lastIndexOf(' ', WIDTH);
    const end = last > start ? last : rest.indexOf(' ', WIDTH);
    if (end === -1) break;
    lines.push(rest.slice(0, end));
    rest = indent + rest.slice(end + 1);
  }
  return [...lines, rest].join('\n');
}
