/** Walking a syntax tree. */
import type {
  AnonymousFunctionDeclaration,
  AnyNode,
  ArrowFunctionExpression,
  FunctionDeclaration,
  FunctionExpression,
} from 'acorn';

export type FunctionNode =
  FunctionDeclaration | AnonymousFunctionDeclaration | FunctionExpression | ArrowFunctionExpression;

export function isFunction(node: AnyNode | undefined): node is FunctionNode {
  return (
    node?.type === 'FunctionDeclaration' ||
    node?.type === 'FunctionExpression' ||
    node?.type === 'ArrowFunctionExpression'
  );
}

/** The nodes directly below. */
export function* children(node: AnyNode): Generator<AnyNode> {
  for (const value of Object.values(node) as unknown[]) {
    if (Array.isArray(value)) yield* value.filter(isNode);
    else if (isNode(value)) yield value;
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/**
 * The nodes from the root to the function whose parameters begin at `offset`, both included. It is the innermost one
 * that has the offset before its body, since a default value may hold further functions.
 */
export function pathToFunction(root: AnyNode, offset: number): AnyNode[] | undefined {
  let found: AnyNode[] | undefined;
  const path: AnyNode[] = [];
  const visit = (node: AnyNode): void => {
    if (offset < node.start || offset >= node.end) return;
    path.push(node);
    if (isFunction(node) && offset <= node.body.start) found = [...path];
    for (const child of children(node)) visit(child);
    path.pop();
  };
  visit(root);
  return found;
}
