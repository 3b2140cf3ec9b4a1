/** The method by which Node's `util.inspect`, and so `console.log`, prints an object. Other runtimes know it too. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;
