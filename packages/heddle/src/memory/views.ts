/** The kinds of views over an ArrayBuffer, by the numbers they cross with. */

/** Makes a view; without a length it reaches to the buffer's end. */
export type ViewConstructor = new (
  buffer: ArrayBufferLike,
  offset: number,
  length?: number,
) => ArrayBufferView;

// invariant: positions never change, they are in the byte format; new kinds are appended.
const constructors: (ViewConstructor | undefined)[] = [
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigUint64Array,
  BigInt64Array,
  DataView,
  // Not in every runtime yet.
  (globalThis as { Float16Array?: ViewConstructor }).Float16Array,
];

const DATA_VIEW = 11;
const numbers = new Map(
  constructors.flatMap((one, number) => (one === undefined ? [] : [[one.name, number]])),
);
/** What Object.prototype.toString goes by: the name of a typed array's own kind, and undefined for all else. */
// eslint-disable-next-line @typescript-eslint/unbound-method -- called with call()
const typedArrayName = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
)?.get as (this: ArrayBufferView) => string | undefined; // there by the language

/** The number of a view's kind, or -1. It goes by what the view is, whatever class extends it. */
export function kindOfView(view: ArrayBufferView): number {
  const name = typedArrayName.call(view);
  return name === undefined ? DATA_VIEW : (numbers.get(name) ?? -1);
}

/** The class of a kind. */
export function viewOfKind(kind: number): ViewConstructor {
  const known = constructors[kind];
  if (known === undefined)
    throw new TypeError('this runtime does not have the class of a view that was passed to it');
  return known;
}
