import { parseArgs } from 'node:util';
import { UsageError } from './usage-error.js';

/** Where the summary goes. */
export type Output = { readonly kind: 'tables' | 'json' } | { readonly kind: 'file'; readonly path: string };

/** What the command line asks for. */
export type Request =
  | { readonly command: 'help'; readonly about: 'heddle' | 'run' }
  | { readonly command: 'version' }
  | {
      readonly command: 'run';
      /** The program as it was named. */
      readonly file: string;
      /** What follows it, all of which is the program's. */
      readonly args: readonly string[];
      readonly output: Output;
    };

/** Reads the command line, without node and the command's own name. @throws UsageError */
export function readArguments(argv: readonly string[]): Request {
  const { options, operand, rest } = split(argv);
  for (const { name, text, value } of options) {
    if (value !== undefined || !Object.hasOwn(globalOptions, name))
      throw new UsageError(`no option ${text}: heddle takes --help and --version`);
  }
  const [option] = options;
  if (option !== undefined) {
    return option.name === 'version' ? { command: 'version' } : { command: 'help', about: 'heddle' };
  }
  if (operand === undefined) throw new UsageError('which command? "heddle run FILE" runs a program');
  if (operand !== 'run') {
    throw new UsageError(`there is no command ${JSON.stringify(operand)}; "heddle --help" lists them`);
  }
  return readRun(rest);
}

function readRun(argv: readonly string[]): Request {
  const { options, operand: file, rest: args } = split(argv);
  let output: Output = { kind: 'tables' };
  for (const { name, text, value } of options) {
    if (name === 'help' && value === undefined) return { command: 'help', about: 'run' };
    if (name !== 'json') {
      throw new UsageError(
        `no option ${text}: heddle run takes --json and --help; options of the program follow FILE`,
      );
    }
    if (value === '') throw new UsageError('--json= names no file; --json alone prints to standard output');
    output = value === undefined ? { kind: 'json' } : { kind: 'file', path: value };
  }
  if (file === undefined) throw new UsageError('which program? heddle run [OPTIONS] FILE [ARGS]');
  return { command: 'run', file, args, output };
}

const globalOptions = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

interface Option {
  readonly name: string;
  /** As it was written. */
  readonly text: string;
  readonly value: string | undefined;
}

/** The options before the first argument that is none, that argument, and all that follows it. */
function split(argv: readonly string[]): {
  options: Option[];
  operand: string | undefined;
  rest: readonly string[];
} {
  // Not strict: of what follows the operand, nothing is ours to judge.
  const { tokens } = parseArgs({
    args: [...argv],
    options: globalOptions,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const options: Option[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') {
      return { options, operand: token.value, rest: argv.slice(token.index + 1) };
    }
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    options.push({ name, text: value === undefined ? rawName : `${rawName}=${value}`, value });
  }
  return { options, operand: undefined, rest: [] };
}
