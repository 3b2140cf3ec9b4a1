/** Something the user can mend: it is told in one line, and the program ends with `exitCode`. */
export class Problem extends Error {
  override readonly name = 'Problem';
  /** 1, or 2 if the command line is wrong. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** An error that has come from another thread is no longer of its class, but has its name and its data. */
export function isProblem(error: unknown): error is Problem {
  return error instanceof Error && error.name === 'Problem';
}
