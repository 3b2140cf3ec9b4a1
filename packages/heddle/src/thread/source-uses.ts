/** What a function uses from around it. */
import type { AnyNode, ImportExpression, MethodDefinition, PropertyDefinition } from 'acorn';
import type { Scope, ScopeManager, Variable } from 'eslint-scope';
import { isOfModule } from './source-names.js';
import { children, type FunctionNode, isFunction } from './source-tree.js';

/** A name that a function uses and does not declare. */
export interface OuterName {
  readonly name: string;
  /**
   * What it names: a variable of the module, something else that the module declares or imports, a variable of a
   * function around this one, the function itself, or nothing that is declared in the script.
   */
  readonly from: 'module variable' | 'module' | 'function' | 'itself' | 'nowhere';
}

/** The names that the function uses, each once, in the order in which they appear. */
export function outerNames(fn: FunctionNode, scopes: ScopeManager, own: Variable | undefined): OuterName[] {
  const scope = scopes.acquire(fn as unknown as Parameters<ScopeManager['acquire']>[0]);
  const names = new Map<string, OuterName>();
  for (const { identifier, resolved } of throughOf(scope)) {
    if (resolved?.scope.block === (fn as unknown)) continue; // the name of a function expression
    const { name } = identifier as { name: string };
    if (name !== 'arguments') names.set(name, { name, from: originOf(resolved, own) });
  }
  return [...names.values()];
}

function throughOf(scope: Scope | null): Scope['through'] {
  const references = [...(scope?.through ?? [])];
  return references.sort((a, b) => positionOf(a.identifier) - positionOf(b.identifier));
}

function positionOf(identifier: object): number {
  return (identifier as AnyNode).start;
}

function originOf(variable: Variable | null, own: Variable | undefined): OuterName['from'] {
  if (variable === null || variable.defs.length === 0) return 'nowhere';
  if (variable === own) return 'itself';
  const kinds = new Set(variable.defs.map(({ type }) => type));
  if (kinds.has('Parameter') || !isOfModule(variable)) return 'function';
  return kinds.size === 1 && kinds.has('Variable') ? 'module variable' : 'module';
}

/** What a function uses that is bound to its place without being a variable. */
export interface Ties {
  /** `this`, `arguments`, `super`, `new.target`, `import.meta` and private names, where they are not its own. */
  readonly bound: string[];
  /** Its calls of `import()`. */
  readonly imports: ImportExpression[];
}

/** `isMethod`: the function's `this` is not its own. */
export function tiesOf(fn: FunctionNode, isMethod: boolean): Ties {
  const bound = new Set<string>();
  const imports: ImportExpression[] = [];
  const declared = new Set<string>();
  const used = new Set<string>();

  /** `outer`: which of `this` and its like belong to the surroundings at this place. */
  const visit = (node: AnyNode, outer: Outer): void => {
    switch (node.type) {
      case 'ThisExpression':
        if (outer.self) bound.add('this');
        break;
      case 'Super':
        if (outer.self) bound.add('super');
        break;
      case 'Identifier':
        if (outer.call && node.name === 'arguments') bound.add('arguments');
        break;
      case 'MetaProperty':
        if (node.meta.name === 'import') bound.add('import.meta');
        else if (outer.call) bound.add('new.target');
        return;
      case 'ImportExpression':
        imports.push(node);
        break;
      case 'PrivateIdentifier':
        used.add(`#${node.name}`);
        break;
      default:
    }
    visitBelow(node, outer);
  };

  const visitBelow = (node: AnyNode, outer: Outer): void => {
    const inner = isFunction(node) && node.type !== 'ArrowFunctionExpression' ? own : outer;
    for (const child of children(node)) {
      if (isNameOnly(node, child)) continue;
      if (isMember(node) && child === node.key) {
        if (child.type === 'PrivateIdentifier') declared.add(`#${child.name}`);
        else visit(child, outer);
      } else if (node.type === 'PropertyDefinition' || node.type === 'StaticBlock') visit(child, own);
      else visit(child, inner);
    }
  };

  const isArrow = fn.type === 'ArrowFunctionExpression';
  const outer = { self: isArrow || isMethod, call: isArrow };
  for (const child of children(fn)) visit(child, outer);
  for (const name of used) if (!declared.has(name)) bound.add(name);
  return { bound: [...bound], imports };
}

/** Whether `this` and `super`, and whether `arguments` and `new.target`, come from outside. */
interface Outer {
  readonly self: boolean;
  readonly call: boolean;
}

const own: Outer = { self: false, call: false };

/** Whether an identifier is a property's name and no variable. */
function isNameOnly(node: AnyNode, child: AnyNode): boolean {
  if (node.type === 'MemberExpression') {
    return child === node.property && !node.computed && child.type !== 'PrivateIdentifier';
  }
  if (child.type === 'PrivateIdentifier') return false;
  const isKey = (node.type === 'Property' && !node.shorthand) || isMember(node);
  return isKey && child === node.key && !node.computed;
}

function isMember(node: AnyNode): node is MethodDefinition | PropertyDefinition {
  return node.type === 'MethodDefinition' || node.type === 'PropertyDefinition';
}
