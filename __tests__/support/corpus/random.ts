/** A seeded generator (mulberry32), so that the same seed makes the same images on every machine. */
export function seeded(seed: number) {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    /** 0 ≤ x < 1 */
    next,
    between: (from: number, to: number): number => from + next() * (to - from),
    integer: (from: number, to: number): number => Math.floor(from + next() * (to - from + 1)),
    pick: <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T,
    chance: (probability: number): boolean => next() < probability,
  }
}
export type Random = ReturnType<typeof seeded>
