/** Many items of a LifoQueue or a PriorityQueue in one step: a tree of them is put, or taken, as a whole. */
import { free } from '../memory/allocator.js';
import { f64, i32, pointer, reach } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { Obj } from '../memory/object.js';
import { probe } from '../park/probe.js';
import { admit } from './admit.js';
import { discardNode, discardTree, join, makeNode, merge, Node, place } from './nodes.js';
import { hasRoom, number, publish, sizeOf, unlink } from './ranked.js';
import { openParcel } from './records.js';
import type { Supply, Taken } from './store.js';
import { Q } from './words.js';

/** See `Store.prepare`. */
export function prepare(items: Iterable<unknown>, rank: number): Supply {
  const nodes: number[] = [];
  let complete = false;
  try {
    for (const item of items) nodes.push(makeNode(item, rank, nodes.length));
    complete = true;
  } finally {
    if (!complete) nodes.forEach(discardNode);
  }
  let done = 0;
  return {
    isEmpty() {
      return done === nodes.length;
    },
    putFitting(queue) {
      done += putFitting(queue, nodes, done);
    },
    nextParcel() {
      return nodes[done++] ?? 0;
    },
    drop() {
      while (done < nodes.length) discardNode(nodes[done++] ?? 0);
    },
  };
}

/** Puts nodes in one step, from an index on, as many as there is room for; returns how many. @throws QueueShutdownError */
function putFitting(queue: number, nodes: readonly number[], from: number): number {
  lock(queue + Obj.MUTEX);
  try {
    if (!hasRoom(queue)) return 0;
    const size = sizeOf(queue);
    const count = Math.min(nodes.length - from, i32[queue + Q.BOUND]! - size);
    let tree = 0;
    for (let n = 0; n < count; n++) {
      const node = nodes[from + n] ?? 0;
      number(queue, node, n);
      tree = join(tree, node);
    }
    if (size + count > i32[queue + Q.HIGH]!) i32[queue + Q.HIGH] = size + count;
    const word = place(queue, tree);
    publish(queue, word, tree, count);
    return count;
  } finally {
    unlock(queue + Obj.MUTEX);
  }
}

/** Nodes that were taken one by one, or a whole tree. */
class Haul implements Taken {
  count = 0;
  /** Those taken one by one, the first of them last. */
  readonly nodes: number[] = [];
  tree = 0;

  open(items: unknown[]): unknown[] {
    try {
      for (let node = this.#next(); node !== 0; node = this.#next()) {
        try {
          items.push(openParcel(node + Node.RECORD));
        } finally {
          free(node);
        }
      }
      return items;
    } finally {
      this.nodes.forEach(discardNode);
      discardTree(this.tree);
    }
  }

  #next(): number {
    const node = this.nodes.pop();
    if (node !== undefined) return node;
    const root = this.tree;
    if (root !== 0) this.tree = merge(root);
    return root;
  }
}

/** See `Store.take`. */
export function take(queue: number, max: number): Taken {
  const haul = new Haul();
  lock(queue + Obj.MUTEX);
  try {
    const size = sizeOf(queue);
    haul.count = Math.min(size, max);
    if (haul.count === 0) return haul;
    if (haul.count < size) {
      for (let n = 0; n < haul.count; n++) haul.nodes.push(unlink(queue));
      haul.nodes.reverse();
    } else {
      haul.tree = takeAll(queue);
    }
    if (probe !== undefined) probe.passed?.(queue);
    if (i32[queue + Q.PUTTERS] !== 0) admit(queue);
    return haul;
  } finally {
    unlock(queue + Obj.MUTEX);
  }
}

/** See `Store.openAll`. */
export function openAll(root: number): unknown[] {
  const haul = new Haul();
  if (i32[reach(root) + Node.COUNT] === 1) haul.nodes.push(root);
  else haul.tree = root;
  return haul.open([]);
}

/** See `Store.dropAll`. */
export function dropAll(root: number): void {
  if (i32[root + Node.COUNT] === 1) discardNode(root);
  else discardTree(root);
}

/** Under MUTEX: takes the whole tree, which then belongs to this thread. */
function takeAll(queue: number): number {
  const root = pointer(queue + Q.ROOT);
  // No call and no loop between these.
  i32[queue + Q.ROOT] = 0;
  i32[queue + Q.TAKEN] = i32[queue + Q.NEXT]!;
  return root;
}

/** Frees the whole storage, with what is left in it. No reference to the queue is left, but maybe the summary's. */
export function endTree(queue: number): void {
  f64[(queue + Q.DROPPED) >> 1]! += sizeOf(queue);
  discardTree(takeAll(queue));
}
