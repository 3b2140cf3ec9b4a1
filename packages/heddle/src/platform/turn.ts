/** Lets the event loop turn once: what microtasks are left, and handles that are garbage, go now. */
export function turn(): Promise<undefined> {
  return new Promise((resolve) => {
    setImmediate(resolve, undefined);
  });
}
