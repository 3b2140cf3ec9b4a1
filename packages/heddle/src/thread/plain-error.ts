/** What is left of an error that cannot cross as it is: its name, message and stack. `who` threw it. */
export function plainError(error: unknown, who: string): Error {
  if (!(error instanceof Error)) return new Error(`${who} threw ${typeof error} ${String(error)}`);
  const plain = new Error(error.message);
  plain.name = error.name;
  if (error.stack !== undefined) plain.stack = error.stack;
  return plain;
}
