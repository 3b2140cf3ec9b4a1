/** This thread's line to the supervisor. The main thread starts the supervisor when it is first needed. */
import { stirred } from '../park/quiet.js';
import { detectBy } from '../park/suspicion.js';
import { ensureHeap, i32, memory } from '../memory/heap.js';
import type { ForeignTransport } from '../memory/foreign.js';
import { setForeignTransport } from '../memory/foreign.js';
import { Header } from '../memory/layout.js';
import { record, Rec, slot } from '../memory/records.js';
import { channel, loaderOptions, receiveNow, send, startSupervisor } from '../platform/workers.js';
import type { MessagePort } from '../platform/workers.js';
import type { Reply, Request } from './protocol.js';
import { SUPERVISOR_SLOT } from './world.js';

let port: MessagePort | undefined;
const hearers: ((reply: Reply) => void)[] = [];
let listening = false;

/** In the supervisor itself: what it does with a request. */
let here: ((request: Request) => void) | undefined;

/** Asks the supervisor for something, and gives away what is in `transfer`. */
export function tell(request: Request, transfer?: readonly object[]): void {
  if (here === undefined) send(connect(), request, transfer);
  else here(request);
}

/** Gives a worker its end of the line. */
export function speakThrough(given: MessagePort): void {
  port = given;
  listenOn(port);
}

/** Says that this is the supervisor. */
export function answerHere(handler: (request: Request) => void): void {
  here = handler;
}

/** Starts the supervisor if there is none, so that it comes up while the caller does something else. */
export function warmUp(): void {
  if (here === undefined) connect();
}

detectBy(warmUp);

/** Whether there is a supervisor yet. */
export function hasSupervisor(): boolean {
  return port !== undefined;
}

/** Whether there is somebody to tell things to: the supervisor, also in itself. */
export function isConnected(): boolean {
  return here !== undefined || port !== undefined;
}

/** Adds to what happens with replies that nobody waits for. Listening does not keep the thread alive. */
export function answerReplies(handler: (reply: Reply) => void): void {
  hearers.push(handler);
  if (port !== undefined) listenOn(port);
}

function onReply(reply: Reply): void {
  stirred(); // what hears of it is the user's

  for (const hear of hearers) hear(reply);
}

function connect(): MessagePort {
  if (port !== undefined) return port;
  ensureHeap();
  const { port1, port2 } = channel();
  const first = new URL('./supervisor-entry.js', import.meta.url);
  startSupervisor([first, new URL('./supervisor.js', import.meta.url)], {
    role: 'supervisor',
    heap: memory,
    slot: SUPERVISOR_SLOT,
    port: port2,
    execArgv: loaderOptions(),
    argv: process.argv.slice(2),
  });
  port = port1;
  listenOn(port);
  return port;
}

function listenOn(ours: MessagePort): void {
  if (listening) return;
  listening = true;
  ours.on('message', (reply: Reply) => {
    onReply(reply);
  });
  ours.unref();
}

const transport: ForeignTransport = {
  keep(id, value) {
    tell({ type: 'keep', id, value });
  },
  drop(id) {
    tell({ type: 'drop', id });
  },
  fetch(id) {
    tell({ type: 'fetch', id, slot });
    return awaitValue(id);
  },
  give(first, values) {
    tell({ type: 'give', first, values }, values);
  },
  take(id) {
    tell({ type: 'take', id, slot });
    return awaitValue(id);
  },
};
setForeignTransport(transport); // the supervisor, where nothing is far, sets its own after this

/** Asks a tool in the supervisor and waits for its answer. */
export function ask(tool: string, question: object): object | undefined {
  return awaitValue(askLater(tool, question));
}

/** Asks a tool in the supervisor, whose answer is told to those who hear of replies, under the number that this returns. */
export function askLater(tool: string, question: object): number {
  const id = Atomics.add(i32, Header.NEXT_FOREIGN, 1);
  tell({ type: 'ask', id, tool, question });
  return id;
}

/** Tells a tool in the supervisor something, and does not wait. */
export function inform(tool: string, question: object): void {
  tell({ type: 'ask', tool, question });
}

/** Takes the supervisor's reply out of the port. The supervisor never blocks, so this wait is short. */
function awaitValue(id: number): object | undefined {
  const ours = connect();
  for (;;) {
    const heard = Atomics.load(i32, record + Rec.MAIL);
    for (let mail = receiveNow(ours); mail !== undefined; mail = receiveNow(ours)) {
      const reply = mail.message as Reply;
      if (reply.type === 'value' && reply.id === id) return reply.value;
      queueMicrotask(() => {
        onReply(reply);
      });
    }
    Atomics.wait(i32, record + Rec.MAIL, heard);
  }
}
