/** How `update` changes a value in one step: optimistically, with no mutex held while the user's function runs. */
import { DeadlockError } from '../base/errors.js';
import { addressOf, release, retain, type Shared, titleOf } from '../memory/object.js';
import { discardDraft, draftValue, Seen } from './cell.js';
import { askForTurn, endTurn, standBack } from './turn.js';

/** The place of a value in a shared object, for as long as an update of it takes. */
export abstract class Place extends Seen {
  readonly handle: Shared;
  readonly object: number;
  /** Address of the word for turns (turn.ts). */
  turn: number;
  /** Whether nothing is to be done where there is no value. */
  readonly wantsValue: boolean = false;
  /** The update that this one is inside of: in its function. */
  outer: Place | undefined;
  /** Whether the function itself has replaced the value. */
  spoilt = false;

  /** `turn`: where the word for turns is in the object. @throws DisposedError */
  constructor(handle: Shared, turn: number) {
    super();
    this.handle = handle;
    this.object = addressOf(handle);
    this.turn = this.object + turn;
  }

  /** Gets ready for {@link take}, which follows with no code of the user's in between. */
  aim(): void {
    // Most places are where they are.
  }

  /** Takes a copy of the value; false if there is none. */
  abstract take(): boolean;

  /** Makes the draft of what the function returned. False if nothing is to be done with it. */
  prepare(result: unknown): boolean {
    draftValue(result, 'value');
    return true;
  }

  /** Stores the draft if the value is still the one seen, or there still is none; else false, and the draft stays. */
  abstract commit(isThere: boolean): boolean;
}

/** The innermost update whose function runs now on this thread. */
let innermost: Place | undefined;

/** Whether this thread is inside of an update's function: then what it changes is to be told by {@link changed}. */
export function isUpdating(): boolean {
  return innermost !== undefined;
}

/** Tells the updates under way on this thread that it has itself changed the places of `object` that `concerns` picks. */
export function changed(object: number, concerns: (place: Place) => boolean): void {
  for (let place = innermost; place !== undefined; place = place.outer) {
    if (place.object === object && concerns(place)) place.spoilt = true;
  }
}

/**
 * Replaces the value at a place by what `fn` makes of it, or of undefined if there is none, and returns that.
 * @throws what `fn` throws; CloneError, OutOfMemoryError; DeadlockError if `fn` itself replaces the value each time
 */
export function update(place: Place, fn: (value: unknown) => unknown): unknown {
  const { object } = place;
  let isOurs = false;
  /** Held while the turn may be ours: `fn` may dispose of the handle, and others would wait for the end of the turn. */
  let isHeld = false;
  try {
    for (let losses = 0; ; isOurs = askForTurn(place.turn, ++losses, isOurs)) {
      if (losses > 0 && !isHeld) {
        retain(object);
        isHeld = true;
      }
      place.aim();
      if (!isOurs) standBack(place.turn);
      const isThere = place.take();
      if (isThere) place.keepTaken();
      else if (place.wantsValue) return undefined;
      try {
        const result = call(place, fn, isThere ? place.open() : undefined);
        if (!place.prepare(result) || commit(place, isThere)) return result;
      } finally {
        place.forget();
      }
    }
  } finally {
    if (isOurs) endTurn(place.turn);
    if (isHeld) release(object);
  }
}

function call(place: Place, fn: (value: unknown) => unknown, value: unknown): unknown {
  place.spoilt = false;
  place.outer = innermost;
  innermost = place;
  try {
    return fn(value);
  } finally {
    innermost = place.outer;
  }
}

/** Stores the draft, or discards it. */
function commit(place: Place, isThere: boolean): boolean {
  let isDone = false;
  try {
    addressOf(place.handle); // it may have been disposed of
    isDone = place.commit(isThere);
  } finally {
    if (!isDone) discardDraft();
  }
  if (!isDone && place.spoilt) {
    throw new DeadlockError(
      `the function given to an update of ${titleOf(place.object)} has itself replaced the value that it was given, and ` +
        'would be called for ever. Return the new value instead',
    );
  }
  return isDone;
}
