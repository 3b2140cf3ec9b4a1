/** What a thread, or a task that runs in it, still holds at its end. */
import { handlesOf } from '../memory/handles.js';
import { record, tid } from '../memory/records.js';
import { endOwnership } from '../park/death.js';
import { holdings, resetHoldings } from '../sync/raw-lock.js';

/** What this thread still holds is abandoned: nobody would ever release it. */
export function abandonHoldings(): void {
  if (holdings === 0) return;
  for (const { address, entry } of handlesOf(record)) endOwnership(address, tid, entry);
  resetHoldings();
}
