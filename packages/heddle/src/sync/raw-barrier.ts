/**
 * The mechanism of Barrier, on addresses. Everything here changes under MUTEX.
 *
 * | PHASE (Obj.STATE) | meaning | next |
 * | --- | --- | --- |
 * | FILLING | parties arrive and stand in the list; MODE is their index | TRIPPING: the last to arrive |
 * | TRIPPING | the last one, TRIPPER, runs the action | OPENING: the same; BROKEN |
 * | OPENING | those in the list are being let go | FILLING: when the list is empty |
 * | BROKEN | nobody gets through | FILLING: reset |
 *
 * Who arrives during TRIPPING belongs to the next round: it stands at the gate, a list of its own, and tries again
 * when the phase is over. OPENING has a phase of its own so that the supervisor can finish it if its thread dies.
 */
import { BrokenBarrierError } from '../base/errors.js';
import { f64, i32, pointer } from '../memory/heap.js';
import { Obj, titleOf, withMutex } from '../memory/object.js';
import { tid } from '../memory/records.js';
import type { Patience } from '../park/await.js';
import * as awaited from '../park/await.js';
import * as blocking from '../park/wait.js';
import { W } from '../park/waiter.js';
import { firstOf, grant, grantAll, lengthOf } from '../park/waiters.js';
import { now } from '../platform/clock.js';
import { forgetAction } from './barrier-action.js';
import { countHolding } from './raw-lock.js';

const FILLING = 0;
const TRIPPING = 1;
const OPENING = 2;
const BROKEN = 3;

const PARTIES = Obj.BODY;
const TRIPPER = Obj.BODY + 1;
const ACTION = Obj.BODY + 2;
const TIMEOUT = Obj.BODY + 4;
const GATE = Obj.BODY + 6;
export const WORDS: number = Obj.BODY + 8;

/** Values that waiters are granted with beside their index. */
const IS_BROKEN = -1;
const AGAIN = -2;

/** Fills in a new barrier. `action` is a payload or undefined. */
export function initialise(
  address: number,
  parties: number,
  timeout: number,
  action: number | undefined,
): void {
  i32[address + PARTIES] = parties;
  i32[address + ACTION] = action ?? 0;
  f64[(address + TIMEOUT) >> 1] = timeout;
}

/** `Kind.destroy`. */
export function destroy(address: number): void {
  forgetAction(pointer(address + ACTION));
}

export function partiesOf(address: number): number {
  return i32[address + PARTIES]!;
}

export function timeoutOf(address: number): number {
  return f64[(address + TIMEOUT) >> 1]!;
}

/** The payload that names the action, or 0. */
export function actionOf(address: number): number {
  return pointer(address + ACTION);
}

export function isBroken(address: number): boolean {
  return Atomics.load(i32, address + Obj.STATE) === BROKEN;
}

/** Arrives and waits. Returns the index; the last one, with index parties - 1, must then {@link open} the barrier. */
export function wait(address: number, timeout: number): number {
  const deadline = now() + timeout;
  for (;;) {
    const left = Math.max(0, deadline - now());
    if (isGateClosed(address)) {
      if (blocking.wait(address, address + GATE, left, () => mayArrive(address)) === AGAIN) continue;
    }
    const arrival = new Arrival(address);
    const value = blocking.wait(address, address + Obj.HEAD, left, arrival.attempt, 0, 0);
    const index = arrival.index(value);
    if (index !== AGAIN) return index;
  }
}

/** As {@link wait}, but awaited. */
export async function waitAsync(address: number, patience: Patience): Promise<number> {
  const deadline = now() + patience.timeout;
  for (;;) {
    const left = { timeout: Math.max(0, deadline - now()), signal: patience.signal };
    if (isGateClosed(address)) {
      const value = await awaited.waitAsync(address, address + GATE, left, () => mayArrive(address));
      if (value === AGAIN) continue;
    }
    const arrival = new Arrival(address);
    const value = await awaited.waitAsync(address, address + Obj.HEAD, left, arrival.attempt);
    const index = arrival.index(value);
    if (index !== AGAIN) return index;
  }
}

/** A look ahead: usually the gate is open, and a party joins the round in one step. */
function isGateClosed(address: number): boolean {
  return Atomics.load(i32, address + Obj.STATE) === TRIPPING;
}

