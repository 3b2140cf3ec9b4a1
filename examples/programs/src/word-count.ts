/**
 * Counts the words of text files on all cores, and shows the most frequent ones while it is still counting.
 *
 *     npm run example -- word-count [DIR]
 *
 * The threads count into one map that all of them share; `update` is one step, so no count is lost. Main looks into the
 * same map now and then. Without DIR it is the documentation in node_modules.
 */
import { isMain, Queue, SharedMap, ThreadGroup, TimeoutError } from 'heddle';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/** What each thread does: takes one file after another. Returns how many words it has read. */
export function countWords(files: Queue<string>, counts: SharedMap<string, number>): number {
  let total = 0;
  for (const file of files) {
    const its = wordsOf(readFileSync(file, 'utf8'));
    for (const [word, times] of its) {
      counts.update(word, (before = 0) => before + times);
      total += times;
    }
  }
  return total;
}

function wordsOf(text: string): Map<string, number> {
  const words = new Map<string, number>();
  for (const [word] of text.toLowerCase().matchAll(/\p{L}+/gu)) words.set(word, (words.get(word) ?? 0) + 1);
  return words;
}

function mostFrequent(counts: SharedMap<string, number>, most: number): [word: string, times: number][] {
  const byCount = ([a, n]: [string, number], [b, m]: [string, number]) => m - n || (a < b ? -1 : 1);
  return [...counts.snapshot()].sort(byCount).slice(0, most);
}

/** Whether all threads have ended, after waiting a little for it. */
function isOver(group: ThreadGroup): boolean {
  try {
    group.join(300);
    return true;
  } catch (error) {
    if (error instanceof TimeoutError) return false;
    throw error;
  }
}

if (isMain(import.meta)) {
  const folder = process.argv.slice(2).join(' ') || 'node_modules';
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    console.error(`word-count: there is no folder ${folder}`);
    process.exit(2);
  }
  const [files, counts] = [new Queue<string>(), new SharedMap<string, number>()];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && /\.(md|txt)$/.test(entry.name)) files.put(join(entry.parentPath, entry.name));
  }
  files.shutdown();
  using group = new ThreadGroup();
  const threads = Array.from({ length: availableParallelism() }, () =>
    group.spawn(countWords, files, counts),
  );
  while (!isOver(group)) {
    const words = mostFrequent(counts, 5).map(([word, times]) => `${word} ${times}`);
    console.log(`so far, with ${files.size} files to go: ${words.join(', ')}`);
  }
  const total = threads.reduce((sum, thread) => sum + thread.join(), 0);
  console.log(`${total} words, ${counts.size} different ones; the most frequent:`);
  for (const [word, times] of mostFrequent(counts, 10)) console.log(`${String(times).padStart(8)}  ${word}`);
}
