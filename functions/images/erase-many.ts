/** Many erasures in one request. Each goes the one way of `eraseImage`, and succeeds or fails by itself. */
import pMap from 'p-map'
import type { BulkErased, EverythingErased } from '../../contract/personal-schemas.ts'
import { bulkErasure } from '../../platform.ts'
import type { Erasure } from '../shared/erase.ts'
import { DarkroomError } from '../shared/errors.ts'
import type { ImageRow } from '../shared/image.ts'
import { isImageId } from '../shared/keys.ts'
import type { Ledger } from '../shared/ledger.ts'

export type ManyParts = {
  readonly ledger: Pick<Ledger, 'get' | 'ownerSummaries' | 'standing'>
  /** Erases one image of its owner, and leaves it to `recordMany` to tell of it. */
  readonly eraseOneOfMany: (row: ImageRow) => Promise<Erasure>
  readonly recordMany: (
    erasures: readonly Erasure[],
    times: { readonly startedAt: number; readonly finishedAt: number },
  ) => Promise<void>
  readonly clock: () => number
}

type Failure = BulkErased['failed'][number]

/**
 * @param done is given what was erased
 * @returns undefined where the image is gone, whoever ended it; what kept it otherwise
 */
async function eraseOne(
  { ledger, eraseOneOfMany }: ManyParts,
  ownerId: string,
  id: string,
  done: Erasure[],
): Promise<Failure | undefined> {
  try {
    const row = isImageId(id) ? await ledger.get(id) : undefined
    // Of somebody else's images nothing is told, not even that they are there.
    if (row && row.ownerId === ownerId) done.push(await eraseOneOfMany(row))
    return undefined
  } catch (error) {
    if (!(error instanceof DarkroomError)) throw error
    return error.code === 'unknown-image' ? undefined : { id, code: error.code, detail: error.message }
  }
}

/** Erases those of the ids that are this person's; ids of nothing, or of others' images, count as gone. */
export async function eraseMany(parts: ManyParts, ownerId: string, ids: readonly string[]): Promise<BulkErased> {
  const startedAt = parts.clock()
  const unique = [...new Set(ids)]
  const done: Erasure[] = []
  const failures = await pMap(unique, (id) => eraseOne(parts, ownerId, id, done), { concurrency: bulkErasure.atOnce })
  await parts.recordMany(done, { startedAt, finishedAt: parts.clock() })
  const failed = failures.filter((failure) => failure !== undefined)
  const kept = new Set(failed.map(({ id }) => id))
  return { erased: unique.filter((id) => !kept.has(id)), failed }
}

/**
 * Erases all images of a person, unfinished uploads and interrupted erasures included, for as long as a round lasts.
 * Nothing has to be remembered between rounds: what is left is what the index still lists and the table still has.
 */
export async function eraseEverything(parts: ManyParts, ownerId: string): Promise<EverythingErased> {
  const startedAt = parts.clock()
  const until = startedAt + bulkErasure.roundMs
  const done: Erasure[] = []
  const gone = new Set<string>()
  const failed: Failure[] = []
  const listed = await idsOf(parts.ledger, ownerId)
  await pMap(
    listed,
    async (id) => {
      if (parts.clock() > until) return
      const failure = await eraseOne(parts, ownerId, id, done)
      if (failure) failed.push(failure)
      else gone.add(id)
    },
    { concurrency: bulkErasure.atOnce },
  )
  await parts.recordMany(done, { startedAt, finishedAt: parts.clock() })
  // What arrived meanwhile is left too; what the index lists a moment longer than the table has it is not.
  const still = (await idsOf(parts.ledger, ownerId)).filter((id) => !gone.has(id))
  const left = (await parts.ledger.standing(still)).size
  return { erased: gone.size, failed, left }
}

async function idsOf(ledger: Pick<Ledger, 'ownerSummaries'>, ownerId: string): Promise<string[]> {
  const ids: string[] = []
  for await (const rows of ledger.ownerSummaries(ownerId)) ids.push(...rows.map(({ id }) => id))
  return ids
}
