import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores(['**/dist/', '**/.build/', '**/test/fixtures/raw/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-private-class-members': 'error',
      // A promise nobody waits for loses its error. node:test awaits what its own functions return.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] },
          ],
        },
      ],

      // Relaxed: isolatedDeclarations wants most types written; one written too many is no fault.
      '@typescript-eslint/no-inferrable-types': 'off',
      // Relaxed for element access, as in `words[address + STATE]!`: every word of a view exists, but the type
      // of an element says "or undefined". Anywhere else a `!` needs a line that says why it holds.
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'TSNonNullExpression > :not(MemberExpression[computed=true])',
          message: 'Handle the missing value; `!` is for elements of typed arrays.',
        },
      ],
      // Relaxed: numbers and booleans print as one expects.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // Relaxed: `() => lock.release()` is the usual way to write a callback.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Relaxed: `while (true)` is how a compare-and-swap loop reads best.
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // Relaxed: a leading underscore says "not used", and `using _ = …` is used by going out of scope.
      '@typescript-eslint/no-unused-vars': [
        'error',
        {
          argsIgnorePattern: '^_',
          varsIgnorePattern: '^_',
          caughtErrors: 'none',
          ignoreUsingDeclarations: true,
        },
      ],
    },
  },
  {
    files: ['packages/*/src/**/*.ts', 'bench/src/**/*.ts'],
    rules: { 'max-lines': ['error', { max: 400 }] },
  },
  {
    // They are read from top to bottom.
    files: ['examples/programs/src/*.ts'],
    rules: { 'max-lines': ['error', { max: 79 }] },
  },
  {
    files: ['packages/*/test/**/*.ts', 'examples/*/test/**/*.ts', 'bench/test/**/*.ts'],
    rules: {
      // A test that meets undefined here fails, which is what it is for.
      'no-restricted-syntax': 'off',
      // Targets and hooks are async, or empty, because of where they are passed.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: {
        URL: 'readonly',
        clearTimeout: 'readonly',
        console: 'readonly',
        performance: 'readonly',
        process: 'readonly',
        setTimeout: 'readonly',
      },
    },
  },
);
