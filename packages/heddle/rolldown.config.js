import { chmodSync, copyFileSync, existsSync, rmSync } from 'node:fs';
import { parse } from 'acorn';
import { analyze } from 'eslint-scope';
import { defineConfig } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';

/** Output name in `dist/`, and the module it starts from. */
const entries = {
  // The public interface.
  index: 'src/index.ts',
  trace: 'src/trace/index.ts',
  // What runs inside a worker: found from a shared chunk by `new URL('./worker-entry.js', import.meta.url)`,
  // which is why every output file lies flat in `dist/`.
  'worker-entry': 'src/entry/worker-entry.ts',
  supervisor: 'src/entry/supervisor.ts',
  // What the `heddle` command has node load before a program.
  'preload-entry': 'src/cli/preload-entry.ts',
};

/** What shares no state with these: the first module of the supervisor, the command, and the bundled parser. */
const apart = [
  { 'supervisor-entry': 'src/entry/supervisor-entry.ts' },
  { cli: 'src/cli/cli.ts' },
  { 'source-parser': 'src/thread/source-parser.ts' },
];

const executable = {
  name: 'executable-command',
  writeBundle() {
    if (existsSync('dist/cli.js')) chmodSync('dist/cli.js', 0o755);
  },
};

/**
 * Makes importing cost less. Each line stays one line, so the source map stays right.
 *
 * The runtime's modules are taken by `process.getBuiltinModule`: an import statement makes the runtime build a namespace
 * of all that the module exports, for which `node:fs` alone loads all of its streams; most are loaded at its start
 * anyway. And all is ASCII, since one other character makes the engine read the whole file as UTF-16.
 */
const quickToLoad = {
  name: 'quick-to-load',
  renderChunk(code) {
    const lean = code.replace(
      /^import (?:(\w+)(?:, )?)?(?:\{ ([^}]*) \})? ?from "(node:\w+)";$/gm,
      (_, whole, names = '', module) => {
        const taken = `process.getBuiltinModule("${module}")`;
        const parts = [
          whole && `${whole} = ${taken}`,
          names && `{ ${names.replaceAll(' as ', ': ')} } = ${taken}`,
        ];
        return `const ${parts.filter(Boolean).join(', ')};`;
      },
    );
    const ascii = lean.replace(/[^\0-\x7f]/g, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`);
    return { code: ascii, map: null };
  },
};

/**
 * Writes the numbers themselves where the code names words of shared memory, such as `Obj.STATE`. The engine would load
 * the table, check what it is and load the number, each time. A number is padded to the length of the name, so that the
 * source map stays right.
 */
const numbersForNames = {
  name: 'numbers-for-names',
  renderChunk(code) {
    const program = parse(code, { ecmaVersion: 'latest', sourceType: 'module', ranges: true });
    const scopes = analyze(program, { ecmaVersion: 2022, sourceType: 'module' });
    const { set } = scopes.acquire(program, true);
    const tables = tablesIn(program);
    const edits = [];
    for (const [name, table] of Object.entries(tables)) {
      for (const { identifier } of set.get(name).references) {
        const { start, end } = identifier;
        const key = /^\.([A-Z][A-Z_0-9]*)\b/.exec(code.slice(end, end + 60))?.[1];
        if (key in table) edits.push({ start, end: end + 1 + key.length, number: table[key] });
      }
    }
    let lean = '';
    let at = 0;
    for (const { start, end, number } of edits.sort((a, b) => a.start - b.start)) {
      lean += code.slice(at, start) + String(number).padEnd(end - start);
      at = end;
    }
    return { code: lean + code.slice(at), map: null };
  },
};

/** The module's objects that have nothing but numbers, by their names. */
function tablesIn({ body }) {
  const tables = {};
  const valueOf = (node) => {
    if (node.type === 'Literal' && typeof node.value === 'number') return node.value;
    if (node.type === 'UnaryExpression' && node.operator === '-') return -valueOf(node.argument);
    if (node.type === 'BinaryExpression' && node.operator === '+')
      return valueOf(node.left) + valueOf(node.right);
    if (node.type === 'MemberExpression' && !node.computed)
      return tables[node.object.name]?.[node.property.name];
    return undefined;
  };
  for (const { type, declarations } of body) {
    if (type !== 'VariableDeclaration') continue;
    for (const { id, init } of declarations) {
      if (init?.type !== 'ObjectExpression') continue;
      const entries = init.properties.map(({ key, value }) => [key?.name, value && valueOf(value)]);
      if (entries.every(([, value]) => Number.isInteger(value)))
        tables[id.name] = Object.fromEntries(entries);
    }
  }
  return tables;
}

rmSync('dist', { recursive: true, force: true });
// What npm shows is what the repository shows.
copyFileSync('../../README.md', 'README.md');

/** How JavaScript is made. */
function code(input, plugins, codeSplitting) {
  return {
    input,
    platform: 'node',
    logLevel: 'warn',
    tsconfig: 'tsconfig.json',
    plugins,
    // Node 20 has no `using`: the target lowers it.
    transform: { target: ['es2022', 'node20'] },
    // package.json's sideEffects speaks of `dist/`; a source module imported for its effect must stay.
    treeshake: { moduleSideEffects: [{ test: /\.ts$/, sideEffects: true }] },
    output: {
      dir: 'dist',
      format: 'es',
      sourcemap: true,
      minify: false,
      // Each use of a `let` or `const` of a module would be checked for having a value yet.
      topLevelVar: true,
      // The sources carry the comments; the output is read by engines, and is a third of the size without.
      comments: { legal: true, annotation: true, jsdoc: false },
      codeSplitting,
      entryFileNames: '[name].js',
      chunkFileNames: '[name]-[hash].js',
    },
  };
}

export default defineConfig([
  code(entries, [numbersForNames, quickToLoad], {
    // One chunk for what several entries share: each file costs half a millisecond to load.
    groups: [
      {
        name: 'core',
        // What only tools need stays out of it.
        test: /[\\/]src[\\/](?!cli|entry|explore|trace)\w+[\\/]/,
        minShareCount: 2,
      },
    ],
  }),
  ...apart.map((entry) => code(entry, [quickToLoad, executable], true)),
  {
    input: { index: entries.index, trace: entries.trace },
    platform: 'node',
    logLevel: 'warn',
    plugins: [dts({ emitDtsOnly: true, oxc: false, tsconfig: 'tsconfig.json' })],
    output: { dir: 'dist', format: 'es' },
  },
]);
