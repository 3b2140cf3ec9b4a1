/**
 * The storage of a LifoQueue and of a PriorityQueue: a tree of nodes, one for each item, with the first item at the
 * root. It is the pairing heap of Fredman, Sedgewick, Sleator and Tarjan (1986), whose steps are done in place here and
 * one at a time, so that it is a heap at every moment.
 *
 * | word | meaning |
 * | --- | --- |
 * | RANK | a float: a smaller one goes first. A PriorityQueue's is the item's priority, a LifoQueue's minus its number |
 * | CHILD | its first child, or 0 |
 * | SIBLING | the next child of its parent, or 0; of a root it means nothing |
 * | COUNT | the same word, once the node has been taken as a parcel: 1 if alone, else how many with it as their root |
 * | RECORD … | the item (records.ts); its second word is the item's number, by which equal ranks go |
 *
 * `invariant:` no node goes before its parent. To *put* makes a node the root, with the old one as its child, or a
 * child of the root: one store either way ({@link place}), and constant time. To *take* the root, its children must
 * first be one. They are merged two by two, and then one by one ({@link merge}): the loser becomes the winner's child
 * and leaves the list of the root's children. After each such step the tree holds the same items and the invariant, so
 * a thread may die between any two, and who comes next goes on with what there is. Then the only child becomes the root,
 * by one store. That takes O(log n), amortized: a single take can cost as much as the puts before it have saved.
 *
 * In a LifoQueue every node has one child, the item that was put before it, and nothing is ever merged, unless an item
 * is put back.
 *
 * Rejected designs. *A binary heap in an array*: sifting is a loop, with an item in hand or the order broken in
 * between; it needs a mark that the next thread repairs by, and one block for all items, which must be copied to grow
 * under the mutex. *A skip list*: several links for each item, which are not changed in one step. *Copying the path*, as
 * in persistent heaps: O(log n) blocks for each put and take. *A list for each priority*: priorities are any numbers.
 *
 * Nodes change under the queue's MUTEX while they are in its tree; else they belong to one thread.
 */
import { allocate, free } from '../memory/allocator.js';
import { f64, i32, pointer, refresh } from '../memory/heap.js';
import { discardDraft, draftItem, draftSize, dropRecord, writeDraft } from './records.js';
import { Q } from './words.js';

export const Node = { RANK: 0, CHILD: 2, SIBLING: 3, COUNT: 3, RECORD: 4, NUMBER: 5 } as const;

/** A node for an item, in no tree. @throws as `draftItem`, OutOfMemoryError. `index`: see there */
export function makeNode(item: unknown, rank: number, index: number = -1): number {
  draftItem(item, index);
  let node: number;
  try {
    node = allocate(Node.RECORD + draftSize());
  } catch (error) {
    discardDraft();
    throw error;
  }
  writeDraft(node + Node.RECORD);
  f64[(node + Node.RANK) >> 1] = rank;
  return node;
}

/** Gives up a node in no tree, and its item. */
export function discardNode(node: number): void {
  dropRecord(i32, node + Node.RECORD);
  free(node);
}

/** Gives up a whole tree that belongs to this thread. */
export function discardTree(root: number): void {
  const nodes = root === 0 ? [] : [root];
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    for (let child = pointer(node + Node.CHILD); child !== 0; child = pointer(child + Node.SIBLING)) {
      nodes.push(child);
    }
    discardNode(node);
  }
}

/** Whether the item of `a` goes before that of `b`. */
function precedes(a: number, b: number): boolean {
  const rankA = f64[(a + Node.RANK) >> 1]!;
  const rankB = f64[(b + Node.RANK) >> 1]!;
  if (rankA !== rankB) return rankA < rankB;
  return ((i32[a + Node.NUMBER]! - i32[b + Node.NUMBER]!) | 0) < 0;
}

/**
 * Makes ready to put a tree into the queue's: returns the address of the word where `tree` must be stored, which puts
 * it. Nothing that counts is changed before.
 */
export function place(queue: number, tree: number): number {
  const root = pointer(queue + Q.ROOT);
  if (root === 0) return queue + Q.ROOT;
  if (precedes(tree, root)) {
    i32[root + Node.SIBLING] = i32[tree + Node.CHILD]!;
    i32[tree + Node.CHILD] = root;
    return queue + Q.ROOT;
  }
  i32[tree + Node.SIBLING] = i32[root + Node.CHILD]!;
  return root + Node.CHILD;
}

/** One tree of two, which belong to this thread: 0 is none. */
export function join(a: number, b: number): number {
  if (a === 0) return b;
  const [winner, loser] = precedes(a, b) ? [a, b] : [b, a];
  i32[loser + Node.SIBLING] = i32[winner + Node.CHILD]!;
  i32[winner + Node.CHILD] = loser;
  return winner;
}

/** Merges the children of a root, in steps that each leave a heap; returns the one that is left, or 0. */
export function merge(root: number): number {
  const first = pointer(root + Node.CHILD);
  if (first === 0 || i32[first + Node.SIBLING] === 0) return first;
  refresh(); // so that the views reach every node, and stay the same
  mergePairs(root, first);
  const heap = i32;
  let a = heap[root + Node.CHILD]!;
  for (let b = heap[a + Node.SIBLING]!; b !== 0;) {
    const after = heap[b + Node.SIBLING]!;
    const wins = precedes(a, b);
    const winner = wins ? a : b;
    const loser = wins ? b : a;
    // No call and no loop: b and a leave the list, and their winner is its first.
    heap[loser + Node.SIBLING] = heap[winner + Node.CHILD]!;
    heap[winner + Node.CHILD] = loser;
    heap[winner + Node.SIBLING] = after;
    heap[root + Node.CHILD] = winner;
    a = winner;
    b = after;
  }
  return a;
}

/** Merges children two by two, from the first on; the winners are put at the front, so their order is reversed. */
function mergePairs(root: number, first: number): void {
  const heap = i32;
  /** The last of the winners, which the others follow that are not merged yet. */
  let last = 0;
  for (let a = first; a !== 0;) {
    const b = heap[a + Node.SIBLING]!;
    if (b === 0) return;
    const after = heap[b + Node.SIBLING]!;
    const wins = precedes(a, b);
    const winner = wins ? a : b;
    const loser = wins ? b : a;
    // No call and no loop from here on, as above.
    heap[loser + Node.SIBLING] = heap[winner + Node.CHILD]!;
    heap[winner + Node.CHILD] = loser;
    if (last === 0) {
      heap[winner + Node.SIBLING] = after;
      last = winner;
    } else {
      heap[last + Node.SIBLING] = after;
      heap[winner + Node.SIBLING] = heap[root + Node.CHILD]!;
    }
    heap[root + Node.CHILD] = winner;
    a = after;
  }
}
