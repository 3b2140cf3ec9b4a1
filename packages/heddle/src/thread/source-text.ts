/** A function's text, made fit to be evaluated elsewhere. */
import type { ImportExpression } from 'acorn';
import type { FunctionNode } from './source-tree.js';

/** What calls of `import()` become: it imports as if from the module the function was written in. */
const IMPORT = '__heddleImport';

/** An expression whose value is the function. */
export interface InlineSource {
  readonly text: string;
  /** How many characters of its first line are not the function's own. */
  readonly lead: number;
  /** Where the function's own text begins in the script. */
  readonly start: number;
  /** Specifiers of its imports that are relative, as they are written. */
  readonly relativeImports: readonly string[];
}

/**
 * `selfName` is the variable by which the function calls itself, where its text alone does not give it that name.
 * The result for a method has the name that the text of its key gives, which may differ for a computed key.
 */
export function inlineSource(
  script: string,
  fn: FunctionNode,
  form: string,
  imports: readonly ImportExpression[],
  selfName: string | undefined,
): InlineSource {
  const relativeImports: string[] = [];
  let own = '';
  let at = fn.start;
  for (const { start, source } of imports) {
    own += script.slice(at, start) + IMPORT;
    at = start + 'import'.length;
    if (source.type === 'Literal' && /^\.{1,2}\//.test(String(source.value))) {
      relativeImports.push(String(source.value));
    }
  }
  own += script.slice(at, fn.end);
  const [before, after] = frame(fn, form, selfName);
  return { text: before + own + after, lead: before.length, start: fn.start, relativeImports };
}

/** What stands before and after the function's own text. */
function frame(fn: FunctionNode, form: string, selfName: string | undefined): readonly [string, string] {
  if (form === 'method') {
    const modifiers = `${fn.async ? 'async ' : ''}${fn.generator ? '*' : ''}`;
    return [`({ ${modifiers}method`, ' }).method'];
  }
  if (selfName === undefined || fn.id?.name === selfName) return ['', ''];
  return [`(() => { const ${selfName} = `, `; return ${selfName}; })()`];
}
