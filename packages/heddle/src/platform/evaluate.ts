/** Evaluates source text so that stacks name the file it came from. */

/** Where a text stands in a file; line and column count from zero. */
export interface TextOrigin {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * The value of an expression in strict mode, at the global scope of this thread, with the given names in addition.
 * @throws SyntaxError; EvalError where the program forbids code from strings; and what the expression throws.
 */
export function evaluate(
  expression: string,
  names: Readonly<Record<string, unknown>>,
  origin: TextOrigin | undefined,
): unknown {
  const before = '"use strict"; return (';
  const body = `${before}${expression}\n);`;
  const compiled =
    origin === undefined ? compile(body, names) : compileAt(body, names, origin, before.length);
  return compiled(...Object.values(names));
}

type Compiled = (...values: unknown[]) => unknown;

function compile(body: string, names: object): Compiled {
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the text is a function of the program itself
  return new Function(...Object.keys(names), body) as Compiled;
}

function compileAt(body: string, names: object, origin: TextOrigin, lead: number): Compiled {
  try {
    const vm = process.getBuiltinModule('node:vm'); // loaded when first needed
    return vm.compileFunction(body, Object.keys(names), {
      filename: origin.file,
      lineOffset: origin.line,
      columnOffset: origin.column - lead,
    }) as Compiled;
  } catch (error) {
    if (error instanceof SyntaxError) throw error;
    return compile(body, names); // this runtime cannot say where the text came from
  }
}
