/**
 * Reads a function in the text of its script: what it is called, whether it is exported, what it uses from around it.
 *
 * This is the door of a chunk of its own, which carries a parser and a scope analyser; it is loaded when the first
 * target is described.
 */
import { type AnyNode, parse, type Program } from 'acorn';
import { analyze, type ScopeManager } from 'eslint-scope';
import { exportName, holderOf, isOfModule } from './source-names.js';
import { type InlineSource, inlineSource } from './source-text.js';
import { isFunction, pathToFunction } from './source-tree.js';
import { type OuterName, outerNames, tiesOf } from './source-uses.js';

export type { OuterName };

/** A function as its text tells it. */
export interface WrittenFunction {
  readonly form: 'declaration' | 'expression' | 'arrow' | 'method' | 'accessor';
  /** The variable that holds it and nothing else, ever; undefined if there is none. */
  readonly variable: string | undefined;
  /** Whether that is a variable of the module. */
  readonly isOfModule: boolean;
  /** The name its module exports it by. CommonJS exports are not seen. */
  readonly exported: string | undefined;
  /** Names it uses from around it. */
  readonly outer: readonly OuterName[];
  /** `this`, `import.meta` and their like that it uses from around it. */
  readonly bound: readonly string[];
  /** Its text, fit to be evaluated elsewhere. */
  readonly inline: InlineSource;
}

interface Parsed {
  readonly text: string;
  readonly program: Program;
  readonly scopes: ScopeManager;
}

/** A script's tree lives as long as its text. */
const trees = new WeakMap<object, Parsed>();

/**
 * The function of a script whose parameters begin at `offset`; undefined if there is none.
 * @throws SyntaxError if the text is not JavaScript as this parser knows it.
 */
export function readFunction(
  script: { readonly source: string; readonly isModule: boolean },
  offset: number,
): WrittenFunction | undefined {
  let parsed = trees.get(script);
  if (parsed === undefined) trees.set(script, (parsed = parseText(script.source, script.isModule)));
  const path = pathToFunction(parsed.program, offset);
  return path && readPath(parsed, path);
}

/**
 * A function known by its own text alone, as `toString` gives it. All it uses is then declared nowhere.
 * @throws SyntaxError as above.
 */
export function readText(text: string): WrittenFunction | undefined {
  // A method stands only within an object.
  for (const [before, after] of [['(', ')'] as const, ['({', '})'] as const]) {
    try {
      const parsed = parseText(`${before}${text}${after}`, false);
      const path = firstFunction(parsed.program);
      if (path !== undefined) return readPath(parsed, path);
    } catch (error) {
      if (before === '({') throw error;
    }
  }
  return undefined;
}

/** Whether a text is good code in strict mode. */
export function isStrictCode(expression: string): boolean {
  try {
    parse(`'use strict'; (${expression}\n)`, { ecmaVersion: 'latest', sourceType: 'script' });
    return true;
  } catch {
    return false;
  }
}

function parseText(text: string, isModule: boolean): Parsed {
  const sourceType = isModule ? 'module' : 'commonjs';
  const program = parse(text, { ecmaVersion: 'latest', sourceType, allowHashBang: true, ranges: true });
  const scopes = analyze(program as unknown as Parameters<typeof analyze>[0], {
    ecmaVersion: 2026,
    sourceType,
    // Direct eval could use any name; what it is given is the function's own affair.
    ignoreEval: true,
  });
  return { text, program, scopes };
}

function firstFunction(program: Program): AnyNode[] | undefined {
  const [statement] = program.body;
  if (statement?.type !== 'ExpressionStatement') return undefined;
  const { expression } = statement;
  if (expression.type !== 'ObjectExpression') return [program, statement, expression];
  const [property] = expression.properties;
  return property?.type === 'Property'
    ? [program, statement, expression, property, property.value]
    : undefined;
}

function readPath({ text, program, scopes }: Parsed, path: AnyNode[]): WrittenFunction | undefined {
  const fn = path.at(-1);
  const parent = path.at(-2);
  if (!isFunction(fn)) return undefined;
  const form = formOf(fn, parent);
  const holder = holderOf(path, scopes);
  const outer = outerNames(fn, scopes, holder.variable);
  const { bound, imports } = tiesOf(fn, form === 'method' || form === 'accessor');
  const callsItself = outer.some(({ from }) => from === 'itself');
  return {
    form,
    variable: holder.variable?.name,
    isOfModule: holder.variable !== undefined && isOfModule(holder.variable),
    exported: exportName(program, holder),
    outer,
    bound,
    inline: inlineSource(text, fn, form, imports, callsItself ? holder.variable?.name : undefined),
  };
}

function formOf(fn: AnyNode, parent: AnyNode | undefined): WrittenFunction['form'] {
  if (fn.type === 'FunctionDeclaration') return 'declaration';
  if (fn.type === 'ArrowFunctionExpression') return 'arrow';
  if (parent?.type === 'MethodDefinition') return /[gs]et/.test(parent.kind) ? 'accessor' : 'method';
  if (parent?.type !== 'Property' || parent.value !== fn) return 'expression';
  if (parent.kind !== 'init') return 'accessor';
  return parent.method ? 'method' : 'expression';
}
