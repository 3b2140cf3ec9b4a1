/**
 * Modules that a tool evaluates as one large function: Vite's module runner, and with it Vitest, and tsx where it loads
 * CommonJS. What is declared directly in that function belongs to the module.
 */
import type { AnyNode, Program } from 'acorn';
import type { Scope, Variable } from 'eslint-scope';
import { children, type FunctionNode, isFunction } from './source-tree.js';

/** The function around all of a module, called at once or left to the tool to call. */
function wrapperOf(program: Program): FunctionNode | undefined {
  if (program.sourceType === 'module') return undefined;
  for (const statement of program.body) {
    if (statement.type !== 'ExpressionStatement') continue;
    const { expression } = statement;
    const fn = expression.type === 'CallExpression' ? expression.callee : expression;
    if (isFunction(fn)) return fn;
  }
  return undefined;
}

/** Whether a scope is that of such a function, or of the block that is all of its body. */
export function isWrapper(scope: Scope): boolean {
  if (scope.type === 'block') return scope.upper?.type === 'function' && isWrapper(scope.upper);
  const program = scope.upper?.block;
  return program?.type === 'Program' && wrapperOf(program as unknown as Program) === (scope.block as unknown);
}

/**
 * The name under which a module in Vite's wrapper exports a variable. It stands beside a function that returns the
 * variable: `__vite_ssr_exportName__("work", () => work)`, and in earlier versions
 * `Object.defineProperty(__vi_export__, "work", { get() { return work } })`.
 */
export function wrappedExport(program: Program, { name }: Variable): string | undefined {
  const body = wrapperOf(program)?.body;
  for (const call of body === undefined ? [] : callsIn(body)) {
    const at = call.arguments.findIndex((it) => it.type === 'Literal' && typeof it.value === 'string');
    const label = call.arguments[at];
    const getter = call.arguments[at + 1];
    if (label?.type !== 'Literal' || getter === undefined || !isOfVite(call.arguments[at - 1] ?? call.callee))
      continue;
    if (returnedName(getter) === name) return String(label.value);
  }
  return undefined;
}

function isOfVite(node: AnyNode): boolean {
  return node.type === 'Identifier' && node.name.startsWith('__vi');
}

function* callsIn(node: AnyNode): Generator<Extract<AnyNode, { type: 'CallExpression' }>> {
  for (const child of children(node)) {
    if (child.type === 'BlockStatement') yield* callsIn(child);
    if (child.type === 'ExpressionStatement' && child.expression.type === 'CallExpression')
      yield child.expression;
  }
}

/** The variable that the first `return` below a node names. */
function returnedName(node: AnyNode): string | undefined {
  if (node.type === 'ArrowFunctionExpression' && node.body.type === 'Identifier') return node.body.name;
  if (node.type === 'ReturnStatement')
    return node.argument?.type === 'Identifier' ? node.argument.name : undefined;
  for (const child of children(node)) {
    const name = returnedName(child);
    if (name !== undefined) return name;
  }
  return undefined;
}
