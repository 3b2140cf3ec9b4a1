/**
 * Parses every JavaScript file below a folder, on one thread and then on a pool, and tells what they consist of.
 *
 *     npm run example -- parse-scripts [DIR [FILES]]
 *
 * `map` makes tasks of several files each, so that a task is worth its way. Nothing here needs the order of the files, so
 * none waits for a long one. Without DIR it parses files here and there in node_modules: FILES of them, usually 500.
 */
import { parse } from 'acorn';
import { isMain, ThreadPool } from 'heddle';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A file does not say whether it is a module or CommonJS: it may have what either has. */
const either = {
  allowAwaitOutsideFunction: true,
  allowImportExportEverywhere: true,
  allowReturnOutsideFunction: true,
};

/** What is done for each file, wherever: measures it, and counts its nodes by their type. */
export function parseFile(path: string) {
  const [text, nodes] = [readFileSync(path, 'utf8'), new Map<string, number>()];
  let problem = '';
  try {
    count(parse(text, { ecmaVersion: 'latest', ...either }), nodes);
  } catch (error) {
    problem = String(error);
  }
  return { path, bytes: Buffer.byteLength(text), lines: text.split('\n').length, nodes, problem };
}

function count(tree: unknown, nodes: Map<string, number>): void {
  if (typeof tree !== 'object' || tree === null) return;
  if ('type' in tree) nodes.set(String(tree.type), (nodes.get(String(tree.type)) ?? 0) + 1);
  for (const child of Object.values(tree)) count(child, nodes);
}

/** Prints the five greatest. */
function print(title: string, measured: Iterable<readonly [name: string, measure: number]>): void {
  const sorted = [...measured].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  console.log(`\n${title}`);
  for (const [name, measure] of sorted.slice(0, 5)) console.log(`${String(measure).padStart(9)}  ${name}`);
}

if (isMain(import.meta)) {
  const [folder = 'node_modules', most = '500', ...rest] = process.argv.slice(2);
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isFolder || !/^[1-9]\d*$/.test(most) || rest.length > 0) {
    console.error('parse-scripts: give a folder, and how many of its files at most, in this order');
    process.exit(2);
  }
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?js$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const paths = all.filter((_, n) => n % Math.ceil(all.length / Number(most)) === 0);
  for (const path of paths) readFileSync(path); // neither way finds them cold
  const start = performance.now();
  for (const path of paths) parseFile(path);
  const between = performance.now();
  await using pool = new ThreadPool();
  const files = await pool.map(parseFile, paths, { ordered: false });
  const [alone, pooled] = [between - start, performance.now() - between].map((ms) => (ms / 1000).toFixed(2));

  const nodes = new Map<string, number>();
  for (const file of files) for (const [type, n] of file.nodes) nodes.set(type, (nodes.get(type) ?? 0) + n);
  const functions = [...nodes].reduce((sum, [type, n]) => sum + (type.includes('Function') ? n : 0), 0);
  const lines = files.reduce((sum, file) => sum + file.lines, 0);
  console.log(`${files.length} files, ${lines} lines, ${functions} functions`);
  console.log(`${alone} s on one thread, ${pooled} s on a pool`);
  print('most frequent nodes', nodes);
  print('bytes of the longest files', new Map(files.map(({ path, bytes }) => [path, bytes])));
  const failed = files.flatMap(({ path, problem }) => (problem === '' ? [] : [`  ${path}: ${problem}`]));
  console.log([`\n${failed.length} cannot be parsed`, ...failed.sort().slice(0, 5)].join('\n'));
}
