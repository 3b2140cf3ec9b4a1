// The layers of packages/heddle/src. An import points to a lower layer or stays in its folder; there are no cycles.

/** Folders by level, lowest first; those on one level do not know each other. */
const levels = [
  ['base'],
  ['platform'],
  ['memory'],
  ['park'],
  ['sync', 'queue', 'shared'],
  ['thread'],
  ['executor'],
  ['detect', 'explore', 'trace'],
  ['cli', 'entry'],
];

/** The exceptions on one level: queues and shared objects are made with locks. */
const beside = { queue: ['sync'], shared: ['sync'] };

const src = '^packages/heddle/src/';
const parser = 'node_modules/(acorn|eslint-scope)/';
const below = (folders) => `${src}(${folders.join('|')})/`;

const layerRules = levels.flatMap((folders, level) =>
  folders.map((folder) => ({
    name: `layer-${folder}`,
    comment: `${folder}/ imports only from ${['lower layers', ...(beside[folder] ?? []), 'itself'].join(', ')}.`,
    severity: 'error',
    from: { path: below([folder]) },
    to: {
      path: src,
      pathNot: below([...levels.slice(0, level).flat(), ...(beside[folder] ?? []), folder]),
    },
  })),
);

export default {
  forbidden: [
    ...layerRules,
    {
      name: 'known-layer',
      comment: 'Every module but index.ts lies in the folder of a layer.',
      severity: 'error',
      from: { path: src },
      to: { path: src, pathNot: [`${src}index\\.ts$`, below(levels.flat())] },
    },
    {
      name: 'index-on-top',
      comment: 'index.ts is for users; inside, a module imports from where the thing is.',
      severity: 'error',
      from: { path: src },
      to: { path: `${src}index\\.ts$` },
    },
    {
      name: 'no-cycle',
      comment: 'Not even within a folder, and not for types alone.',
      severity: 'error',
      from: { path: src },
      to: { circular: true },
    },
    {
      name: 'no-package',
      comment: 'heddle has no dependencies at run time. The parser and the scope analyser are bundled.',
      severity: 'error',
      from: { path: src },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown'],
        pathNot: parser,
      },
    },
    {
      name: 'parser-in-its-chunk',
      comment: 'Only thread/source-parser.ts imports the parser, so that it stays out of every other chunk.',
      severity: 'error',
      from: { path: src, pathNot: `${src}thread/source-parser\\.ts$` },
      to: { path: parser, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'parser-on-demand',
      comment:
        'thread/source-parser.ts is loaded with require() when first needed, or imported for its types.',
      severity: 'error',
      from: { path: src },
      to: { path: `${src}thread/source-parser\\.ts$`, dependencyTypesNot: ['type-only', 'require'] },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: { path: src },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Imports of types count too.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