/** Under MUTEX: whether a party may join the round now, and need not stand at the gate. */
function mayArrive(address: number): boolean {
  return i32[address + Obj.STATE] !== TRIPPING;
}

/** One party's arrival. */
class Arrival {
  readonly #address: number;
  #now: number | undefined;

  constructor(address: number) {
    this.#address = address;
  }

  /** Under MUTEX: true if there is nothing to wait for, because this is the last party or the gate has closed. */
  readonly attempt = (): boolean => {
    const address = this.#address;
    if (i32[address + Obj.STATE] === OPENING) admit(address); // its thread died: nobody joins a round that goes
    const phase = i32[address + Obj.STATE]!;
    if (phase === BROKEN) throw brokenError(address);
    const arrived = lengthOf(address + Obj.HEAD);
    if (phase === TRIPPING) this.#now = AGAIN;
    else if (arrived + 1 === partiesOf(address)) {
      countHolding(1); // so that its end is noticed. One count too many costs a search, nothing else
      i32[address + TRIPPER] = tid;
      i32[address + Obj.STATE] = TRIPPING;
      this.#now = arrived;
    }
    return this.#now !== undefined;
  };

  /** The party's index, given the value that its wait returned; or AGAIN. @throws BrokenBarrierError */
  index(value: number): number {
    if (this.#now !== undefined) return this.#now;
    if (value === IS_BROKEN) throw brokenError(this.#address);
    return value;
  }
}

/** Lets the round go: the action has run. @throws BrokenBarrierError if the barrier was broken meanwhile */
export function open(address: number): void {
  const opened = withMutex(address, () => {
    if (i32[address + Obj.STATE] !== TRIPPING || i32[address + TRIPPER] !== tid) return false;
    countHolding(-1);
    i32[address + TRIPPER] = 0;
    i32[address + Obj.STATE] = OPENING;
    admit(address);
    return true;
  });
  if (!opened) throw brokenError(address);
}

/** Breaks the barrier. */
export function abort(address: number): void {
  withMutex(address, () => {
    breakUp(address);
  });
}

/** Breaks the barrier for those who wait, and makes it whole again. */
export function reset(address: number): void {
  withMutex(address, () => {
    breakUp(address);
    Atomics.store(i32, address + Obj.STATE, FILLING);
  });
}

function breakUp(address: number): void {
  i32[address + TRIPPER] = 0;
  i32[address + Obj.STATE] = BROKEN;
  admit(address);
}

/** `Kind.admit`: lets go whom the phase lets go. */
export function admit(address: number): void {
  const phase = i32[address + Obj.STATE]!;
  if (phase === BROKEN) grantAll(address + Obj.HEAD, IS_BROKEN);
  if (phase === OPENING) {
    // Indices are the order in the list, which nobody joins or leaves in this phase: the first still there is next.
    let left = lengthOf(address + Obj.HEAD);
    const last = partiesOf(address) - 1;
    for (let waiter = firstOf(address + Obj.HEAD); waiter !== 0; waiter = firstOf(address + Obj.HEAD)) {
      grant(waiter, last - left);
      left--;
    }
    Atomics.store(i32, address + Obj.STATE, FILLING);
  }
  if (phase !== TRIPPING) grantAll(address + GATE, AGAIN);
}

/** `Kind.waiterLeft`: a party that goes breaks the barrier; one that stood at the gate does not. */
export function waiterLeft(address: number, waiter: number): void {
  if (i32[waiter + W.LIST] === address + GATE) return;
  breakUp(address);
}

/** `Kind.holder`: the tid of the thread that runs the action, or 0. */
export function tripperOf(address: number): number {
  return i32[address + TRIPPER]!;
}

/** `Kind.isHeld`: whether this thread runs the action. */
export function isTripper(address: number): boolean {
  return i32[address + TRIPPER] === tid;
}

/** `Kind.ownerEnded`: the thread that ran the action is gone. */
export function ownerEnded(address: number, ended: number): boolean {
  if (i32[address + TRIPPER] !== ended) return false;
  breakUp(address);
  return true;
}

function brokenError(address: number): BrokenBarrierError {
  return new BrokenBarrierError(
    `${titleOf(address)} is broken: a party timed out, was cancelled or died, its action failed, or abort() was called. ` +
      'Call reset() when all parties are ready to start again',
  );
}
