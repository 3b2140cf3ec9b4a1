/**
 * Transfers money at random between the accounts of a bank, from several threads, and never loses a cent.
 *
 *     npm run example -- bank [ACCOUNTS [TRANSFERS]]
 *
 * Each account has its own lock, so that transfers between different accounts go on at the same time. A transfer needs
 * two of them. All threads take the one of the earlier account first: two transfers in opposite directions that each
 * took its own account first would wait for each other for ever.
 */
import { isMain, Lock, spawn, struct, text } from 'heddle';
import { availableParallelism } from 'node:os';

/** Its fields lie in shared memory. Whole cents are exact in an f64. */
export const Account = struct({ owner: text(16), cents: 'f64', transfers: 'i32', lock: Lock });
type Accounts = ReturnType<typeof Account.array>;

/** What each thread does. Returns how many transfers were refused. */
export function transferAtRandom(accounts: Accounts, transfers: number): number {
  let refused = 0;
  for (let n = 0; n < transfers; n += 1) {
    const from = random(accounts.length);
    const to = (from + 1 + random(accounts.length - 1)) % accounts.length;
    if (!transfer(accounts, from, to, 1 + random(20_000))) refused += 1;
  }
  return refused;
}

/** Moves money from one account to another, unless there is too little. */
function transfer(accounts: Accounts, from: number, to: number, cents: number): boolean {
  const [payer, payee] = [accounts.get(from), accounts.get(to)];
  const [first, second] = from < to ? [payer, payee] : [payee, payer];
  using _first = first.lock.acquire();
  using _second = second.lock.acquire();
  if (payer.cents < cents) return false;
  payer.cents -= cents;
  payee.cents += cents;
  payer.transfers += 1;
  payee.transfers += 1;
  return true;
}

function random(below: number): number {
  return Math.floor(Math.random() * below);
}

function total(accounts: Accounts): string {
  let cents = 0;
  for (const account of accounts) cents += account.cents;
  return (cents / 100).toLocaleString('en', { minimumFractionDigits: 2 });
}

if (isMain(import.meta)) {
  const given = process.argv.slice(2).map(Number);
  const [count = 1000, transfers = 200_000] = given;
  const isWhole = given.length <= 2 && given.every(Number.isInteger);
  if (!isWhole || count < 2 || count > 100_000 || transfers < 1 || transfers > 1e7) {
    console.error('bank: give 2 to 100,000 accounts and 1 to 10,000,000 transfers a thread, in this order');
    process.exit(2);
  }
  const accounts = Account.array(count);
  for (let n = 0; n < count; n += 1) {
    accounts.get(n).owner = `customer ${n + 1}`;
    accounts.get(n).cents = random(200_000);
  }
  console.log(`before: ${total(accounts)} in ${count} accounts`);
  const threads = Array.from({ length: Math.max(2, availableParallelism()) }, () =>
    spawn(transferAtRandom, accounts, transfers),
  );
  const refused = threads.map((thread) => thread.join());
  console.log(`after:  ${total(accounts)} in ${count} accounts`);
  for (const [n, times] of refused.entries()) {
    console.log(`thread ${n + 1}: ${transfers - times} transfers, and ${times} refused for lack of money`);
  }
  const richest = [...accounts].reduce((a, b) => (b.cents > a.cents ? b : a));
  const wealth = `${(richest.cents / 100).toFixed(2)} after ${richest.transfers} transfers`;
  console.log(`richest: ${richest.owner} with ${wealth}`);
}
