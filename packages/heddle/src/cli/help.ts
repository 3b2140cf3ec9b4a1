/** What `--help` prints. */

export const HELP = `Usage: heddle COMMAND

Commands:
  run FILE [ARGS]   runs a program and tells what its threads waited for

Options:
  -h, --help        this help; "heddle COMMAND --help" is about one command
  -v, --version     the version of heddle
`;

export const RUN_HELP = `Usage: heddle run [OPTIONS] FILE [ARGS]

Runs a JavaScript or TypeScript program as "node FILE ARGS" does. At its end, tables on standard error
tell how long each thread ran and was blocked, how often each lock was acquired, for how long it was
waited for and held, and what went through each queue.

Options:
  --json         instead of the tables, one line of JSON as the last line of standard output
  --json=FILE    the same, written to FILE
  -h, --help     this help

What follows FILE is the program's. Options of node are given by the environment:

  NODE_OPTIONS=--enable-source-maps heddle run FILE

TypeScript runs on Node 22.18 or newer as it is, and on older ones if tsx is installed beside the program.

The exit status is the program's own, or 2 if it could not be run.
`;
