/**
 * A cell: four words, at an even address, that hold any value. What is small stands in the cell itself; everything
 * else is a payload (memory/payload.ts), of which the cell has a reference.
 *
 * | word | meaning |
 * | --- | --- |
 * | 0 | a {@link Form} in bits 0–7, characters of a TEXT from bit 8 |
 * | 1 … 3 | data |
 *
 * | form | data |
 * | --- | --- |
 * | UNDEFINED, NULL, TRUE, FALSE | none |
 * | INT | word 1: the integer |
 * | FLOAT | words 2 and 3: a float |
 * | TEXT | up to 12 latin1 characters |
 * | PAYLOAD | word 1: address of a payload |
 *
 * A zeroed cell holds undefined. Who may read or write a cell is its owner's matter: the mutex of the structure that it
 * belongs to. A value is made ready before that mutex is taken, as this thread's *draft*, and what came out of a cell is
 * opened after it has been let go, from what this thread has *taken*; each has room for one value.
 *
 * *The same value is the same words*: a payload never changes, and its address is not given out again while somebody
 * has a reference to it. So whoever has taken the value of a cell can tell later whether it was replaced meanwhile.
 */
import { i32 } from '../memory/heap.js';
import { freePayload, readPayload, sharePayload, takePayload, writePayload } from '../memory/payload.js';
import { shortString } from '../memory/short-strings.js';

export const CELL_WORDS = 4;
/** Characters of a string that fits into a cell. */
const MOST_TEXT = 12;
/** Bytes that `shortString` may read, from the second word on. */
const TEXT_ROOM = 32;

const Form = {
  UNDEFINED: 0,
  NULL: 1,
  TRUE: 2,
  FALSE: 3,
  INT: 4,
  FLOAT: 5,
  TEXT: 6,
  PAYLOAD: 7,
} as const;

/** A cell in memory of this thread's own. */
class Local {
  readonly words: Int32Array;
  readonly floats: Float64Array;
  readonly bytes: Uint8Array;

  constructor() {
    const memory = new ArrayBuffer(TEXT_ROOM);
    this.words = new Int32Array(memory);
    this.floats = new Float64Array(memory);
    this.bytes = new Uint8Array(memory);
  }
}

const draft = new Local();
/** The words of the draft, for who stores it in a line with others. */
export const draftWords: Int32Array = draft.words;
const taken = new Local();
const takenWords = taken.words;

// --- the draft: the value that this thread is about to store ---------------------------------------------

/**
 * Makes `value` this thread's draft. It must be stored or discarded before the next one. `path` names it in errors, with
 * its `index` if that is not negative.
 * @throws CloneError and whatever else keeps it from being encoded; there is no draft then
 */
export function draftValue(value: unknown, path: string, index: number = -1): void {
  switch (typeof value) {
    case 'number':
      if ((value | 0) === value && (value !== 0 || 1 / value > 0)) {
        draftWords[0] = Form.INT;
        draftWords[1] = value;
      } else {
        draftWords[0] = Form.FLOAT;
        draft.floats[1] = value;
      }
      return;
    case 'string':
      if (value.length <= MOST_TEXT && draftText(value)) return;
      break;
    case 'boolean':
      draftWords[0] = value ? Form.TRUE : Form.FALSE;
      return;
    case 'undefined':
      draftWords[0] = Form.UNDEFINED;
      return;
    default:
      if (value === null) {
        draftWords[0] = Form.NULL;
        return;
      }
  }
  // First the payload: a getter in the value may come back here and make a draft of its own.
  const payload = writePayload(value, index < 0 ? path : `${path}[${String(index)}]`);
  draftWords[0] = Form.PAYLOAD;
  draftWords[1] = payload;
}

/** Drafts a short string. False if it has characters beyond latin1. */
function draftText(text: string): boolean {
  const { bytes } = draft;
  const length = text.length;
  for (let k = 0; k < length; k++) {
    const code = text.charCodeAt(k);
    if (code > 0xff) return false;
    bytes[4 + k] = code;
  }
  draftWords[0] = Form.TEXT | (length << 8);
  return true;
}

/** Gives up the draft: it is not stored. Does nothing if it has been. */
export function discardDraft(): void {
  if (draftWords[0] !== Form.PAYLOAD) return;
  const payload = draftWords[1]!;
  draftWords[0] = Form.UNDEFINED;
  freePayload(payload);
}

