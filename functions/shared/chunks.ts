/** A list cut into pieces, for requests that take so many at once. The last piece may be smaller. */
export const chunks = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: size > 0 ? Math.ceil(items.length / size) : 0 }, (_, n) => items.slice(n * size, (n + 1) * size))
