/** The names a function goes by: its variable, and the export of its module. */
import type { AnyNode, Identifier, Program } from 'acorn';
import type { Scope, ScopeManager, Variable } from 'eslint-scope';
import { isWrapper, wrappedExport } from './source-wrapper.js';

/** Functions that tools wrap around others, which return what they are given. */
const transparent: ReadonlySet<string> = new Set(['__name']);

/** What holds a function. */
export interface Holder {
  /** The variable whose only value the function is. */
  readonly variable?: Variable;
  /** Whether it is the default export without having a variable. */
  readonly isDefault: boolean;
}

/** What holds the function at the end of `path`. */
export function holderOf(path: readonly AnyNode[], scopes: ScopeManager): Holder {
  let at = path.length - 1;
  while (isTransparent(path[at - 1], path[at])) at--;
  const node = path[at];
  const parent = path[at - 1];
  const isDefault = parent?.type === 'ExportDefaultDeclaration';
  const name = node?.type === 'FunctionDeclaration' ? node.id : nameGivenBy(parent);
  const variable = name && variableOf(name, path.slice(0, at), scopes);
  return variable && hasOneValue(variable, path) ? { variable, isDefault } : { isDefault };
}

function isTransparent(parent: AnyNode | undefined, node: AnyNode | undefined): boolean {
  return (
    parent?.type === 'CallExpression' &&
    parent.arguments[0] === node &&
    parent.callee.type === 'Identifier' &&
    transparent.has(parent.callee.name)
  );
}

/** The variable that a declaration or assignment gives its value to. */
function nameGivenBy(parent: AnyNode | undefined): Identifier | undefined {
  if (parent?.type === 'VariableDeclarator' && parent.id.type === 'Identifier') return parent.id;
  if (
    parent?.type === 'AssignmentExpression' &&
    parent.operator === '=' &&
    parent.left.type === 'Identifier'
  ) {
    return parent.left;
  }
  return undefined;
}

function variableOf(
  name: Identifier,
  around: readonly AnyNode[],
  scopes: ScopeManager,
): Variable | undefined {
  for (const node of around.toReversed()) {
    for (let scope = scopeOf(node, scopes); scope !== null; scope = scope.upper) {
      const variable = scope.set.get(name.name);
      if (variable !== undefined) return variable;
    }
  }
  return undefined;
}

function scopeOf(node: AnyNode, scopes: ScopeManager): Scope | null {
  return scopes.acquire(node as Parameters<ScopeManager['acquire']>[0], true);
}

/** Whether nothing but the function at the end of `path` is ever put into the variable, and that only once. */
function hasOneValue(variable: Variable, path: readonly AnyNode[]): boolean {
  const fn = path.at(-1);
  const writes = variable.references.filter((reference) => reference.isWrite());
  const declared = variable.defs.filter(({ type }) => type !== 'Variable');
  if (fn?.type === 'FunctionDeclaration') return declared.length === 1 && writes.length === 0;
  const [write, another] = writes;
  if (write === undefined || another !== undefined || declared.length > 0) return false;
  // Written by a function, it could have another value in each of its calls.
  const isWrittenOnce = write.from.variableScope === variable.scope.variableScope;
  return isWrittenOnce && path.includes(write.writeExpr as unknown as AnyNode);
}

/** Whether a variable belongs to the module as a whole. */
export function isOfModule({ scope }: Variable): boolean {
  if (scope.type === 'module' || scope.type === 'global') return true;
  return (scope.type === 'function' && scope.block.type === 'Program') || isWrapper(scope);
}

/** The name under which a module exports what a holder holds. */
export function exportName(program: Program, { variable, isDefault }: Holder): string | undefined {
  if (isDefault) return 'default';
  if (variable === undefined || !isOfModule(variable)) return undefined;
  for (const statement of program.body) {
    if (statement.type === 'ExportDefaultDeclaration') {
      const { declaration } = statement;
      if (declaration.type === 'Identifier' && declaration.name === variable.name) return 'default';
    }
    if (statement.type !== 'ExportNamedDeclaration' || statement.source) continue;
    const { declaration, specifiers } = statement;
    if (
      declaration &&
      variable.defs.some(({ node, parent }) => [node, parent].includes(declaration as never))
    ) {
      return variable.name;
    }
    for (const { local, exported } of specifiers) {
      if (local.type === 'Identifier' && local.name === variable.name) {
        return exported.type === 'Identifier' ? exported.name : String(exported.value);
      }
    }
  }
  return wrappedExport(program, variable);
}
