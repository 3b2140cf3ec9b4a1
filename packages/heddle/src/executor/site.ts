/**
 * Where tasks are submitted, for the errors of their futures.
 *
 * Asking the engine for a place costs more than all else that submitting takes. So of the tasks that are submitted in one
 * turn of the event loop, only the first few of each function are asked for; the others are said to come from where the
 * last of those did, which is mostly true: they come from one loop.
 */
import { shortSite, siteIn, userFrames, withFrames, withoutOwnFrames } from '../base/site.js';

/** How many submissions of one function are looked at in one turn. */
const MOST = 4;
/** How many frames are kept. */
const FRAMES = 8;

/** A place, which the engine writes down when it is first asked for. */
export interface Site {
  readonly stack?: string;
}

/** What is known of where a function is submitted. */
export interface Sites {
  turn: number;
  count: number;
  last: Site;
}

let turn = 0;
let ending = false;

/** Says that another turn of the event loop has begun, once this one has ended. */
function renewLater(): void {
  if (ending) return;
  ending = true;
  setImmediate(() => {
    ending = false;
    turn++;
  });
}

/** A function of which nothing is known yet. */
export function noSites(): Sites {
  return { turn: -1, count: 0, last: {} };
}

/** The place that submits a function now, or the last one that is known of it. */
export function siteOf(sites: Sites): Site {
  if (sites.turn !== turn) {
    sites.turn = turn;
    sites.count = 0;
    renewLater();
  }
  if (sites.count >= MOST) return sites.last;
  sites.count++;
  const site: Site = {};
  withFrames(FRAMES, () => {
    Error.captureStackTrace(site, siteOf);
  });
  sites.last = site;
  return site;
}

/** The frames of a place, the user's own. */
function framesOf(site: Site): string[] {
  return userFrames(site.stack ?? '');
}

/** A place in a few words, or nothing. */
export function placeOf(site: Site): string {
  return shortSite(siteIn(site.stack ?? ''));
}

/** Leaves the user's own frames in the stack of an error of a task's, if that can be changed. */
export function showUserFrames(error: unknown): void {
  if (!(error instanceof Error)) return;
  try {
    if (typeof error.stack === 'string') error.stack = withoutOwnFrames(error.stack);
  } catch {
    // It is frozen, or has a stack of its own making: it crosses as it is.
  }
}

/** Adds to an error from a task where that was submitted. */
export function addSite(error: unknown, site: Site): void {
  if (!(error instanceof Error)) return;
  const frames = framesOf(site);
  if (frames.length === 0) return;
  error.stack = [error.stack, '    --- submitted at: ---', ...frames].join('\n');
}
