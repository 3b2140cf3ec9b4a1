/** Names a program: where it lives, which function it is, and with what options it is called. */
export type ProgramRef = NodeProgram | PythonProgram;

/** Option values are JSON: they cross to another process. */
export type ProgramOptions = Readonly<Record<string, number | string | boolean>>;

/** A function that `programs/WORLD/MODULE.ts` exports. */
export interface NodeProgram extends Named {
  readonly world: 'heddle' | 'raw' | 'worker' | 'node' | 'pool';
}

/** A function of `python/programs/MODULE.py`. */
export interface PythonProgram extends Named {
  readonly world: 'python';
}

interface Named {
  readonly module: string;
  readonly name: string;
  readonly options: ProgramOptions;
}

/** A program that uses heddle. `path` is MODULE.FUNCTION. */
export const heddle = (path: string, options: ProgramOptions = {}): NodeProgram => ({
  world: 'heddle',
  ...parts(path),
  options,
});

/** The same on shared memory and Atomics alone: the limit. */
export const raw = (path: string, options: ProgramOptions = {}): NodeProgram => ({
  world: 'raw',
  ...parts(path),
  options,
});

/** The same with node's workers and message ports. */
export const worker = (path: string, options: ProgramOptions = {}): NodeProgram => ({
  world: 'worker',
  ...parts(path),
  options,
});

/** Something of node alone to compare with. */
export const node = (path: string, options: ProgramOptions = {}): NodeProgram => ({
  world: 'node',
  ...parts(path),
  options,
});

/** The same on a pool: that of `programs/pool/peers/PEER.ts`. */
export const pool = (peer: string, path: string, options: ProgramOptions = {}): NodeProgram => ({
  world: 'pool',
  ...parts(path),
  options: { peer, ...options },
});

/** The same in CPython. */
export const python = (path: string, options: ProgramOptions = {}): PythonProgram => ({
  world: 'python',
  ...parts(path),
  options,
});

function parts(path: string): { module: string; name: string } {
  const [module = '', name = ''] = path.split('.');
  return { module, name };
}
