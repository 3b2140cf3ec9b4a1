/** What goes through queues, the same for all peers; the twins are in python/payloads.py. */

const MEGABYTE = 2 ** 20;

const makers = {
  number: () => 42,
  /** About 100 bytes of JSON. */
  object: () => ({
    id: 12345,
    user: 'ada.lovelace',
    city: 'London',
    score: 99.5,
    active: true,
    tags: ['new', 'paid'],
  }),
  /** Rows of a table, about 10 KB of JSON. */
  rows: () =>
    Array.from({ length: 100 }, (_, id) => ({
      id,
      name: `customer number ${id}`,
      city: 'Amsterdam',
      balance: id * 1.25,
      orders: [id, id + 1, id + 2],
    })),
  /** A megabyte that is copied. */
  buffer: () => new Uint8Array(MEGABYTE).fill(7),
  /** A megabyte that all threads share. */
  shared: () => new Uint8Array(new SharedArrayBuffer(MEGABYTE)).fill(7),
};

export type PayloadName = keyof typeof makers;

/** Makes the payload of this name. */
export function payload(name: PayloadName): unknown {
  return makers[name]();
}

/** A number that a receiver can only know if the item arrived. */
export function weigh(item: unknown): number {
  if (typeof item === 'number') return item;
  if (Array.isArray(item)) return item.length;
  if (item instanceof Uint8Array) return item[item.length - 1]!;
  return (item as { id: number }).id;
}
