/**
 * Items as records: what lies in the queue's storage for each.
 *
 * | word | meaning |
 * | --- | --- |
 * | 0 | tag in bits 0–7, words of the whole record (even) from bit 8, characters of a TEXT from bit 20 |
 * | 1 | number of the item (words.ts) |
 * | 2 … | data, at a multiple of eight bytes |
 *
 * | tag | data |
 * | --- | --- |
 * | UNDEFINED, NULL, TRUE, FALSE | none |
 * | INT | the integer |
 * | FLOAT | a float |
 * | TEXT | latin1 characters |
 * | ENCODED | any value without handles, in the format of memory/tags.ts |
 * | BOXED | address of a payload (memory/payload.ts): what is large, or has handles. The record owns it. |
 * | SKIP | address where the chain of records goes on; no item |
 *
 * An item is made ready before the queue's mutex is taken: as a *draft*, of which a thread has one. A *parcel* is a
 * block of the heap with one record, in which a waiting thread's item is kept or received.
 */
import { encode, type Encoded } from '../memory/encode.js';
import { decode } from '../memory/decode.js';
import { bytes, f64, i32 } from '../memory/heap.js';
import { freePayload, readPayload, storePayload, takePayload } from '../memory/payload.js';
import { SHORT, shortString } from '../memory/short-strings.js';
import type { TransferList } from '../memory/transfer.js';

/** The longest record, and the size of a parcel. */
export const PARCEL_WORDS = 64;
/** Where a record's data begins. */
const DATA = 2;
const MOST_BYTES: number = (PARCEL_WORDS - DATA) * 4;
/** Up to this many characters a loop of our own is faster than Buffer's methods. */
const LOOP = 32;
/** Only for strings that are two-byte inside does V8 look at more than the first character. */
const WIDE = /[\u0100-\uffff]/;

const Form = {
  UNDEFINED: 0,
  NULL: 1,
  TRUE: 2,
  FALSE: 3,
  INT: 4,
  FLOAT: 5,
  TEXT: 6,
  ENCODED: 7,
  BOXED: 8,
  SKIP: 9,
} as const;

/** The methods of Buffer that do no more than they say; node's types do not list them. */
interface FastBuffer extends Buffer {
  latin1Slice(start: number, end: number): string;
  latin1Write(text: string, offset: number, length: number): number;
}

/** Header of the record that leads on to another chunk. */
export const SKIP: number = header(Form.SKIP, 4);

function header(form: number, words: number, characters: number = 0): number {
  return form | (words << 8) | (characters << 20);
}

/** How many words a record takes, by its header. */
export function wordsIn(head: number): number {
  return (head >> 8) & 0xfff;
}

/** Records in memory of this thread's own, such as the draft. */
export class Local {
  words: Int32Array;
  floats: Float64Array;
  bytes: Buffer;

  constructor(words: number) {
    const memory = new ArrayBuffer(words * 4);
    this.words = new Int32Array(memory);
    this.floats = new Float64Array(memory);
    this.bytes = Buffer.from(memory);
  }
}

// --- the draft: the item that this thread is about to put -----------------------------------------------

const draft = new Local(PARCEL_WORDS);
const draftWords = draft.words;
const draftFloats = draft.floats;
const draftBytes = draft.bytes as FastBuffer;
/** The data of an ENCODED draft, which goes straight to its place in the heap. */
let pending: Encoded | undefined;

/**
 * Makes `item` this thread's draft. It must be written or discarded before the next one.
 * @throws CloneError, and whatever else keeps it from being encoded. `index`: its place among many, for the error, or
 * else `path`: what the user knows it by. What is on the list `transfer` is not copied
 */
export function draftItem(
  item: unknown,
  index: number = -1,
  path: string = 'item',
  transfer?: TransferList,
): void {
  switch (typeof item) {
    case 'number':
      if ((item | 0) === item && (item !== 0 || 1 / item > 0)) {
        draftWords[0] = header(Form.INT, 4);
        draftWords[DATA] = item;
      } else {
        draftWords[0] = header(Form.FLOAT, 4);
        draftFloats[DATA >> 1] = item;
      }
      return;
    case 'boolean':
      draftWords[0] = item ? header(Form.TRUE, DATA) : header(Form.FALSE, DATA);
      return;
    case 'undefined':
      draftWords[0] = header(Form.UNDEFINED, DATA);
      return;
    case 'string':
      if (item.length <= MOST_BYTES && draftText(item)) return;
      break;
    default:
      if (item === null) {
        draftWords[0] = header(Form.NULL, DATA);
        return;
      }
  }
  draftAny(item, index < 0 ? path : `items[${index}]`, transfer);
}

