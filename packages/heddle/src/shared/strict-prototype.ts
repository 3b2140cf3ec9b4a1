/**
 * What stands above structs and arrays: a property that none of them has. Without it, a misspelt field or an index in
 * brackets would become a property of this one JavaScript object, and what is written to it would never reach the shared
 * memory.
 */

/** What to throw when a property is set, or an index read, that is none. */
interface Complaints {
  readonly set: (of: object, key: string, value: unknown) => TypeError;
  readonly index?: (of: object, key: string) => TypeError;
}

/** Makes the objects of a class refuse properties that they do not have. What they have costs nothing more. */
export function refuseOthers({ prototype }: { prototype: object }, { set, index }: Complaints): void {
  // Not Object.prototype itself: `instanceof Object` looks at what is above the proxy.
  const above = new Proxy(Object.create(Object.prototype) as object, {
    set(_, key, value, receiver) {
      throw set(receiver as object, String(key), value);
    },
    get(target, key, receiver) {
      if (index !== undefined && typeof key === 'string' && /^\d+$/.test(key))
        throw index(receiver as object, key);
      return Reflect.get(target, key, receiver) as unknown;
    },
  });
  Object.setPrototypeOf(prototype, above);
}
