/** Waiting for a change: the index of changes is asked again and again, for a fraction of a read each time. */
import { limits } from '../../platform.ts'
import type { Ledger } from '../shared/ledger.ts'
import { advanced, type ChangeEntry, isFresh, overlapMs, type Position } from './position.ts'

export type WaitParts = {
  readonly changedSince: Ledger['changedSince']
  readonly clock: () => number
  readonly pause: (milliseconds: number) => Promise<void>
}

/** Half of it, on average, is how late a change is told; each look is half a read unit. */
const pauseMs = 150

/** @returns the images that have changed, each once, as soon as there are some; none after `waitMs` */
export async function waitForChanges(
  { changedSince, clock, pause }: WaitParts,
  ownerId: string,
  from: Position,
  waitMs: number,
): Promise<{ ids: string[]; position: Position }> {
  const deadline = clock() + waitMs
  for (;;) {
    const seen: ChangeEntry[] = await changedSince(ownerId, from.at - overlapMs)
    const fresh = seen.filter((change) => isFresh(from, change))
    if (fresh.length > 0 || clock() + pauseMs > deadline) {
      const told = fresh.slice(0, limits.changesMost)
      const later = new Set(fresh.slice(limits.changesMost))
      return {
        ids: [...new Set(told.map(({ id }) => id))],
        position: advanced(
          from,
          seen.filter((change) => !later.has(change)),
        ),
      }
    }
    await pause(pauseMs)
  }
}
