/**
 * The functions of a pool's tasks. A function is described once in each thread that submits it and found once in each
 * thread that runs it; a task names it by the address of its description, which lives as long as the pool.
 */
import { free } from '../memory/allocator.js';
import { i32, pointer } from '../memory/heap.js';
import { type Shared, withMutex } from '../memory/object.js';
import { readString, writeString } from '../memory/strings.js';
import { entries, freeTable, pushEntry } from '../memory/table.js';
import {
  findTarget,
  findTargetSync,
  importingError,
  isImporting,
  type Target,
} from '../thread/find-target.js';
import { describeTarget } from '../thread/target.js';
import type { TargetRef } from '../thread/target-ref.js';
import { noSites, type Sites } from './site.js';
import { P, T } from './words.js';

/** A function that this thread submits to a pool. */
export interface Submitted {
  /** The address by which tasks name it. */
  readonly address: number;
  /** How messages call its tasks. */
  readonly name: string;
  readonly sites: Sites;
  /** The pool's handle: as long as it is known and not disposed of, the pool is there. */
  readonly pool: Shared;
}

/** The functions that this thread submits to one pool. */
export class TargetTable {
  readonly #pool: Shared;
  readonly #known = new WeakMap<object, Submitted>();
  #lastTarget: unknown;
  #last: Submitted | undefined;

  constructor(pool: Shared) {
    this.#pool = pool;
  }

  /** What is known of a function. @throws TypeError, TargetError */
  get(target: unknown): Submitted {
    if (isImporting()) throw importingError(typeof target === 'function' ? target.name : '');
    if (target === this.#lastTarget && this.#last !== undefined) return this.#last;
    const known = this.#known.get(target as object) ?? this.#enter(target);
    this.#lastTarget = target;
    this.#last = known;
    return known;
  }

  #enter(target: unknown): Submitted {
    const ref = describeTarget(target);
    const entered = {
      address: enterTarget(this.#pool.address, JSON.stringify(ref)),
      name: ref.name === '' ? 'a task' : `task ${ref.name}`,
      sites: noSites(),
      pool: this.#pool,
    };
    this.#known.set(target as object, entered);
    return entered;
  }
}

function enterTarget(pool: number, text: string): number {
  const own = writeString(text);
  return withMutex(pool, () => {
    for (const entry of entries(pool + P.TARGETS)) {
      const known = pointer(entry);
      if (readString(known) !== text) continue;
      free(own);
      return known;
    }
    pushEntry(pool + P.TARGETS, own);
    return own;
  });
}

/** Part of `Kind.destroy`. */
export function freeTargets(pool: number): void {
  for (const entry of entries(pool + P.TARGETS)) free(pointer(entry));
  freeTable(pool + P.TARGETS);
}

/** Functions that this thread has run for its pool, by the address of their description. */
const found = new Map<number, Target>();
let lastAddress = 0;
let last: Target | undefined;

/** The function of a task, if this thread has found it before. */
export function knownTarget(task: number): Target | undefined {
  const address = i32[task + T.TARGET]!;
  if (address === lastAddress) return last;
  const target = found.get(address);
  if (target === undefined) return undefined;
  lastAddress = address;
  last = target;
  return target;
}

/** Finds the function of a task. @throws TargetError */
export async function loadTarget(task: number): Promise<Target> {
  const address = i32[task + T.TARGET]!;
  return remember(address, await findTarget(descriptionOf(task)));
}

/** The same without awaiting. @throws TargetError */
export function loadTargetSync(task: number): Target {
  return remember(i32[task + T.TARGET]!, findTargetSync(descriptionOf(task)));
}

/** Another pool's descriptions may lie where this one's did. */
export function forgetTargets(): void {
  found.clear();
  lastAddress = 0;
}

function descriptionOf(task: number): TargetRef {
  return JSON.parse(readString(pointer(task + T.TARGET))) as TargetRef;
}

function remember(address: number, target: Target): Target {
  found.set(address, target);
  lastAddress = address;
  last = target;
  return target;
}