/** Stores the draft in a cell that holds nothing that must be freed. It is the cell's from then on. */
export function storeDraft(at: number): void {
  const to = i32;
  const from = draftWords;
  // No call and no loop from here on: a death finds the cell as it was or as it is to be.
  to[at] = from[0]!;
  to[at + 1] = from[1]!;
  to[at + 2] = from[2]!;
  to[at + 3] = from[3]!;
  // Whatever fails after this, such as freeing what was there before, must not free what is there now.
  draftWords[0] = Form.UNDEFINED;
}

/** Moves the draft to memory of this thread's own, at `at`: for several values that are stored together. */
export function keepDraft(into: Int32Array, at: number): void {
  for (let k = 0; k < CELL_WORDS; k++) into[at + k] = draftWords[k]!;
}

// --- what this thread has taken out of a cell -------------------------------------------------------------

/** Takes the value of a cell, which keeps it. Under the mutex that guards the cell. */
export function takeCopy(at: number): void {
  moveOut(at);
  if (takenWords[0] === Form.PAYLOAD) sharePayload(takenWords[1]!);
}

/** Takes the value of a cell, with what the cell has of it: the cell is no more, or overwritten next. */
export function moveOut(at: number): void {
  const from = i32;
  takenWords[0] = from[at]!;
  takenWords[1] = from[at + 1]!;
  takenWords[2] = from[at + 2]!;
  takenWords[3] = from[at + 3]!;
}

/** Stores the draft and takes what the cell held before. */
export function exchangeDraft(at: number): void {
  moveOut(at);
  storeDraft(at);
}

/** The value taken. It is used up. */
export function openTaken(): unknown {
  const form = takenWords[0]!;
  if (form === Form.INT) return takenWords[1];
  return form === Form.PAYLOAD ? takePayload(takenWords[1]!) : openInline(form);
}

/** Gives up the value taken, unopened. */
export function dropTaken(): void {
  if (takenWords[0] === Form.PAYLOAD) freePayload(takenWords[1]!);
}

function openInline(form: number): unknown {
  const { floats, bytes } = taken;
  switch (form & 0xff) {
    case Form.FLOAT:
      return floats[1];
    case Form.TEXT:
      return shortString(bytes, 4, form >>> 8);
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

/**
 * What was seen in a cell, to be compared with the cell later; the payload, if there is one, is held until
 * {@link forget}.
 */
export class Seen {
  // The words of the cell. Not #private: an update makes one of these, and fields that are cost it a third of its time.
  private head = 0;
  private a = 0;
  private b = 0;
  private c = 0;

  /** Keeps what this thread has taken. */
  keepTaken(): void {
    this.head = takenWords[0]!;
    this.a = takenWords[1]!;
    this.b = takenWords[2]!;
    this.c = takenWords[3]!;
  }

  /** The value. */
  open(): unknown {
    if (this.head === Form.INT) return this.a;
    if (this.head === Form.PAYLOAD) return readPayload(this.a);
    return openInline(this.head);
  }

  /** Whether the cell at `at` still holds this very value. */
  isIn(at: number): boolean {
    const words = i32;
    return (
      words[at] === this.head &&
      words[at + 1] === this.a &&
      words[at + 2] === this.b &&
      words[at + 3] === this.c
    );
  }

  /** Gives up what is held. */
  forget(): void {
    if (this.head === Form.PAYLOAD) freePayload(this.a);
    this.head = Form.UNDEFINED;
  }
}

/** Opens each of the values in `words`, in this thread's own memory, and uses them up. */
export function openAll(words: Int32Array): unknown[] {
  const values: unknown[] = [];
  let at = 0;
  try {
    for (; at < words.length; at += CELL_WORDS) values.push(openAt(words, at));
    return values;
  } catch (error) {
    dropAll(words, at + CELL_WORDS);
    throw error;
  }
}

/** The value in four words of this thread's own memory. It is used up. */
function openAt(words: Int32Array, at: number): unknown {
  for (let k = 0; k < CELL_WORDS; k++) takenWords[k] = words[at + k]!;
  return openTaken();
}

/** Gives up the values in `words` from `from` on. */
export function dropAll(words: Int32Array, from: number = 0): void {
  for (let at = from; at < words.length; at += CELL_WORDS) {
    if (words[at] === Form.PAYLOAD) freePayload(words[at + 1]!);
  }
}

/** Takes a reference for each of the values in `words`, a copy of cells. Under the mutex that guards those. */
export function shareAll(words: Int32Array): void {
  for (let at = 0; at < words.length; at += CELL_WORDS) {
    if (words[at] === Form.PAYLOAD) sharePayload(words[at + 1]!);
  }
}
