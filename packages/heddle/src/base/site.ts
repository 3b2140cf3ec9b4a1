/** The line of the user's own code that called into heddle. */
import { fileURLToPath } from 'node:url';

/** Where this copy of heddle lives, as frames name it, also through source maps: frames from there are not the user's. */
function ownFolders(): readonly string[] {
  return (own ??= ['.', '../src/'].flatMap((folder) => {
    const url = new URL(folder, import.meta.url);
    return [url.href, fileURLToPath(url)];
  }));
}

let own: readonly string[] | undefined;

function isOwn(frame: string): boolean {
  return ownFolders().some((folder) => frame.includes(folder));
}

/**
 * `file:line:column` of who called `callee`, or an empty string. Costs some microseconds: only the frames that are
 * needed are captured, since printing each one costs.
 */
export function callerSite(callee: new (...args: never[]) => unknown): string {
  return withFrames(2, () => {
    const holder: { stack?: string } = {};
    Error.captureStackTrace(holder, callee);
    return siteIn(holder.stack ?? '');
  });
}

/** Does something that captures stacks, of which each gets at most so many frames. */
export function withFrames<R>(frames: number, action: () => R): R {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = frames;
  try {
    return action();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** The first frame of `stack` that is not heddle's own, as `file:line:column`, or an empty string. */
export function siteIn(stack: string): string {
  for (const line of stack.split('\n')) {
    const frame = /^\s+at (?:.*\()?(.+?:\d+:\d+)\)?$/.exec(line)?.[1];
    if (frame === undefined || isOwn(frame) || frame.startsWith('node:')) continue;
    return frame.replace(/^file:\/\//, '');
  }
  return '';
}

function isFrame(line: string): boolean {
  return /^\s+at /.test(line);
}

/** Whether a frame is the user's: neither heddle's own nor one of the runtime's inner ones. */
function isUsers(frame: string): boolean {
  return !isOwn(frame) && !/\(?node:internal/.test(frame);
}

/** The frames of `stack` from the user's code downward, without the message and heddle's own frames. */
export function userFrames(stack: string): string[] {
  return stack.split('\n').filter((line) => isFrame(line) && isUsers(line));
}

/** `stack` without heddle's own frames below the user's. If all are heddle's own, they are what there is to say. */
export function withoutOwnFrames(stack: string): string {
  const lines = stack.split('\n');
  const last = lines.findLastIndex((line) => !isFrame(line) || isUsers(line));
  return isFrame(lines[last] ?? '') ? lines.slice(0, last + 1).join('\n') : stack;
}

/** A site as people read it: the file's last two folders are enough. */
export function shortSite(site: string): string {
  const parts = site.split('/');
  return parts.length > 2 ? parts.slice(-2).join('/') : site;
}
