/**
 * The first module of the supervisor. It is small, and loads the rest only when it has started the first worker, if it
 * has been asked for one by then: so the two come up at the same time.
 */
import type { Boot, WorkerEvents } from '../platform/workers.js';
import { channel, givenBoot, receiveNow, startWorker } from '../platform/workers.js';
import type { Request } from '../thread/protocol.js';
import type * as Supervisor from './supervisor.js';

/** What this worker loads when it has done that. */
const rest = new URL('./supervisor.js', import.meta.url).href;

const boot = givenBoot();
const request = boot && (receiveNow(boot.port)?.message as Request | undefined);
const first = boot && request?.type === 'start' && request.plain ? startEarly(boot, request.slot) : request;
const { supervise } = (await import(rest)) as typeof Supervisor;
supervise(first);

function startEarly({ heap, execArgv, argv }: Boot, slot: number): Supervisor.EarlyWorker | Request {
  const { port1, port2 } = channel();
  const early: ((events: WorkerEvents) => void)[] = [];
  let known: WorkerEvents | undefined;
  const tell = (event: (events: WorkerEvents) => void): void => {
    if (known === undefined) early.push(event);
    else event(known);
  };
  try {
    const worker = startWorker(
      new URL('./worker-entry.js', import.meta.url),
      { role: 'thread', heap, slot, port: port2, execArgv, argv },
      undefined,
      {
        error: (error) => {
          tell((events) => {
            events.error(error);
          });
        },
        exit: (code) => {
          tell((events) => {
            events.exit(code);
          });
        },
        output: (descriptor, chunk) => {
          tell((events) => {
            events.output(descriptor, chunk);
          });
        },
      },
    );
    const handOver = (events: WorkerEvents): typeof worker => {
      queueMicrotask(() => {
        known = events;
        for (const event of early) event(events);
      });
      return worker;
    };
    return { slot, port: port1, handOver };
  } catch {
    return { type: 'start', slot, plain: true }; // it fails once more where failing is dealt with
  }
}
