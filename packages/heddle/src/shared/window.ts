/**
 * Typed arrays over a piece of the shared heap: what an array of numbers in a struct is read as.
 *
 * A plain typed array would not keep the struct's memory alive, nor could it cross, since its buffer is the whole
 * heap. So a window is of a class that extends the plain one: it holds the memory, and so does each `subarray` of it;
 * what `slice`, `map` and `filter` make are plain arrays of their own.
 */
import { memory as heap } from '../memory/heap.js';
import { defineParts } from '../memory/part.js';
import { kindOfView, viewOfKind } from '../memory/views.js';
import { ARRAYS, type ScalarType } from './shared-array.js';
import type { StructMemory } from './struct-memory.js';

/** A window's class. The plain class stands for all eleven: they differ in nothing that matters here. */
type WindowClass = new (whole: StructMemory, offset: number, length: number) => Int32Array;

const classes = new Map<unknown, WindowClass>();

/** A window of `length` numbers that begins at a byte address of the heap, in the memory `whole`. */
export function openWindow(type: ScalarType, whole: StructMemory, at: number, length: number): object {
  return makeWindow(ARRAYS[type], whole, at, length);
}

/** A window that crossed, as `[kind, offset, length]`: its kind as in memory/views.ts, and its offset in bytes. */
export function windowAgain(whole: StructMemory, kind: number, offset: number, length: number): object {
  return makeWindow(viewOfKind(kind), whole, whole.base * 4 + offset, length);
}

function makeWindow(plain: unknown, whole: StructMemory, at: number, length: number): object {
  let Window = classes.get(plain);
  if (Window === undefined) classes.set(plain, (Window = classOn(plain as Int32ArrayConstructor)));
  whole.isLent = true;
  return new Window(whole, at, length);
}

function classOn(Plain: Int32ArrayConstructor): WindowClass {
  class Window extends Plain {
    readonly #whole: StructMemory;

    static {
      defineParts(Window, (array) => {
        const whole = array.#whole;
        if (whole.base === 0) throw whole.disposed();
        return { whole, which: [kindOfView(array), array.byteOffset - whole.base * 4, array.length] };
      });
    }

    constructor(whole: StructMemory, at: number, length: number) {
      super(heap as unknown as ArrayBuffer, at, length);
      this.#whole = whole;
    }

    static get [Symbol.species](): Int32ArrayConstructor {
      return Plain;
    }

    override subarray(begin?: number, end?: number): Int32Array<ArrayBuffer> {
      const { byteOffset, length } = super.subarray(begin, end);
      return new Window(this.#whole, byteOffset, length);
    }
  }
  Object.defineProperty(Window, 'name', { value: Plain.name });
  return Window;
}
