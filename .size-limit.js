import { existsSync } from 'node:fs';

// What an entry costs an application: bundled with its chunks, minified, compressed with gzip.
const budgets = {
  index: '80 kB',
  trace: '80 kB',
  'worker-entry': '80 kB',
  supervisor: '85 kB',
  'supervisor-entry': '3 kB',
  cli: '10 kB',
  'preload-entry': '80 kB',
  'source-parser': '50 kB',
};

const path = (entry) => `packages/heddle/dist/${entry}.js`;

export default Object.entries(budgets)
  .filter(([entry]) => existsSync(path(entry)))
  .map(([entry, limit]) => ({
    name: entry,
    path: path(entry),
    limit,
    gzip: true,
    modifyEsbuildConfig: (config) => ({
      ...config,
      platform: 'node',
      format: 'esm',
      // Loaded when first needed, and counted on its own.
      external: ['*/source-parser.js'],
    }),
  }));
