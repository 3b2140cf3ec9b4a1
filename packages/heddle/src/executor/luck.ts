/**
 * Whether it is worth while to look for something that may come: where that has been in vain several times, since what is
 * looked for is far off or all cores are taken, it is tried seldom.
 */

/** After so many times in vain it is tried in one of so many cases only. */
const VAIN = 4;
const RARELY = 16;

export class Luck {
  #vain = 0;

  /** Whether to look now. If so, the caller says what has {@link come} of it. */
  isWorthwhile(): boolean {
    return this.#vain < VAIN || ++this.#vain % RARELY === 0;
  }

  /** Notes whether a look has found something, and returns that. */
  come(found: boolean): boolean {
    this.#vain = found ? 0 : this.#vain + 1;
    return found;
  }
}
