/**
 * Workers and ports, as this runtime has them. Node, Bun and Deno all offer `node:worker_threads`; this is the only
 * place that starts workers.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type * as WorkerThreads from 'node:worker_threads';
import type { MessagePort, ResourceLimits, Transferable } from 'node:worker_threads';
import { HeddleError } from '../base/errors.js';

export type { MessagePort, ResourceLimits };

/** What a worker of heddle's is given at its start. */
export interface Boot {
  readonly role: 'supervisor' | 'thread';
  readonly heap: SharedArrayBuffer;
  readonly slot: number;
  /** Toward the supervisor; in the supervisor, toward main. */
  readonly port: MessagePort;
  /** Options of the main program that decide how modules are loaded. */
  readonly execArgv: readonly string[];
  readonly argv: readonly string[];
}

const KEY = '@heddle/boot';
/** On the global object of heddle's workers: the copy of heddle that runs them has taken what they were given. */
const TAKEN: unique symbol = Symbol.for(KEY);

refuseSecondCopy();

function refuseSecondCopy(): void {
  if (!(TAKEN in globalThis)) return;
  throw new HeddleError(
    'a thread has loaded two copies of heddle, which would not know of each other. Let the program and its packages ' +
      'use the same one ("npm ls heddle" shows where each comes from). Where a loader such as tsx turns modules into ' +
      'CommonJS, it copies heddle, too: make the program an ES module ("type": "module" in its package.json)',
  );
}

/** What this worker was given: undefined if it is not one of heddle's. */
export function givenBoot(): Boot | undefined {
  const data = workerThreads().workerData as unknown;
  if (isProcessMain() || typeof data !== 'object' || data === null || !(KEY in data)) return undefined;
  return data[KEY] as Boot;
}

/** As {@link givenBoot}, for the copy of heddle that runs this worker: after this, no other can. */
export function takeBoot(): Boot | undefined {
  const boot = givenBoot();
  if (boot === undefined) return undefined;
  refuseSecondCopy();
  Object.defineProperty(globalThis, TAKEN, { value: true });
  return boot;
}

/** Whether this is the thread in which the process began. */
export function isProcessMain(): boolean {
  return workerThreads().isMainThread;
}

/** Loaded when first needed, which is not when heddle is imported: it takes as long as all the rest. */
function workerThreads(): typeof WorkerThreads {
  return process.getBuiltinModule('node:worker_threads');
}

/** How many threads this machine runs at once. */
export function countCores(): number {
  return process.getBuiltinModule('node:os').availableParallelism();
}

/** A running worker, as its maker sees it. */
export interface WorkerHandle {
  terminate(): Promise<number>;
}

/** What the maker of a worker is told. `error` comes before `exit`. */
export interface WorkerEvents {
  error(error: unknown): void;
  exit(code: number): void;
  output(descriptor: 1 | 2, chunk: Uint8Array): void;
}

/**
 * Starts the supervisor. It does not keep the program alive.
 * @throws HeddleError if one of its `scripts` is missing, of which it runs the first: everything would wait for it for ever
 */
export function startSupervisor(scripts: readonly [URL, ...URL[]], start: Boot): void {
  const lost = scripts.find((script) => script.protocol === 'file:' && !existsSync(script));
  if (lost !== undefined) {
    throw new HeddleError(
      `${fileURLToPath(lost)} is missing, which heddle starts its threads from. ` +
        'If a bundler has left it behind, keep heddle out of the bundle: make it external',
    );
  }
  // It loads none of the user's modules, so it needs none of the user's loaders: it starts faster without.
  const threads = workerThreads();
  const worker = new threads.Worker(scripts[0], {
    workerData: { [KEY]: start },
    transferList: [start.port],
    execArgv: [],
    env: threads.SHARE_ENV,
  });
  worker.unref();
}

/** Starts a worker that runs threads. */
export function startWorker(
  script: URL,
  start: Boot,
  resourceLimits: ResourceLimits | undefined,
  events: WorkerEvents,
): WorkerHandle {
  const threads = workerThreads();
  const worker = new threads.Worker(script, {
    workerData: { [KEY]: start },
    transferList: [start.port],
    execArgv: [...start.execArgv],
    argv: [...start.argv],
    env: threads.SHARE_ENV,
    stdout: true,
    stderr: true,
    ...(resourceLimits === undefined ? {} : { resourceLimits }),
  });
  worker.on('error', (error: unknown) => {
    events.error(error);
  });
  worker.on('exit', (code) => {
    events.exit(code);
  });
  worker.stdout.on('data', (chunk: Uint8Array) => {
    events.output(1, chunk);
  });
  worker.stderr.on('data', (chunk: Uint8Array) => {
    events.output(2, chunk);
  });
  return worker;
}

/** The options of this program that its threads need too: those that decide how modules are found and loaded. */
export function loaderOptions(all: readonly string[] = process.execArgv): string[] {
  const chosen: string[] = [];
  const takesValue = /^(?:-r|--require|--import|--loader|--experimental-loader|-C|--conditions)$/;
  const alone =
    /^(?:--(?:require|import|loader|experimental-loader|conditions)=|--(?:no-)?(?:experimental-(?:strip-types|transform-types|import-meta-resolve|require-module|detect-module|wasm-modules|vm-modules)|strip-types|enable-source-maps|preserve-symlinks|warnings|deprecation)$|--disable-warning=)/;
  for (let i = 0; i < all.length; i++) {
    const option = all[i] ?? '';
    if (takesValue.test(option)) chosen.push(option, all[++i] ?? '');
    else if (alone.test(option)) chosen.push(option);
  }
  return chosen;
}

/** Two ports that are each other's ends. */
export function channel(): { port1: MessagePort; port2: MessagePort } {
  return new (workerThreads().MessageChannel)();
}

/** The next message on a port, without waiting for the event loop. */
export function receiveNow(port: MessagePort): { message: unknown } | undefined {
  return workerThreads().receiveMessageOnPort(port);
}

/** Sends values that the port can clone; what is in `transfer` is gone here afterwards, unless it throws. */
export function send(port: MessagePort, message: unknown, transfer: readonly object[] = []): void {
  port.postMessage(message, transfer as readonly Transferable[]);
}

/** Whether a value is a port, one end of a channel. */
export function isPort(value: unknown): value is MessagePort {
  return value instanceof workerThreads().MessagePort;
}
