/**
 * Hashes every file below a folder on all cores, and prints what `sha256sum` would, sorted by path.
 *
 *     npm run --silent example -- hash-tree [DIR] > SUMS
 *     sha256sum --check SUMS
 *
 * One thread finds the files, and waits when the others, which hash them, are 256 files behind: the queue between them
 * is bounded. Without DIR it hashes heddle's own source.
 */
import { Atomic, isMain, Queue, ThreadGroup } from 'heddle';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The first thread puts the path of each file into the queue. It follows no links. */
export function walk(folder: string, paths: Queue<string>, problems: Atomic<'i32'>): void {
  const folders = [folder];
  for (const next of folders) {
    for (const entry of tried(problems, () => readdirSync(next, { withFileTypes: true })) ?? []) {
      const path = join(next, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) paths.put(path);
    }
  }
  paths.shutdown(); // ends the other threads' loops, as soon as the queue is empty
}

/** The other threads hash what they find there. Each returns its share. */
export function hash(paths: Queue<string>, problems: Atomic<'i32'>): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const path of paths) tried(problems, () => hashes.set(path, hashOf(path)));
  return hashes;
}

function hashOf(path: string): string {
  const [digest, part, file] = [createHash('sha256'), Buffer.allocUnsafe(1 << 18), openSync(path, 'r')];
  try {
    for (let got = readSync(file, part); got > 0; got = readSync(file, part)) {
      digest.update(part.subarray(0, got));
    }
  } finally {
    closeSync(file);
  }
  return digest.digest('hex');
}

/** What `read` returns. If the file system refuses, that is told at once, counted, and no reason to stop. */
function tried<T>(problems: Atomic<'i32'>, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    console.error(`hash-tree: ${error instanceof Error ? error.message : String(error)}`);
    problems.add(1);
    return undefined;
  }
}

if (isMain(import.meta)) {
  const source = fileURLToPath(new URL('src', import.meta.resolve('heddle/package.json')));
  const folder = process.argv.slice(2).join(' ') || relative('', source);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    console.error(`hash-tree: there is no folder ${folder}`);
    process.exit(2);
  }
  const [paths, problems] = [new Queue<string>({ capacity: 256 }), new Atomic('i32')];
  using group = new ThreadGroup();
  group.spawn(walk, folder, paths, problems);
  const hashers = Array.from({ length: availableParallelism() }, () => group.spawn(hash, paths, problems));
  group.join();
  const hashes = hashers.flatMap((hasher) => [...hasher.join()]).sort(([a], [b]) => (a < b ? -1 : 1));
  process.stdout.on('error', () => process.exit()); // whoever reads this, such as `head`, has seen enough
  for (const [path, digits] of hashes) {
    const escaped = path.replace(/[\\\n\r]/g, (sign) => JSON.stringify(sign).slice(1, -1));
    console.log(`${escaped === path ? '' : '\\'}${digits}  ${escaped}`);
  }
  if (problems.load() > 0) process.exitCode = 1;
}
