#!/usr/bin/env node
/** The `heddle` command. */
import { readFileSync } from 'node:fs';
import { writeFully } from '../platform/stdio.js';
import { readArguments } from './arguments.js';
import { HELP, RUN_HELP } from './help.js';
import { run } from './run.js';
import { UsageError } from './usage-error.js';

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  writeFully(2, `heddle: ${error.message}\n`);
  process.exitCode = 2;
}

async function main(argv: readonly string[]): Promise<number> {
  const request = readArguments(argv);
  switch (request.command) {
    case 'run':
      return run(request.file, request.args, request.output);
    case 'help':
      writeFully(1, request.about === 'run' ? RUN_HELP : HELP);
      return 0;
    case 'version':
      writeFully(1, `${version()}\n`);
      return 0;
  }
}

function version(): string {
  const file = new URL('../package.json', import.meta.url); // beside `dist`, where this runs
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
