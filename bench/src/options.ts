import { parseArgs } from 'node:util';
import type { Plan } from './harness/results.js';

const HELP = `Measures heddle and its peers in turn.

  npm run bench                    every benchmark
  npm run bench -- lock queue/     the benchmarks whose name contains "lock" or "queue/"

  --quick            fewer rounds, shorter samples: a first impression
  --smoke            a few operations each: shows that the programs work, and measures nothing
  --rounds N         processes of each program, in turn
  --json FILE        writes the results, with every sample
  --from FILE        measures nothing, and reports what --json has written
  --write-docs [DIR] writes performance.md and its plots into DIR, docs/ of the repository if omitted
  --list             prints the names of the benchmarks
`;

/** How much is measured: as a rule, for a first impression, to show that programs work. */
export const PLANS = {
  full: { rounds: 7, effort: { sample: 100, samples: 3 } },
  quick: { rounds: 3, effort: { sample: 50, samples: 3 } },
  smoke: { rounds: 1, effort: { sample: 0, samples: 1 } },
} as const satisfies Record<string, Plan>;

export interface Options {
  readonly filters: readonly string[];
  readonly plan: Plan;
  readonly isSmoke: boolean;
  readonly json?: string | undefined;
  readonly from?: string | undefined;
  /** Where performance.md is written; the repository's documents if empty. */
  readonly docs?: string | undefined;
  readonly list: boolean;
}

/** Bad arguments: the message says which, and what is possible. */
export class UsageError extends Error {}

/** Reads the arguments. Returns the help if that was asked for. @throws UsageError */
export function readOptions(args: readonly string[]): Options | string {
  const { values, positionals } = parse(args);
  if (values.help) return HELP;
  if (values.smoke && values['write-docs'] !== undefined)
    throw new UsageError(
      '--smoke measures nothing to be documented: leave out one of --smoke and --write-docs',
    );
  const plan = PLANS[values.smoke ? 'smoke' : values.quick ? 'quick' : 'full'];
  return {
    filters: positionals,
    plan: values.rounds === undefined ? plan : { ...plan, rounds: positiveInteger(values.rounds) },
    isSmoke: values.smoke,
    json: values.json,
    from: values.from,
    docs: values['write-docs'],
    list: values.list,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: withFolder(args),
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        smoke: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        json: { type: 'string' },
        from: { type: 'string' },
        'write-docs': { type: 'string' },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** `--write-docs` may stand alone, at the end or before another option. */
function withFolder(args: readonly string[]): string[] {
  return args.map((arg, at) =>
    arg === '--write-docs' && (args[at + 1] ?? '-').startsWith('-') ? '--write-docs=' : arg,
  );
}

function positiveInteger(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new UsageError(`--rounds takes a whole number from 1, not "${text}"`);
  return number;
}
