import { chmodSync, copyFileSync, existsSync, rmSync } from 'node:fs';
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
  'supervisor-entry': 'src/entry/supervisor-entry.ts',
  // The `heddle` command, and what it has node load before a program.
  cli: 'src/cli/cli.ts',
  'preload-entry': 'src/cli/preload-entry.ts',
  // Carries the bundled parser. An entry of its own keeps it out of `index.js`: it is loaded when first needed.
  'source-parser': 'src/thread/source-parser.ts',
};

const present = Object.fromEntries(Object.entries(entries).filter(([, source]) => existsSync(source)));

const executable = {
  name: 'executable-command',
  writeBundle() {
    if ('cli' in present) chmodSync('dist/cli.js', 0o755);
  },
};

rmSync('dist', { recursive: true, force: true });
// What npm shows is what the repository shows.
copyFileSync('../../README.md', 'README.md');

export default defineConfig([
  {
    input: present,
    platform: 'node',
    logLevel: 'warn',
    tsconfig: 'tsconfig.json',
    plugins: [executable],
    // Node 20 has no `using`: the target lowers it.
    transform: { target: ['es2022', 'node20'] },
    // package.json's sideEffects speaks of `dist/`; a source module imported for its effect must stay.
    treeshake: { moduleSideEffects: [{ test: /\.ts$/, sideEffects: true }] },
    output: {
      dir: 'dist',
      format: 'es',
      sourcemap: true,
      minify: false,
      // The sources carry the comments; the output is read by engines, and is a third of the size without.
      comments: { legal: true, annotation: true, jsdoc: false },
      entryFileNames: '[name].js',
      chunkFileNames: '[name]-[hash].js',
    },
  },
  {
    input: { index: entries.index, trace: entries.trace },
    platform: 'node',
    logLevel: 'warn',
    plugins: [dts({ emitDtsOnly: true, oxc: false, tsconfig: 'tsconfig.json' })],
    output: { dir: 'dist', format: 'es' },
  },
]);
