import { existsSync } from 'node:fs';

// What an entry costs an application: bundled with its chunks, minified, compressed with gzip.
const budgets = {
  index: '75 kB',
  trace: '75 kB',
  'worker-entry': '75 kB',
  supervisor: '75 kB',
  'supervisor-entry': '3 kB',
  cli: '10 kB',
  'preload-entry': '75 kB',
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
