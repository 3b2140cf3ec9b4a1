/**
 * A struct, or an array of structs, as a shared object. It stays out of users' sight: what they have are instances
 * (struct-instance.ts), each of which holds this handle.
 *
 * | word | meaning |
 * | --- | --- |
 * | MUTEX | guards what its handle fields refer to (handle-field.ts) |
 * | TYPE | address of its type (struct-registry.ts); written once, by its maker |
 * | COUNT | structs in it, or {@link SINGLE}: one, and no array; written once, by its maker |
 * | DATA … | the structs, side by side |
 *
 * Values are read and written in place, by plain loads and stores: they order nothing, and what is longer than a word
 * may be seen half written. Guard them with a lock.
 */
import { DisposedError, OutOfMemoryError } from '../base/errors.js';
import { i32, pointer, reach } from '../memory/heap.js';
import { adopt, disposeHandle } from '../memory/handles.js';
import { createObject, defineKind, type Kind, KindId, Obj, release, Shared } from '../memory/object.js';
import type { Layout } from './struct-layout.js';
import { layoutAt, typeOf } from './struct-registry.js';

const TYPE = Obj.BODY;
const COUNT = Obj.BODY + 1;
const DATA = Obj.BODY + 2;
/** COUNT of a struct that stands alone. */
const SINGLE = -1;

/** Bytes that one object may have: what a heap can hold. */
const MOST_BYTES = 2 ** 32;

/** A handle to a struct's memory. */
export class StructMemory extends Shared {
  readonly layout: Layout;
  /** How many structs it has in an array; -1 for one that stands alone. */
  readonly count: number;
  /**
   * Address of the first struct, 0 once the handle was disposed of.
   * invariant: this thread's views of the heap reach to the last struct.
   */
  base: number;
  /** What users see of the whole. */
  root: object | undefined;
  /** Handles that its fields were read as, by the field's address: looking one up elsewhere takes longer. */
  readonly handles: Map<number, Shared> = new Map<number, Shared>();
  /** Whether typed arrays over it were handed out: they cannot be told of a disposal, so the memory stays for them. */
  isLent = false;

  constructor(address: number) {
    super(address);
    this.layout = layoutAt(i32[address + TYPE]!);
    this.count = i32[address + COUNT]!;
    this.base = address + DATA;
    reach(this.base + (structsIn(this.count) * this.layout.size) / 4 - 1);
  }

  /** Ends this thread's use of it. */
  dispose(): void {
    if (this.base === 0) return;
    this.base = 0;
    if (!this.isLent) disposeHandle(this);
  }

  /** Makes it usable again: it was received anew, and its memory had stayed for the typed arrays over it. */
  revive(): void {
    if (this.base !== 0) return;
    this.base = this.address + DATA;
    this.root = undefined;
  }

  /** The error for using it after its disposal. */
  disposed(): DisposedError {
    return new DisposedError(
      `this ${this.layout.name} was disposed of on this thread; dispose of it only when nothing uses it any more`,
    );
  }

  protected override describeState(): string {
    return this.count < 0 ? 'one' : `${String(this.count)} side by side`;
  }
}

/** Which part of a struct's memory a value is, made again by the layers above. */
let makePart: (memory: Shared, which: unknown) => unknown;

/** Says how parts are made. */
export function makePartsWith(maker: typeof makePart): void {
  makePart = maker;
}

const kind: Kind = defineKind({
  id: KindId.STRUCT,
  name: 'struct',
  attach: (address) => new StructMemory(address),
  part: (whole, which) => makePart(whole, which),
  destroy: releaseHandles,
});

/** Makes one struct, or an array of `count`, all zero. @throws OutOfMemoryError */
export function createStructs(layout: Layout, count: number = SINGLE): StructMemory {
  const type = typeOf(layout);
  const size = structsIn(count) * layout.size;
  if (size >= MOST_BYTES) {
    throw new OutOfMemoryError(
      `${String(count)} times ${layout.name} would take ${String(Math.ceil(size / 2 ** 20))} MiB, and the shared heap has at most 4096`,
    );
  }
  const address = createObject(kind, DATA + size / 4, '');
  i32[address + TYPE] = type;
  i32[address + COUNT] = count;
  try {
    const memory = new StructMemory(address);
    adopt(memory, address);
    return memory;
  } catch (error) {
    release(address);
    throw error;
  }
}

function structsIn(count: number): number {
  return count < 0 ? 1 : count;
}

/** `Kind.destroy`: gives up what its handle fields refer to. A death in the middle leaks the others. */
function releaseHandles(address: number): void {
  const { handles, size } = layoutAt(i32[address + TYPE]!);
  if (handles.length === 0) return;
  const end = structsIn(i32[address + COUNT]!) * size;
  reach(address + DATA + end / 4 - 1); // whoever frees it may have views that reach only its beginning
  for (let start = 0; start < end; start += size) {
    for (const offset of handles) {
      const held = pointer(address + DATA + (start + offset) / 4);
      if (held !== 0) release(held);
    }
  }
}
