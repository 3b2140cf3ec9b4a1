/**
 * The mechanism of LifoQueue and PriorityQueue, on addresses: words.ts has the table of their words, nodes.ts the tree
 * in which their items lie. A node is made and filled before MUTEX is taken, and opened and freed after; so it serves as
 * a parcel, and nothing is copied or allocated under MUTEX.
 */
import { f64, i32, pointer } from '../memory/heap.js';
import { lock, unlock } from '../memory/mutex.js';
import { KindId, Obj } from '../memory/object.js';
import { probe } from '../park/probe.js';
import { W } from '../park/waiter.js';
import { grant } from '../park/waiters.js';
import { admit } from './admit.js';
import { discardNode, merge, Node, place } from './nodes.js';
import { shutDownError } from './store.js';
import { putParcel } from './waiting.js';
import { watch } from './watch.js';
import { PASSED, Q } from './words.js';

/** Items in the queue. */
export function sizeOf(queue: number): number {
  return (i32[queue + Q.NEXT]! - i32[queue + Q.TAKEN]!) | 0;
}

// --- putting ---------------------------------------------------------------------------------------------

/** Puts a node if there is room. @throws QueueShutdownError; the node is discarded then */
export function tryPut(queue: number, node: number): boolean {
  lock(queue + Obj.MUTEX);
  let refused = true;
  try {
    const room = hasRoom(queue);
    refused = false;
    if (room) insert(queue, node);
    return room;
  } finally {
    unlock(queue + Obj.MUTEX);
    if (refused) discardNode(node);
  }
}

/** Puts a node, which found no room, waiting for it. @throws as `Queue.put`; the node is discarded then */
export function putSlow(queue: number, node: number, timeout: number): void {
  const seen = Atomics.load(i32, queue + Q.TAKEN);
  if (timeout > 0 && (tryPut(queue, node) || (watch(queue + Q.TAKEN, seen) && tryPut(queue, node)))) return;
  putParcel(queue, node, timeout);
}

/** Under MUTEX: whether one more item may be put; raises HIGH accordingly. @throws QueueShutdownError */
export function hasRoom(queue: number): boolean {
  if (i32[queue + Obj.STATE] !== 0) throw shutDownError(queue, 'takes no more items');
  const size = sizeOf(queue);
  if (size >= i32[queue + Q.HIGH]!) {
    if (size >= i32[queue + Q.BOUND]!) return false;
    i32[queue + Q.HIGH] = size + 1;
  }
  return true;
}

/** See `Store.insert`. */
export function insert(queue: number, node: number): void {
  number(queue, node, 0);
  const word = place(queue, node);
  publish(queue, word, node, 1);
}

/** Under MUTEX: gives a node that is in no tree the number of the n-th item from now, and its rank in a LifoQueue. */
export function number(queue: number, node: number, n: number): void {
  i32[node + Node.CHILD] = 0;
  i32[node + Node.NUMBER] = (i32[queue + Q.NEXT]! + n) | 0;
  if (i32[queue + Obj.KIND] === KindId.LIFO_QUEUE)
    f64[(node + Node.RANK) >> 1] = -(f64[(queue + Q.PUTS) >> 1]! + n);
}

/** Under MUTEX: puts a tree of so many items, for which there is room, by storing it in the word that `place` gave. */
export function publish(queue: number, word: number, tree: number, count: number): void {
  // No call and no loop between these.
  i32[word] = tree;
  i32[queue + Q.NEXT] = (i32[queue + Q.NEXT]! + count) | 0;
  f64[(queue + Q.PUTS) >> 1]! += count;
  if (probe !== undefined) probe.passed?.(queue);
  if (i32[queue + Q.GETTERS] !== 0) admit(queue);
}

/** See `Store.accept`. */
export function accept(queue: number, putter: number): boolean {
  const node = pointer(putter + W.MODE);
  number(queue, node, 0);
  const word = place(queue, node);
  const before = i32[word]!;
  // First, since what comes after a grant may not: a LifoQueue's ranks are never the same.
  f64[(queue + Q.PUTS) >> 1]! += 1;
  return grant(putter, PASSED, word, before, node, queue + Q.NEXT);
}

/** See `Store.putBack`. Their numbers and their ranks say where they were. */
export function putBack(queue: number, node: number): void {
  const count = i32[node + Node.COUNT]!;
  if (count === 1) i32[node + Node.CHILD] = 0;
  const word = place(queue, node);
  // No call and no loop between these.
  i32[word] = node;
  i32[queue + Q.TAKEN] = (i32[queue + Q.TAKEN]! - count) | 0;
}

// --- taking ----------------------------------------------------------------------------------------------

/** Takes the node of the first item, which then belongs to this thread; 0 if there is none. */
export function tryTake(queue: number): number {
  lock(queue + Obj.MUTEX);
  try {
    const node = extract(queue);
    if (node !== 0 && probe !== undefined) probe.passed?.(queue);
    return node;
  } finally {
    unlock(queue + Obj.MUTEX);
  }
}

/** See `Store.extract`. */
export function extract(queue: number): number {
  const node = unlink(queue);
  if (node !== 0 && i32[queue + Q.PUTTERS] !== 0) admit(queue);
  return node;
}

/** Under MUTEX: takes the node of the first item, and lets nobody go on yet; 0 if there is none. */
export function unlink(queue: number): number {
  const root = pointer(queue + Q.ROOT);
  if (root === 0) return 0;
  const next = merge(root);
  // No call and no loop between these.
  i32[queue + Q.ROOT] = next;
  i32[queue + Q.TAKEN] = (i32[queue + Q.TAKEN]! + 1) | 0;
  i32[root + Node.COUNT] = 1;
  return root;
}

/** See `Store.pass`. One that takes several gets all there are, as the tree that they are, or the first. */
export function pass(queue: number, getter: number): boolean {
  const root = pointer(queue + Q.ROOT);
  const size = sizeOf(queue);
  const count = size <= i32[getter + W.VALUE]! ? size : 1;
  const next = count === size ? 0 : merge(root);
  i32[root + Node.COUNT] = count;
  return grant(getter, root, queue + Q.ROOT, root, next, queue + Q.TAKEN, count);
}
