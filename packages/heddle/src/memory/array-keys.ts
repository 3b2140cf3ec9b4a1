/** Properties of an array beside its elements, such as `index` of a regular expression's match. */
import { inspect } from 'node:util';

/** From this length on, listing all keys takes longer than a call of inspect. */
const LONG = 100;

/** The names of an array's enumerable properties that are no elements; undefined if there are none. */
export function namedKeys(array: readonly unknown[]): string[] | undefined {
  const length = array.length;
  if (length >= LONG && hasOnlyElements(array, length)) return undefined;
  const all = Object.keys(array);
  // Elements come first. With holes there may be fewer of them than `length`.
  let first = Math.min(all.length, length);
  if (first === length && all.length === length && (length === 0 || all[length - 1] === String(length - 1))) {
    return undefined;
  }
  while (first > 0 && !isElement(all[first - 1]!, length)) first--;
  return first === all.length ? undefined : all.slice(first);
}

function isElement(key: string, length: number): boolean {
  const index = Number(key) >>> 0;
  return index < length && String(index) === key;
}

/**
 * The language lists keys only all together, and each element's as a string: a tenth of a second for a million.
 * Node knows the rest without them, and shows it: behind "… more items" there is nothing else in the brackets.
 * Any other answer (of another runtime, or for a subclass) only means that the keys are listed after all.
 */
function hasOnlyElements(array: readonly unknown[], length: number): boolean {
  const shown = inspect(array, { maxArrayLength: 0, depth: 0, customInspect: false });
  return shown === `[ ... ${String(length)} more items ]`;
}
