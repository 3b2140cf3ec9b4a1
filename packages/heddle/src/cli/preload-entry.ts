/**
 * Loaded by node before a program that `heddle run` runs: switches profiling on, and leaves a note at the end.
 *
 * Threads, and processes that the program forks, load it too, since they are given node's options. There it does
 * nothing; so nothing more is imported before that is clear.
 */
import { NOTE } from './note.js';

const note = process.env[NOTE];
if (note !== undefined) {
  Reflect.deleteProperty(process.env, NOTE);
  forgetOption(import.meta.url);
  const { profileProgram } = await import('./profile-program.js');
  await profileProgram(note);
}

/** Takes this module out of node's options, for those who pass them on. */
function forgetOption(module: string): void {
  const at = process.execArgv.indexOf(module);
  if (at > 0) process.execArgv.splice(at - 1, 2);
}