/** Drafts a short string. False if it has characters beyond latin1. */
function draftText(text: string): boolean {
  const length = text.length;
  if (length > LOOP) {
    if (WIDE.test(text)) return false;
    draftBytes.latin1Write(text, DATA * 4, length);
  } else {
    for (let k = 0; k < length; k++) {
      const code = text.charCodeAt(k);
      if (code > 0xff) return false;
      draftBytes[DATA * 4 + k] = code;
    }
  }
  draftWords[0] = header(Form.TEXT, evenWords(length), length);
  return true;
}

function draftAny(item: unknown, path: string, transfer: TransferList | undefined): void {
  const encoded = encode(item, path, transfer);
  if (encoded.length <= MOST_BYTES && encoded.handles.length === 0) {
    pending = encoded;
    draftWords[0] = header(Form.ENCODED, evenWords(encoded.length));
  } else {
    const payload = storePayload(encoded);
    draftWords[0] = header(Form.BOXED, 4);
    draftWords[DATA] = payload;
  }
}

/** Words of a record with so many bytes of data. */
function evenWords(length: number): number {
  return DATA + ((length + 7) >> 3) * 2;
}

/** Words of the draft's record. */
export function draftSize(): number {
  return wordsIn(draftWords[0]!);
}

/** Writes the draft to an address of the heap, all but its number. Call it once. */
export function writeDraft(at: number): void {
  const head = draftWords[0]!;
  const to = i32;
  to[at] = head;
  if ((head & 0xff) === Form.ENCODED) {
    pending?.copyTo(at + DATA);
    pending = undefined;
    return;
  }
  const words = wordsIn(head);
  for (let k = DATA; k < words; k++) to[at + k] = draftWords[k]!;
}

/** Gives up the draft: its item is not put. */
export function discardDraft(): void {
  pending = undefined;
  if ((draftWords[0]! & 0xff) === Form.BOXED) freePayload(draftWords[DATA]!);
}

// --- records that have been put -------------------------------------------------------------------------

/** Copies a record into the heap, all but its number. */
export function writeRecord(words: Int32Array, from: number, to: number): void {
  const heap = i32;
  const count = wordsIn(words[from]!);
  heap[to] = words[from]!;
  for (let k = DATA; k < count; k++) heap[to + k] = words[from + k]!;
}

/** Copies a record within the heap, all but its number. */
export function copyRecord(from: number, to: number): void {
  writeRecord(i32, from, to);
}

/** The record that this thread has just taken. */
const taken = new Local(PARCEL_WORDS);
const takenWords = taken.words;

/** Copies a record out of the heap, to be opened when the mutex has been let go. Returns how many words it takes. */
export function copyOut(at: number): number {
  const heap = i32;
  const head = heap[at]!;
  const words = wordsIn(head);
  takenWords[0] = head;
  for (let k = DATA; k < words; k++) takenWords[k] = heap[at + k]!;
  return words;
}

/** The item of the record that {@link copyOut} copied. The record is used up. */
export function openTaken(): unknown {
  const head = takenWords[0]!;
  if ((head & 0xff) === Form.INT) return takenWords[DATA];
  return open(takenWords, taken.floats, taken.bytes, 0);
}

/** The item of the record in a parcel. The record is used up; the parcel is the caller's to free. */
export function openParcel(parcel: number): unknown {
  return open(i32, f64, bytes, parcel);
}

/** A copy of the item of a record in the heap, which stays as it is. */
export function readRecord(at: number): unknown {
  return (i32[at]! & 0xff) === Form.BOXED ? readPayload(i32[at + DATA]!) : open(i32, f64, bytes, at);
}

/** The item of a record in memory of this thread's own. The record is used up. */
export function openLocal({ words, floats, bytes }: Local, at: number): unknown {
  return open(words, floats, bytes, at);
}

function open(words: Int32Array, floats: Float64Array, source: Buffer, at: number): unknown {
  const head = words[at]!;
  switch (head & 0xff) {
    case Form.INT:
      return words[at + DATA];
    case Form.FLOAT:
      return floats[(at + DATA) >> 1];
    case Form.TEXT:
      return readText(source, (at + DATA) * 4, head >>> 20);
    case Form.ENCODED:
      return decode(source, (at + DATA) * 4);
    case Form.BOXED:
      return takePayload(words[at + DATA]!);
    case Form.NULL:
      return null;
    case Form.TRUE:
      return true;
    case Form.FALSE:
      return false;
    default:
      return undefined;
  }
}

function readText(source: Buffer, start: number, length: number): string {
  return length <= SHORT && start + SHORT <= source.length
    ? shortString(source, start, length)
    : (source as FastBuffer).latin1Slice(start, start + length);
}

/** Gives up a record that nobody will open: what it owns is freed. */
export function dropRecord(words: Int32Array, at: number): void {
  if ((words[at]! & 0xff) === Form.BOXED) freePayload(words[at + DATA]!);
}
