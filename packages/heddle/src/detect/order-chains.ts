/**
 * The chains of locks that this thread has held, so that each is checked once: a repeated chain costs one look into a
 * map for each nested lock, and a lock taken while nothing is held costs none.
 *
 * A chain is a number; it is found by the chain before it and the lock that was added.
 */

/** Chains are forgotten beyond this many, and then checked again; the key below has room for four times as many. */
const MOST = 1 << 18;
const SERIALS = 2 ** 32;

/** The chain of a thread that holds nothing. */
export const EMPTY = 0;

let chains = new Map<number, number>();
let checked = new Set<number>();
let last = EMPTY;

/** The chain that a lock makes of another. */
export function extend(chain: number, serial: number, side: number): number {
  const key = (chain * SERIALS + serial) * 2 + side;
  const known = chains.get(key);
  if (known !== undefined) return known;
  if (last >= MOST) forget();
  chains.set(key, ++last);
  return last;
}

/** True the first time that it is asked of a chain. */
export function isNew(chain: number): boolean {
  if (checked.has(chain)) return false;
  checked.add(chain);
  return true;
}

/** Numbers of chains that are held now may come again: a chain may then be taken for checked that is not. */
function forget(): void {
  chains = new Map();
  checked = new Set();
  last = EMPTY;
}

/** Forgets all: another thread runs here from now on. */
export function resetChains(): void {
  forget();
}
