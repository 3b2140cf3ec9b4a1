import assert from 'node:assert/strict';
import { spawn as spawnProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { Session } from 'node:inspector';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { TargetError } from '../src/base/errors.js';
import { findTarget, findTargetSync } from '../src/thread/find-target.js';
import { isMain } from '../src/thread/main-module.js';
import { exportSeenBefore } from '../src/thread/source-glance.js';
import { readFunction } from '../src/thread/source-parser.js';
import { describeTarget, type TargetRef } from '../src/thread/target.js';
import { task } from '../src/thread/task.js';
import * as forms from './fixtures/target-exports.js';
import * as tagged from './fixtures/target-tagged.js';
import type { Call, Outcome } from './fixtures/target-worker.js';

const raw = new URL('../../test/fixtures/raw/', import.meta.url);
const fixture = (name: string): string => new URL(`fixtures/${name}.js`, import.meta.url).href;
const require = createRequire(import.meta.url);
const module = (name: string): string => new URL(name, raw).href;
const file = (name: string): string => `packages/heddle/test/fixtures/raw/${name}`;

const worker = new Worker(new URL('fixtures/target-worker.js', import.meta.url));
after(() => worker.terminate());

/** Finds and calls a target in another thread. */
async function callThere(ref: TargetRef, args: readonly unknown[] = [], sync = false): Promise<Outcome> {
  worker.postMessage({ ref, args, sync } satisfies Call);
  const [outcome] = (await once(worker, 'message')) as [Outcome];
  return outcome;
}

/** What a target returns in another thread, found with and without awaiting. */
async function resultThere(fn: unknown, ...args: readonly unknown[]): Promise<unknown> {
  const ref = describeTarget(fn);
  const outcome = await callThere(ref, args);
  assert.equal(outcome.error, undefined);
  assert.deepEqual((await callThere(ref, args, true)).value, outcome.value);
  return outcome.value;
}

/** Line of a fixture's source that begins with `text`. */
function lineOf(name: string, text: string): number {
  const source = readFileSync(new URL(`../../test/fixtures/${name}.ts`, import.meta.url), 'utf8');
  const line = source.split('\n').findIndex((it) => it.trim().startsWith(text)) + 1;
  assert.ok(line > 0, text);
  return line;
}

function refusal(fn: unknown): string {
  try {
    describeTarget(fn);
  } catch (error) {
    assert.ok(error instanceof TargetError, String(error));
    assert.equal(error.code, 'HEDDLE_TARGET');
    return error.message;
  }
  throw new assert.AssertionError({ message: 'the target was not refused' });
}

const { hidden } = forms;

/** A method apart from its object. */
const method = (holder: object, name: string, part: 'value' | 'get' = 'value'): unknown =>
  (Object.getOwnPropertyDescriptor(holder, name) as Record<string, unknown> | undefined)?.[part];

for (const [name, fn, result, module = 'target-exports'] of [
  ['declared', forms.declared, 2],
  ['awaiting', forms.awaiting, 3],
  ['generating', forms.generating, 4],
  ['arrow', forms.arrow, 5],
  ['asyncArrow', forms.asyncArrow, 6],
  ['expression', forms.expression, 7],
  ['named', forms.named, 8],
  ['listed', forms.listed, 9],
  ['underAnotherName', forms.underAnotherName, 10],
  ['late', forms.late, 11],
  ['default', forms.default, 12],
  ['remote', forms.remote, 1001, 'target-remote'],
  ['remote', forms.remoteAgain, 1001, 'target-remote'],
  ['remote', hidden.remote, 1001, 'target-remote'],
] as const) {
  test(`${name} of ${module} is found by its export`, async () => {
    assert.deepEqual(describeTarget(fn), { kind: 'module', module: fixture(module), name });
    assert.equal(describeTarget(fn), describeTarget(fn), 'the same reference each time');
    assert.equal(await resultThere(fn, 1), result);
  });
}

for (const [text, exported] of [
  ['export function f|() {}', 'f'],
  ['export async function* f |() {}', 'f'],
  ['export default function f|() {}', 'default'],
  ['export const f = |() => 1;', 'f'],
  ['export const f = |async x => x;', 'f'],
  ['export const f = function () {}, g = |() => 1;', undefined],
  ['export const f = (|() => 1)();', undefined],
  ['export const f = function () { return |() => 1 }();', undefined],
  ['export const f = x => |y => y;', undefined],
  ['export function f|() {} f = null;', undefined],
  ['export function f|() {} f ??= null;', undefined],
  ['/* export function */ f|() {}', undefined],
  ['class C {\n// export function\nf|() {} }', undefined],
  ['`\nexport function ${function f|() {}}`', undefined],
  ['export let f = |() => 1;', undefined],
] as const) {
  test(`seen at a glance, as the parser sees it: ${JSON.stringify(text)}`, () => {
    const source = text.replace('|', '');
    const offset = text.indexOf('|');
    const seen = exportSeenBefore(source, offset);
    assert.equal(seen, exported);
    if (seen !== undefined) assert.equal(readFunction({ source, isModule: true }, offset)?.exported, seen);
  });
}

test('a target found by its export is the function itself in the module that has it', async () => {
  assert.equal(await findTarget(describeTarget(forms.declared)), forms.declared);
  assert.equal(findTargetSync({ ...describeTarget(forms.arrow) }), forms.arrow);
});

for (const [name, fn, args, result] of [
  ['an arrow function', (a: number, b: number) => a + b, [1, 2], 3],
  [
    'an async function',
    async function (this: unknown, n: number) {
      return [await Promise.resolve(n), this];
    },
    [5],
    [5, undefined],
  ],
  [
    'a generator',
    function* (n: number) {
      yield n * 2;
    },
    [4],
    8,
  ],
  ['an arrow function that calls itself', hidden.recursive, [5], 120],
  ['a function that calls itself', hidden.factorial, [5], 120],
  ['a method without this', method(hidden.object, 'free'), [4], 8],
  ['an async method', method(hidden.object, 'freeAsync'), [4], 12],
  ['a generator method', method(hidden.object, 'freeGenerator'), [4], 16],
  ['a method with a computed name', method(hidden.object, 'computedName'), [4], 20],
  ['a static method', method(forms.Counter, 'zero'), [], 0],
  ['imports, relative and of packages', hidden.importing, [1], 1001],
  ['a question whether a name exists', hidden.typed, [], 'undefined'],
  [
    'globals',
    () => [typeof performance.now(), Math.max(1, 2), String(undefined), Infinity],
    [],
    ['number', 2, 'undefined', Infinity],
  ],
  [
    'names of its own',
    (x: number) => {
      const offset = x;
      {
        class Table {
          size = offset;
        }
        return new Table().size;
      }
    },
    [3],
    3,
  ],
  [
    'default values and patterns',
    ({ a = 1, ...rest }: { a?: number; b: number }, [c] = [3]) => [a, rest, c],
    [{ b: 2 }],
    [1, { b: 2 }, 3],
  ],
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- a function without a file
  ['evaluated code', new Function('a', 'return a + 1'), [1], 2],
  ['code given to eval', (0, eval)('(a) => a + 2'), [1], 3],
] as const) {
  test(`a function that uses nothing from around it is made again from its text: ${name}`, async () => {
    const ref = describeTarget(fn);
    assert.equal(ref.kind, 'inline');
    assert.deepEqual(await resultThere(fn, ...args), result);
  });
}

test('a function made again keeps its name, and is the same each time', async () => {
  const half = (x: number): number => x / 2;
  assert.equal((await callThere(describeTarget(half), [4])).name, 'half');
  assert.equal((await callThere(describeTarget(method(hidden.object, 'free')), [4])).name, 'free');
  const ref = { ...describeTarget(half) };
  assert.equal(await findTarget(ref), findTargetSync({ ...ref }));
});

test('a function made again is described as what it was made from, and so are functions within it', async () => {
  const ref = describeTarget((module: string) =>
    import(module).then(({ describeTarget: describe }: { describeTarget: typeof describeTarget }) => {
      const inner = (x: number) => x + 1;
      const tied = (x: number) => x + module.length;
      try {
        return [describe(inner), describe(tied)];
      } catch (error) {
        return [describe(inner), String(error)];
      }
    }),
  );
  const again = await findTarget({ ...ref });
  assert.deepEqual(describeTarget(again), ref);
  const { value } = await callThere(ref, [new URL('../src/thread/target.js', import.meta.url).href]);
  const [inner, refused] = value as [TargetRef, string];
  assert.equal(inner.kind === 'inline' && inner.source, '(x) => x + 1');
  assert.equal((await callThere(inner, [1])).value, 2);
  assert.match(
    refused,
    /tied \(packages\/heddle\/test\/target\.test\.ts:\d+\) cannot be found .* uses module from around/,
  );
});

test('the stack of a function made again names the line it was written at', async () => {
  const { value } = await callThere(describeTarget(hidden.lines));
  const line = lineOf('target-exports', "return new Error('here')");
  assert.match(String(value), new RegExp(`/test/fixtures/target-exports\\.ts:${line}:`));
});

const place = (text: string, name = 'target-exports'): string =>
  `packages/heddle/test/fixtures/${name}.ts:${lineOf(name, text)}`;

for (const [what, fn, message] of [
  [
    'a function with state of its module',
    hidden.work,
    `work (${place('function work')}) cannot be found in a new thread: it is not exported and uses calls and table from around it. ` +
      'Export it from its module ("export function work"), or pass calls and table as arguments.',
  ],
  [
    'what its module imports',
    hidden.usingImport,
    `usingImport (${place('const usingImport')}) cannot be found in a new thread: it is not exported and uses count from around it. ` +
      'Export it from its module ("export const usingImport").',
  ],
  [
    'import.meta',
    hidden.usingMeta,
    `usingMeta (${place('const usingMeta')}) cannot be found in a new thread: it is not exported and uses import.meta. ` +
      'Export it from its module ("export const usingMeta").',
  ],
  [
    'a closure',
    hidden.usingLocal,
    `usingLocal (${place('const usingLocal')}) cannot be found in a new thread: it is not exported and uses local from around it. ` +
      'Make it an exported function of its module, and pass local as an argument.',
  ],
  [
    'a closure with state of its module',
    hidden.usingBoth,
    `usingBoth (${place('const usingBoth')}) cannot be found in a new thread: it is not exported and uses local and offset from around it. ` +
      'Make it an exported function of its module, and pass local as an argument.',
  ],
  [
    'a nested function with state of its module',
    hidden.usingModule,
    `usingModule (${place('const usingModule')}) cannot be found in a new thread: it is not exported and uses offset from around it. ` +
      'Make it an exported function of its module, or pass offset as an argument.',
  ],
  [
    'arguments of a function around it',
    hidden.usingArguments,
    `usingArguments (${place('const usingArguments')}) cannot be found in a new thread: it is not exported and uses arguments. ` +
      'Make it an exported function of its module.',
  ],
  [
    'a closure with the name of an exported function',
    hidden.shadowed,
    `declared (${place('function declared')}) cannot be found in a new thread: it is not exported and uses offset from around it. ` +
      'Make it an exported function of its module, or pass offset as an argument.',
  ],
  [
    'an exported function that its module replaces',
    hidden.replacing,
    `replaced (${place('replaced = (x)')}) cannot be found in a new thread: it is not exported and uses offset from around it. ` +
      'Make it an exported function of its module, or pass offset as an argument.',
  ],
  [
    'a function without a name',
    hidden.anonymous,
    `the function (${place('anonymous:')}) cannot be found in a new thread: it is not exported and uses offset from around it. ` +
      'Make it an exported function of its module, or pass offset as an argument.',
  ],
  [
    'a class',
    forms.Counter,
    `Counter (${place('export class Counter')}) is a class, and a thread runs a function. Export a function that does "new Counter(…)".`,
  ],
  [
    'a method',
    method(forms.Counter.prototype, 'add'),
    `add (${place('add(n')}) cannot be found in a new thread: it is a method and uses this and #total. ` +
      'Export a function that makes the object and calls its method.',
  ],
  [
    'a static method with state of its module',
    method(forms.Counter, 'reset'),
    `reset (${place('static reset')}) cannot be found in a new thread: it is a method and uses offset from around it. ` +
      'Export a function that makes the object and calls its method.',
  ],
  [
    'a method with private names',
    method(forms.Counter.prototype, 'peek'),
    `peek (${place('peek(other')}) cannot be found in a new thread: it is a method and uses #total. ` +
      'Export a function that makes the object and calls its method.',
  ],
  [
    'a method with super',
    method(hidden.Derived.prototype, 'value'),
    `value (${place('override value')}) cannot be found in a new thread: it is a method and uses super. ` +
      'Export a function that makes the object and calls its method.',
  ],
  [
    'a method of an object',
    method(hidden.object, 'tied'),
    `tied (${place('tied(x')}) cannot be found in a new thread: it is a method and uses this. ` +
      'Export a function that makes the object and calls its method.',
  ],
  [
    'a getter',
    method(hidden.object, 'read', 'get'),
    `get read (${place('get read')}) cannot be found in a new thread: it is a getter or setter. ` +
      'Export a function that uses the property.',
  ],
  [
    'a bound function',
    forms.declared.bind(null, 1),
    'bound declared cannot be found in a new thread: bind() made it. ' +
      'Export a function that calls declared, and pass the bound values as arguments.',
  ],
  [
    'a built-in function',
    Math.max,
    'max cannot be found in a new thread: it is built in. Wrap it: "(...args) => Math.max(...args)".',
  ],
  [
    'a built-in class',
    Date,
    'Date cannot be found in a new thread: it is built in. Wrap it: "(...args) => Date(...args)".',
  ],
  [
    'a proxy',
    new Proxy(forms.declared, {}),
    'declared cannot be found in a new thread: it is a Proxy. Export a function that calls it.',
  ],
  [
    'evaluated code with more around it',
    (0, eval)('((y) => (x) => x + y)(1)'),
    'the function (in evaluated code) cannot be found in a new thread: it was not written in a file and uses y from around it. ' +
      'Put it into a file that exports it, and pass y as an argument.',
  ],
  [
    'evaluated code that imports a relative path',
    (0, eval)('() => import("./x.js")'),
    'the function (in evaluated code) cannot be found in a new thread: it imports a relative path, and it was not written in a file. ' +
      'Import by an absolute path or URL.',
  ],
] as const) {
  test(`refused, with why and what to do: ${what}`, () => {
    assert.equal(refusal(fn), message);
    assert.equal(refusal(fn), message, 'also the second time');
  });
}

test('a global of the program is not one of every thread', () => {
  const globals = globalThis as { setByThisProgram?: number };
  globals.setByThisProgram = 1;
  try {
    assert.match(
      refusal(() => globals),
      /uses globals from around it/,
    );
    assert.match(refusal((0, eval)('() => setByThisProgram')), /uses setByThisProgram from around it/);
  } finally {
    delete globals.setByThisProgram;
  }
});

test('what is no function is no target', () => {
  for (const value of [undefined, null, 'work', {}, 3]) {
    assert.throws(() => describeTarget(value), {
      name: 'TypeError',
      message: /^target must be a function, not /,
    });
  }
});

test('functions of CommonJS modules are found by identity', async () => {
  const path = fileURLToPath(new URL('target-commonjs.cjs', raw));
  const module = new URL('target-commonjs.cjs', raw).href;
  const exports = require(path) as Record<string, (x: number) => number> & {
    hidden: Record<string, () => unknown>;
  };
  for (const [name, result] of Object.entries({ work: 2, arrow: 3, free: 4, compiled: 6 })) {
    assert.deepEqual(describeTarget(exports[name]), { kind: 'module', module, name });
    assert.equal(await resultThere(exports[name], 1), result);
  }
  assert.equal(await resultThere(exports.hidden['free'], 1), 5);
  const start = (name: string, line: number): string =>
    `${name} (packages/heddle/test/fixtures/raw/target-commonjs.cjs:${line}) cannot be found in a new thread: it is not exported and uses`;
  assert.equal(
    refusal(exports.hidden['tied']),
    `${start('tied', 17)} secret from around it. Make it an exported function of its module, or pass secret as an argument.`,
  );
  assert.equal(
    refusal(exports.hidden['requiring']),
    `${start('requiring', 19)} require from around it. Make it an exported function of its module.`,
  );
  assert.equal(
    refusal(exports.hidden['located']),
    `${start('located', 20)} __dirname from around it. Make it an exported function of its module, or pass __dirname as an argument.`,
  );
});

test('a CommonJS module may be the function itself; text that strict mode forbids stays in its module', async () => {
  const path = fileURLToPath(new URL('target-sloppy.cjs', raw));
  const fn = require(path) as ((x: number) => number) & { hidden: { octal: () => number } };
  assert.deepEqual(describeTarget(fn), {
    kind: 'module',
    module: new URL('target-sloppy.cjs', raw).href,
    name: 'default',
  });
  assert.equal(await resultThere(fn, 1), 7);
  assert.equal(
    refusal(fn.hidden.octal),
    'octal (packages/heddle/test/fixtures/raw/target-sloppy.cjs:2) cannot be found in a new thread: ' +
      'it is not exported, and its text is not allowed in strict mode. Export it from its module.',
  );
});

for (const [what, register] of [
  ['now', '__vite_ssr_exportName__("work", () => { try { return work } catch {} });'],
  ['before', 'Object.defineProperty(__vi_export__, "work", { get(){ return work } });'],
] as const) {
  test(`functions of modules that Vite runs in a function of its own are found in the module: ${what}`, async () => {
    const text = `'use strict';async (__vite_ssr_exportName__,__vi_export__)=>{{${register}
const table = [1];
function work(x) { return x + table.length; }
const hidden = (x) => x + table.length;
const free = (x) => x + 2;
return { work, hidden, free, closure: (() => { const work = (x) => x + table.length; return work })() };
}}`;
    const filename = fileURLToPath(new URL('target-wrapped.mjs', raw));
    const run = runInThisContext(text, { filename }) as (
      ...tools: unknown[]
    ) => Promise<Record<string, unknown>>;
    const { work, hidden, free, closure } = await run(() => {}, {});
    assert.deepEqual(describeTarget(work), {
      kind: 'module',
      module: module('target-wrapped.mjs'),
      name: 'work',
    });
    assert.equal(await resultThere(work, 1), 2);
    assert.equal(await resultThere(free, 1), 3);
    const start = (name: string, line: number): string =>
      `${name} (${file('target-wrapped.mjs')}:${line}) cannot be found in a new thread: it is not exported and uses table from around it. `;
    assert.equal(
      refusal(hidden),
      `${start('hidden', 4)}Export it from its module ("export const hidden"), or pass table as an argument.`,
    );
    assert.equal(
      refusal(closure),
      `${start('work', 6)}Make it an exported function of its module, or pass table as an argument.`,
    );
  });
}

test('functions of the runtime are found in its modules', async () => {
  const basename: unknown = Reflect.get(await import('node:path'), 'basename');
  assert.deepEqual(describeTarget(basename), { kind: 'module', module: 'node:path', name: 'basename' });
  assert.equal(await resultThere(basename, '/a/b'), 'b');
});

test('task names a function by its module, and by its text where it has no name', async () => {
  const module = fixture('target-tagged');
  assert.deepEqual(describeTarget(tagged.first), {
    kind: 'module',
    module,
    name: 'default',
    source: '(x) => x + 1',
  });
  assert.equal(await resultThere(tagged.first, 1), 2);
  assert.equal(await resultThere(tagged.second, 1), 3);
  assert.deepEqual(describeTarget(tagged.wrapped), { kind: 'module', module, name: 'wrapped' });
  assert.deepEqual(await resultThere(tagged.wrapped, 1), [1, 1]);
  assert.equal(await resultThere(tagged.byPath, 1), 4);
  assert.deepEqual(describeTarget(tagged.default), { kind: 'module', module, name: 'itself' });
  assert.equal(await resultThere(tagged.default, 1), 5);
});

test('task refuses what names no module, and no function', () => {
  const fn = (): void => {};
  assert.throws(() => task('./work.js', fn), {
    name: 'TypeError',
    message:
      'module must be an absolute path or a URL, since a thread does not know what "./work.js" is relative to: pass import.meta',
  });
  assert.throws(() => task(3 as unknown as string, fn), {
    name: 'TypeError',
    message: 'module must be import.meta, a URL or an absolute path, not 3',
  });
  assert.throws(() => task(import.meta, undefined as unknown as () => void), {
    name: 'TypeError',
    message: 'target must be a function, not undefined',
  });
});

for (const [what, ref, message, cause] of [
  [
    'no such export',
    { kind: 'module', module: fixture('target-remote'), name: 'remoet' },
    'packages/heddle/.build/test/fixtures/target-remote.js does not export the function remoet in a new thread; ' +
      'it exports the functions count, remote. ' +
      'Check the name, and that the export does not depend on which thread imports the module.',
  ],
  [
    'an export of the main thread only',
    { kind: 'module', module: module('target-conditional.mjs'), name: 'conditional' },
    `${file('target-conditional.mjs')} does not export the function conditional in a new thread; it exports the functions other. ` +
      'Check the name, and that the export does not depend on which thread imports the module.',
  ],
  [
    'another function of the same name',
    { kind: 'module', module: module('target-conditional.mjs'), name: 'other', source: '() => 1' },
    `${file('target-conditional.mjs')} does not export the function other in a new thread; it exports the functions other. ` +
      'Export it there, or name the module that exports it: task(import.meta, other).',
  ],
  [
    'a module that throws',
    { kind: 'module', module: module('target-throws.mjs'), name: 'work' },
    `${file('target-throws.mjs')}, which exports work, cannot be imported in a new thread: it threw at its top level. RangeError: no luck`,
    'RangeError: no luck',
  ],
  [
    'a module with a syntax error',
    { kind: 'module', module: 'data:text/javascript,export function work() {', name: 'work' },
    `a data: URL, which exports work, cannot be imported in a new thread: it has a syntax error. Unexpected end of input`,
    'SyntaxError: Unexpected end of input',
  ],
  [
    'a module that is gone',
    { kind: 'module', module: module('target-gone.mjs'), name: 'work' },
    `${file('target-gone.mjs')}, which exports work, cannot be imported in a new thread: there is no such file (any more).`,
  ],
] as const satisfies [string, TargetRef, string, string?][]) {
  test(`said in the thread: ${what}`, async () => {
    const { error } = await callThere(ref);
    assert.equal(error?.name, 'TargetError');
    assert.equal(error.message, message);
    if (cause !== undefined) assert.equal(error.cause, cause);
  });
}

test('said in the thread: a module that imports what is missing', async () => {
  const { error } = await callThere({ kind: 'module', module: module('target-missing.mjs'), name: 'work' });
  assert.match(
    error?.message ?? '',
    /target-missing\.mjs, which exports work, cannot be imported in a new thread: something it imports is missing\. Cannot find module '.*does-not-exist\.mjs'/,
  );
});

test('a module that awaits at its top level cannot be needed at once', async () => {
  const ref: TargetRef = { kind: 'module', module: module('target-awaits.mjs'), name: 'work' };
  const { error } = await callThere(ref, [], true);
  assert.equal(
    error?.message,
    `${file('target-awaits.mjs')}, which exports work, cannot be imported in a new thread: ` +
      'it is needed at once, and awaits at its top level or is still being imported. Move the function to a module of its own.',
  );
  assert.equal((await callThere(ref)).value, 'awaited');
});

test('describing leaves a debugger of this thread alone', async () => {
  const session = new Session();
  session.connect();
  const parsed = new Set<string>();
  let pauses = 0;
  session.on('Debugger.scriptParsed', ({ params }) => parsed.add(params.url));
  session.on('Debugger.paused', () => pauses++);
  session.post('Debugger.enable');
  try {
    describeTarget((0, eval)('(x) => x + 17 //# sourceURL=file:///first.js'));
    (0, eval)('1 //# sourceURL=file:///second.js');
    assert.ok(parsed.has('file:///second.js'), 'it still hears of scripts');
    assert.equal(pauses, 0);
  } finally {
    session.disconnect();
  }
});

/** Runs node and returns what it printed. */
async function run(args: readonly string[], input = ''): Promise<string> {
  const child = spawnProcess(process.execPath, args, {
    cwd: fileURLToPath(raw),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const exit = once(child, 'exit');
  child.stdin.end(input);
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  await Promise.all([exit, once(child.stdout, 'close'), once(child.stderr, 'close')]);
  assert.equal(child.exitCode, 0, errors);
  return output;
}

const evaluated = `
const { describeTarget } = require(${JSON.stringify(fileURLToPath(new URL('../src/thread/target.js', import.meta.url)))});
const table = 1;
for (const fn of [(x) => x + 1, () => table, () => require('fs'), () => os.cpus()])
  try { console.log(describeTarget(fn).source); } catch (error) { console.log(error.message); }
`;

for (const [what, name, args, input] of [
  ['node -e', '[eval]:4', ['-e', evaluated], ''],
  ['standard input', '[stdin]:4', ['-'], evaluated],
] as const) {
  test(`functions of ${what} are not in a file`, async () => {
    const start = `the function (${name}) cannot be found in a new thread: it was not written in a file and uses`;
    assert.deepEqual((await run(args, input)).trim().split('\n'), [
      '(x) => x + 1',
      `${start} table from around it. Put it into a file that exports it, or pass table as an argument.`,
      `${start} require from around it. Put it into a file that exports it.`,
      `${start} os from around it. Put it into a file that exports it, or pass os as an argument.`,
    ]);
  });
}

test('without an inspector, what the text and the calling module tell has to do', async () => {
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  const output = await run([permission, '--allow-fs-read=*', '--no-warnings', 'target-uninspected.mjs']);
  const self = module('target-uninspected.mjs');
  assert.deepEqual(
    output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
    [
      { kind: 'inline', source: '(x) => x + 1', name: 'free' },
      {
        kind: 'module',
        module: self,
        name: 'exported',
        source: 'function exported(x) {\n  return x + table.size;\n}',
      },
      { kind: 'module', module: module('target-commonjs.cjs'), name: 'work' },
      { kind: 'module', module: self, name: 'named' },
      'the function cannot be found in a new thread: this runtime does not tell where it was written and uses x and table from around it. Export it from its module as task(import.meta, …).',
      'tied cannot be found in a new thread: this runtime does not tell where it was written and uses this. Export it from its module as task(import.meta, tied).',
      'bound exported cannot be found in a new thread: bind() made it. Export a function that calls exported, and pass the bound values as arguments.',
      'max cannot be found in a new thread: it is built in. Wrap it: "(...args) => Math.max(...args)".',
      'Table is a class, and a thread runs a function. Export a function that does "new Table(…)".',
    ],
  );
});

test('TypeScript under tsx: targets are found by export, by tag and by text', async () => {
  const output = await run(['--import', 'tsx', 'target-typescript.ts']);
  assert.deepEqual(output.trim().split('\n'), [
    '45',
    "[ 'a', 'a' ]",
    'xxx',
    '1',
    '120',
    '6',
    'TargetError: record (target-typescript.ts:28) cannot be found in a new thread: it is not exported and uses steps from around it. ' +
      'Export it from its module ("export function record"), or pass steps as an argument.',
    'opened',
  ]);
});

test('a module that starts threads while it is imported in one is told of isMain', async () => {
  const child = run(['target-unguarded.mjs']);
  await assert.rejects(child, (error: Error) => {
    assert.match(
      error.message,
      /TargetError: a thread for work was started while a module is imported in a thread: its top level runs there once more\. Put what only the program itself should do into "if \(isMain\(import\.meta\)\) \{ … \}"\./,
    );
    return true;
  });
});

for (const [what, program, output] of [
  ['by its name', 'main.mjs', 'true false\nfalse false\n'],
  ['by a path', './../raw/main.mjs', 'true false\nfalse false\n'],
  ['by its folder', 'main', 'started by its folder\n'],
  ['without its extension', 'main/index', 'started by its folder\n'],
] as const) {
  test(`isMain is true for the program, in its main thread alone: started ${what}`, async () => {
    assert.equal(await run([program]), output);
  });
}

test('isMain sees through symbolic links, and is false without a program', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const link = join(folder, 'link');
  symlinkSync(fileURLToPath(new URL('main.mjs', raw)), link);
  assert.equal(await run([link]), 'true false\nfalse false\n');
  assert.equal(await run(['--input-type=module', '-e', "await import('./main.mjs')"]), 'false false\n');
});

test('isMain takes import.meta and nothing else', () => {
  assert.equal(isMain(import.meta), true, 'each test file is a program of its own');
  for (const value of [undefined, null, 'x', {}]) {
    assert.throws(() => isMain(value as ImportMeta), {
      name: 'TypeError',
      message: /^isMain takes import\.meta, not /,
    });
  }
});
