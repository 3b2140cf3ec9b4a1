// A reporter for node's test runner: one line of JSON with the number of tests that really ran in each file.
// A file that declares no test counts as one passed test for node; scripts/test.mjs does not let it pass.

import { resolve } from 'node:path';

export default async function* census(events) {
  const ran = {};
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.details?.type === 'suite' || data.skip !== undefined || data.todo !== undefined) continue;
    // The runner reports a file without tests as a test named after the file.
    if (data.file === undefined || resolve(data.name) === data.file) continue;
    ran[data.file] = (ran[data.file] ?? 0) + 1;
  }
  yield JSON.stringify(ran);
}
