import { existsSync } from 'node:fs';

// What an entry costs an application: bundled with its chunks, minified, compressed with gzip.
const budgets = {
  index: '60 kB',
  trace: '60 kB',
  'worker-entry': '60 kB',
  supervisor: '60 kB',
  'supervisor-entry': '3 kB',
  cli: '10 kB',
  'preload-entry': '60 kB',
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
