/**
 * The words of a queue of any kind. Everything changes under MUTEX, unless said otherwise.
 *
 * | word | meaning | changed by |
 * | --- | --- | --- |
 * | STATE | bits of {@link Closed}; only ever set | shutdown |
 * | HEAD, TAIL | threads that wait for an item: *getters* | getters; who puts, or shuts down |
 * | PUTTERS | the same pair for those that wait for room | putters; who takes, or shuts down |
 * | JOINERS | the same pair for those that wait until all is done | joiners; who marks the last item done |
 * | BOUND | the capacity, or {@link UNBOUNDED} | its maker, once |
 * | CAPACITY | the capacity as it was given, a float | its maker, once |
 * | DONE | how many items have been marked done, modulo 2 ** 32 | taskDone, dropping |
 * | HIGH | most items that were ever in the queue at one time | put |
 * | PUTS | items ever put, a float | put |
 * | DROPPED | items dropped by an immediate shutdown, or with the queue, a float | shutdown; who frees it |
 *
 * Words of a Queue, whose items lie in a chain of chunks (chunks.ts):
 *
 * | word | meaning | changed by |
 * | --- | --- | --- |
 * | WRITE | address where the next record goes | put |
 * | READ | address of the first record, or WRITE, or a SKIP that leads to one of the two | get |
 * | LIMIT | number up to which items are put without a closer look, see below | put; whoever makes it wrong |
 * | SPARE | an empty chunk kept for later, or 0 | whoever has one over, or needs one |
 *
 * Words of a LifoQueue or a PriorityQueue, whose items lie in a tree of nodes (nodes.ts):
 *
 * | word | meaning | changed by |
 * | --- | --- | --- |
 * | ROOT | address of the node with the first item, or 0 | put, get |
 * | NEXT | number of the next item to be put: how many have been put, modulo 2 ** 32 | put |
 * | TAKEN | how many have been taken, or dropped, and not put back, modulo 2 ** 32 | get, shutdown; who puts back |
 *
 * *Numbers of items.* The n-th item put has the number n, modulo 2 ** 32, which stands in its record. In a Queue the
 * word after WRITE holds the number that the next item will get; so the size is `number at WRITE − number at READ`,
 * and what has not been marked done is `number at WRITE − DONE`. Nothing else counts items: to put or take one is a
 * single store, of WRITE or of READ, and a thread that dies has done all of it or nothing. In the other two the size
 * is `NEXT − TAKEN`, and what is not done is `NEXT − DONE`; to put or take is the store that changes the tree, and one
 * that counts, with no call between.
 *
 * *LIMIT* spares a put from looking at READ, which another core writes: an item whose number is below it is put
 * without making the queue larger than HIGH, let alone BOUND, and not after the shutdown. A LIMIT that is too low costs
 * a closer look; `invariant:` it is never too high, and HIGH never more than BOUND.
 *
 * *Getters wait only while the queue is empty, putters only while it is full.* Whoever ends that gives the item, or
 * the room, to the first of them before letting go of MUTEX (`admit` of admit.ts). What is passed lies in a *parcel*
 * (store.ts): a putter's MODE names its own, a getter's VALUE the one that it is given. A putter's VALUE is
 * {@link PASSED} then, and both have {@link REFUSED} there if the queue was shut down. A getter that takes several items
 * brings their most as VALUE, and gets what there is in one step; 0 stands for one.
 *
 * What a put writes and what a get writes lie on cache lines of their own (a block of this size begins on one).
 */
import { Obj } from '../memory/object.js';

type QueueWord =
  | 'GETTERS'
  | 'WRITE'
  | 'LIMIT'
  | 'BOUND'
  | 'SPARE'
  | 'PUTTERS'
  | 'HIGH'
  | 'PUTS'
  | 'CAPACITY'
  | 'ROOT'
  | 'NEXT'
  | 'READ'
  | 'DONE'
  | 'JOINERS'
  | 'DROPPED'
  | 'TAKEN'
  | 'WORDS';

export const Q: Readonly<Record<QueueWord, number>> = {
  GETTERS: Obj.HEAD,
  WRITE: Obj.BODY,
  LIMIT: Obj.BODY + 1,
  BOUND: Obj.BODY + 2,
  SPARE: Obj.BODY + 3,
  PUTTERS: Obj.BODY + 4,
  HIGH: Obj.BODY + 6,
  PUTS: Obj.BODY + 8,
  CAPACITY: Obj.BODY + 10,
  ROOT: Obj.BODY + 12,
  NEXT: Obj.BODY + 13,
  READ: Obj.BODY + 16,
  DONE: Obj.BODY + 17,
  JOINERS: Obj.BODY + 18,
  DROPPED: Obj.BODY + 20,
  TAKEN: Obj.BODY + 22,
  WORDS: Obj.BODY + 32,
};

/** Bits of STATE. */
export const Closed = { SHUT_DOWN: 1, IMMEDIATELY: 2 } as const;

/** A bound that the shared heap could never hold. */
export const UNBOUNDED = 0x7fff_ffff;

/** VALUE of a putter whose item has been put. */
export const PASSED = 1;
/** VALUE of a waiter that the shutdown ended. */
export const REFUSED = -1;
