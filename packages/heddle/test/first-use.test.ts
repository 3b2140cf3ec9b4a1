/** Whatever a program does first with heddle works: the shared heap is made when it is first needed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const uses: Readonly<Record<string, string>> = {
  Lock: 'new heddle.Lock().acquire().release()',
  Barrier: 'new heddle.Barrier(2, { action: () => undefined })',
  Queue: 'new heddle.Queue().put({ a: 1 })',
  PriorityQueue: "new heddle.PriorityQueue().put('item', { priority: 1 })",
  Atomic: "new heddle.Atomic('f64', 1).add(1)",
  struct: "new (heddle.struct({ x: 'f64', lock: heddle.Lock }))({ x: 1 }).lock.acquire()",
  'an array of structs': "heddle.struct({ x: 'f64' }).array(3).get(1).x",
  SharedMap: "new heddle.SharedMap([['a', { b: 1 }]]).get('a')",
  SharedList: 'new heddle.SharedList([[1], [2]]).toArray()',
  SharedValue: 'new heddle.SharedValue({ a: 1 }).get()',
  Guarded: 'new heddle.Guarded({ a: 1 }).with((value) => value.a)',
  Once: 'new heddle.Once().run(() => ({ a: 1 }))',
  sharedArray: "heddle.sharedArray('i32', 3)[0]",
  threads: 'heddle.threads().length',
  currentThread: 'heddle.currentThread().name',
  checkCancelled: 'heddle.checkCancelled()',
  ThreadLocal: 'new heddle.ThreadLocal(() => 5).value',
  spawn: 'heddle.spawn(() => 5).join()',
  ThreadGroup: 'new heddle.ThreadGroup().join()',
};

for (const [name, use] of Object.entries(uses)) {
  test(`${name} may come first`, () => {
    const program = `import * as heddle from 'heddle'; ${use}; console.log('done');`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
      cwd: import.meta.dirname,
    });
    assert.equal(stdout, 'done\n', stderr);
  });
}
