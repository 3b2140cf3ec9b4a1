/** What keeps the command from running at all: said in one line, without a stack, and the exit status is 2. */
export class UsageError extends Error {}
