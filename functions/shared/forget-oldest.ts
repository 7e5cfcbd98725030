/** Bounds what a map remembers: removes what was put in first. Who wants to keep an entry puts it in anew. */
export function forgetOldest(map: Map<unknown, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return
    map.delete(key)
  }
}
