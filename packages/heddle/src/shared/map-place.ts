/** Places of a SharedMap that updates are made at (update.ts). */
import type { Shared } from '../memory/object.js';
import { draftValue } from './cell.js';
import { draftKey, draftNumber } from './map-key.js';
import * as raw from './raw-map.js';
import { changed, Place } from './update.js';

/** The value of a key, or where it would be. */
export class EntryPlace extends Place {
  readonly key: unknown;
  private draft = 0;

  constructor(map: Shared, key: unknown) {
    super(map, 0);
    this.key = key;
  }

  override aim(): void {
    draftKey(this.key, this.object + raw.M.SEED);
    this.draft = draftNumber;
    this.turn = raw.shardOf(this.object) + raw.S.TURN;
  }

  /** Makes the key this thread's key draft again, if the function has used other keys. */
  protected aimAgain(): void {
    if (this.draft !== draftNumber) this.aim();
  }

  take(): boolean {
    return raw.take(this.object);
  }

  commit(isThere: boolean): boolean {
    this.aimAgain();
    return raw.replace(this.object, isThere ? this : undefined);
  }
}

/** The same for an entry that is removed if the function returns true. */
export class RemovalPlace extends EntryPlace {
  override readonly wantsValue = true;

  override prepare(result: unknown): boolean {
    draftValue(undefined, '');
    return result === true;
  }

  override commit(): boolean {
    this.aimAgain();
    return raw.remove(this.object, this);
  }
}

/** Tells the updates under way on this thread that it has changed a key. */
export function noteChange(map: number, key: unknown): void {
  changed(map, (place) => {
    if (!(place instanceof EntryPlace)) return false;
    return place.key === key || (Number.isNaN(place.key) && Number.isNaN(key));
  });
}
