/** Why a value does not fit, on its way from where that was found up to where taking began. */
export class Unfit extends Error {
  /** From the inside to the outside. */
  readonly steps: string[] = [];
  private readonly Class: typeof TypeError | typeof RangeError;

  /** Reads as `Account.tags[2] ${what}`. */
  constructor(Class: typeof TypeError | typeof RangeError, what: string) {
    super(what);
    this.Class = Class;
  }

  /** The error for the user. `root` is where taking began, such as `Account.tags`. */
  toError(root: string): Error {
    return new this.Class(`${root}${this.steps.reverse().join('')} ${this.message}`);
  }
}

/** Adds a step to the path on an error's way out; other errors stay as they are. To be thrown again. */
export function through(error: unknown, step: string): unknown {
  if (error instanceof Unfit) error.steps.push(step);
  return error;
}
