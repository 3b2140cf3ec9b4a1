/** What may be given away with a task. */
import { describe } from '../base/arguments.js';
import { CloneError } from '../base/errors.js';
import { TransferList } from '../memory/transfer.js';
import { isPort } from '../platform/workers.js';
import type { SubmitOptions } from './executor.js';

/** The list of what a task is given. @throws TypeError if something on it can never be given away */
export function transferList({ transfer }: SubmitOptions): TransferList | undefined {
  if (transfer === undefined) return undefined;
  if (!Array.isArray(transfer))
    throw new TypeError(
      `transfer must be an array of ArrayBuffers and MessagePorts, not ${describe(transfer)}`,
    );
  if (transfer.length === 0) return undefined;
  const items: readonly unknown[] = [...(transfer as readonly unknown[])]; // without holes
  items.forEach((item, index) => {
    check(item, `transfer[${String(index)}]`);
    if (items.indexOf(item) === index) return;
    throw new TypeError(`transfer[${String(index)}] is in transfer twice: leave it out once`);
  });
  return new TransferList(items as object[]);
}

function check(item: unknown, what: string): void {
  if (isPort(item)) return;
  if (ArrayBuffer.isView(item))
    throw new TypeError(`${what} is a view: give the memory under it away, which is its buffer`);
  if (!(item instanceof ArrayBuffer))
    throw new TypeError(`${what} must be an ArrayBuffer or a MessagePort, not ${describe(item)}`);
  if (isDetached(item)) throw new TypeError(`${what} is detached: it was given away before; make a new one`);
}

function isDetached(buffer: ArrayBuffer): boolean {
  try {
    new Uint8Array(buffer); // throws then, by the language; older versions of node have nothing else to ask
    return false;
  } catch {
    return true;
  }
}

/** The error for a list of which something cannot be given away after all, such as a port that was given away before. */
export function cannotTransfer(error: Error): CloneError {
  return new CloneError(
    `something in transfer cannot be given away: ${error.message}. Leave it out, or pass one that this thread still has`,
    'transfer',
  );
}
