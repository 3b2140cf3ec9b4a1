import type { Effort, Figures, Program } from './effort.js';
import type { NodeProgram } from './program.js';

/** Calls a program in this process. @throws Error if there is none of that name */
export async function call(ref: NodeProgram, effort: Effort): Promise<Figures> {
  const path = `${ref.world}/${ref.module}`;
  const module = (await import(new URL(`../programs/${path}.js`, import.meta.url).href)) as Record<
    string,
    Program | undefined
  >;
  const program = module[ref.name];
  if (program === undefined) throw new Error(`programs/${path}.ts exports no ${ref.name}`);
  return program(effort, ref.options as never);
}
