/** The line of the user's own code that called into heddle. */

/** Where this copy of heddle lives: frames from here are ours, all others are the user's. */
function ownFolder(): string {
  own ??= new URL('.', import.meta.url).href;
  return own;
}

let own: string | undefined;

/**
 * `file:line:column` of who called `callee`, or an empty string. Costs some microseconds: only the frames that are
 * needed are captured, since printing each one costs.
 */
export function callerSite(callee: new (...args: never[]) => unknown): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 2;
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, callee);
  const stack = holder.stack;
  Error.stackTraceLimit = limit;
  return siteIn(stack ?? '');
}

/** The first frame of `stack` that is not heddle's own. */
function siteIn(stack: string): string {
  for (const line of stack.split('\n')) {
    const frame = /^\s+at (?:.*\()?(.+?:\d+:\d+)\)?$/.exec(line)?.[1];
    if (frame === undefined || frame.startsWith(ownFolder()) || frame.startsWith('node:')) continue;
    return frame.replace(/^file:\/\//, '');
  }
  return '';
}

/** The frames of `stack` from the user's code downward, without the message and heddle's own frames. */
export function userFrames(stack: string): string[] {
  return stack
    .split('\n')
    .filter(
      (line) => /^\s+at /.test(line) && !line.includes(ownFolder()) && !line.includes('(node:internal'),
    );
}

/** A site as people read it: the file's last two folders are enough. */
export function shortSite(site: string): string {
  const parts = site.split('/');
  return parts.length > 2 ? parts.slice(-2).join('/') : site;
}
