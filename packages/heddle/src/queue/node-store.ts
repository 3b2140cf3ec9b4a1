/** How a LifoQueue and a PriorityQueue keep their items: in a tree of nodes. */
import { f64, i32, reach } from '../memory/heap.js';
import { KindId, Obj } from '../memory/object.js';
import { dropAll, openAll, prepare, take } from './node-batch.js';
import { discardTree, Node } from './nodes.js';
import * as ranked from './ranked.js';
import type { Store } from './store.js';
import { defineStore, NOTHING } from './store.js';
import { unpack } from './waiting.js';
import { Closed, Q } from './words.js';

const store: Store = {
  recordAt: Node.RECORD,
  keepsParcels: true,
  putWord: Q.NEXT,
  begin: () => undefined,
  tryGet,
  take,
  prepare,
  makeParcel: () => 0,
  countIn: (root) => i32[root + Node.COUNT]!,
  openAll,
  dropAll,
  size: ranked.sizeOf,
  unfinished: (queue) => (i32[queue + Q.NEXT]! - i32[queue + Q.DONE]!) | 0,
  hasRoom: ranked.hasRoom,
  insert: ranked.insert,
  extract: ranked.extract,
  pass: ranked.pass,
  accept: ranked.accept,
  putBack: ranked.putBack,
  close,
  drop(_queue, root) {
    discardTree(reach(root));
  },
};

defineStore(KindId.LIFO_QUEUE, store);
defineStore(KindId.PRIORITY_QUEUE, store);

/** See `Store.tryGet`. */
export function tryGet(queue: number): unknown {
  const node = ranked.tryTake(queue);
  return node === 0 ? NOTHING : unpack(queue, node);
}

function close(queue: number, immediately: boolean): number {
  const size = ranked.sizeOf(queue);
  const root = i32[queue + Q.ROOT]!;
  // No call and no loop from here on: a death leaves all items in the queue, or none.
  i32[queue + Obj.STATE] = i32[queue + Obj.STATE]! | Closed.SHUT_DOWN;
  if (!immediately) return 0;
  i32[queue + Obj.STATE] = i32[queue + Obj.STATE]! | Closed.IMMEDIATELY;
  i32[queue + Q.ROOT] = 0;
  i32[queue + Q.TAKEN] = i32[queue + Q.NEXT]!;
  i32[queue + Q.DONE] = (i32[queue + Q.DONE]! + size) | 0;
  f64[(queue + Q.DROPPED) >> 1]! += size;
  return root;
}
