/**
 * Values that can cross between threads, but not as bytes: a SharedArrayBuffer of the user's own, a
 * WebAssembly.Module, a KeyObject, a Blob. The supervisor keeps them, each under a number, and a thread asks for
 * one when it first meets it. What crosses in bytes is a shared object that stands for the value.
 *
 * | word | meaning |
 * | --- | --- |
 * | STATE | the number under which the supervisor keeps the value; written before the address is published |
 */
import { HeddleError } from '../base/errors.js';
import { i32 } from './heap.js';
import { Header } from './layout.js';
import { adopt, handleFor } from './handles.js';
import {
  addressOf,
  createObject,
  defineKind,
  type Kind,
  KindId,
  Obj,
  release,
  retain,
  Shared,
} from './object.js';

/** How values reach the supervisor. The thread layer provides it. */
export interface ForeignTransport {
  /** Sends a value to be kept. @throws what `postMessage` throws for a value that it cannot clone */
  keep(id: number, value: object): void;
  /** Asks for a value, and waits for the answer: undefined if it is not kept, or not yet. */
  fetch(id: number): object | undefined;
  /** Gives values away to be kept, all or none, under numbers from `first` on. @throws what `postMessage` throws */
  give(first: number, values: readonly object[]): void;
  /** As `fetch`, for a value that was given away: it is not kept any longer. */
  take(id: number): object | undefined;
  /** Nobody will ask for it again. */
  drop(id: number): void;
}

/** Each takes a message there and back. */
const MOST_TRIES = 10_000;

let transport: ForeignTransport | undefined;

/** Plugs in the transport. Called once in each worker, before the first value is encoded. */
export function setForeignTransport(used: ForeignTransport): void {
  transport = used;
}

/** The transport, once it is there. */
export function connected(): ForeignTransport {
  if (transport === undefined) throw new HeddleError('internal: no transport for foreign values');
  return transport;
}

/** This worker's hold on a foreign value. The value keeps it alive, and it the value. */
class Foreign extends Shared {
  value: object | undefined;

  constructor(address: number, value: object | undefined) {
    super(address);
    this.value = value;
  }

  protected override describeState(): string {
    return this.value === undefined ? 'not fetched yet' : 'here';
  }
}

const KIND: Kind = defineKind({
  id: KindId.FOREIGN,
  name: 'ForeignValue',
  attach: (address) => new Foreign(address, undefined),
  destroy: (address) => {
    connected().drop(i32[address + Obj.STATE]!);
  },
});

/** The handles of the values that this worker has sent or received. */
const handles = new WeakMap<object, Foreign>();

/** The shared object that stands for `value`; the same one each time. @throws what the transport's `keep` throws */
export function foreignHandle(value: object): Shared {
  const known = handles.get(value);
  if (known !== undefined && known.address !== 0) return known;
  const id = Atomics.add(i32, Header.NEXT_FOREIGN, 1);
  connected().keep(id, value);
  let address: number;
  try {
    address = createObject(KIND, Obj.BODY, Object.prototype.toString.call(value).slice(8, -1));
  } catch (error) {
    connected().drop(id);
    throw error;
  }
  i32[address + Obj.STATE] = id;
  const handle = new Foreign(address, value);
  adopt(handle, address);
  handles.set(value, handle);
  return handle;
}

/** The value behind a foreign object: this worker's own if it has it. The caller holds a reference. */
export function foreignValue(address: number): object {
  const handle = attach(address);
  if (!(handle instanceof Foreign)) throw new HeddleError(`internal: no foreign value at ${address}`);
  if (handle.value === undefined) {
    handle.value = fetchWith((id) => connected().fetch(id), i32[addressOf(handle) + Obj.STATE]!);
    handles.set(handle.value, handle);
  }
  return handle.value;
}

/**
 * Fetches a value. What was kept came to the supervisor through another port than our question, which may have
 * overtaken it: then we ask again.
 */
export function fetchWith(ask: (id: number) => object | undefined, id: number): object {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const value = ask(id);
    if (value !== undefined) return value;
  }
  throw new HeddleError(
    'a value that was passed here was lost: the thread that sent it died while it did so',
  );
}

/** This worker's handle to a shared object, without taking over the reference that the caller holds. */
export function attach(address: number): Shared {
  retain(address);
  try {
    return handleFor(address);
  } catch (error) {
    release(address);
    throw error;
  }
}
