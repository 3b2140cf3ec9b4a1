/** How a Queue keeps its items: one after another in a chain of chunks. */
import { f64, i32, reach } from '../memory/heap.js';
import { KindId, Obj } from '../memory/object.js';
import { prepare, take } from './chunk-batch.js';
import * as parcels from './chunk-parcel.js';
import { dropRecords, numberAt, sizeOf, startChain, unfinishedIn } from './chunks.js';
import * as raw from './raw-queue.js';
import { openTaken } from './records.js';
import { defineStore, NOTHING } from './store.js';
import { Closed, Q } from './words.js';

defineStore(KindId.QUEUE, {
  recordAt: 0,
  keepsParcels: false,
  putWord: Q.WRITE,
  begin: startChain,
  tryGet: (queue) => (raw.tryTake(queue) ? openTaken() : NOTHING),
  take,
  prepare,
  makeParcel: parcels.makeParcel,
  countIn: (parcel) => i32[parcel + parcels.COUNT]!,
  openAll: parcels.openAll,
  dropAll: parcels.dropAll,
  size: sizeOf,
  unfinished: unfinishedIn,
  hasRoom: raw.hasRoom,
  insert: raw.insert,
  extract: raw.extract,
  pass: raw.pass,
  accept: raw.accept,
  putBack: parcels.putAllBack,
  close,
  // Nothing is put any more, nor put back: nobody else comes near these records.
  drop(queue, start) {
    dropRecords(reach(start), i32[queue + Q.READ]!);
  },
});

function close(queue: number, immediately: boolean): number {
  const next = numberAt(queue + Q.WRITE);
  const size = sizeOf(queue);
  const start = i32[queue + Q.READ]!;
  // No call and no loop from here on: a death leaves all items in the queue, or none.
  i32[queue + Q.LIMIT] = next;
  i32[queue + Obj.STATE] = i32[queue + Obj.STATE]! | Closed.SHUT_DOWN;
  if (!immediately) return 0;
  i32[queue + Obj.STATE] = i32[queue + Obj.STATE]! | Closed.IMMEDIATELY;
  i32[queue + Q.READ] = i32[queue + Q.WRITE]!;
  i32[queue + Q.DONE] = (i32[queue + Q.DONE]! + size) | 0;
  f64[(queue + Q.DROPPED) >> 1]! += size;
  return start;
}
