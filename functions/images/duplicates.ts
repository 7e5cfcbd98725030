/** Finding images by their bytes, for somebody who is about to send them again. */
import pMap from 'p-map'
import type { KnownImage } from '../../contract/schemas.ts'
import type { ImageRow } from '../shared/image.ts'
import type { Ledger } from '../shared/ledger.ts'

/** Questions to the index at once. */
const atOnce = 16

/** @returns for each checksum that one of the person's images has, the newest such image; others are left out */
export async function findDuplicates(
  ledger: Pick<Ledger, 'sameContent' | 'rows'>,
  ownerId: string,
  checksums: readonly string[],
): Promise<KnownImage[]> {
  const distinct = [...new Set(checksums)]
  const idsOf = new Map(
    await pMap(distinct, async (sha256) => [sha256, await ledger.sameContent(ownerId, sha256)] as const, {
      concurrency: atOnce,
    }),
  )
  const ids = [...idsOf.values()].flatMap((found) => found.slice(-1))
  const rows = await ledger.rows(ids)
  return distinct.flatMap((sha256) => {
    // The index has them in the order in which they were received.
    const row = rows.get(idsOf.get(sha256)?.at(-1) ?? '')
    return row && isThere(row, ownerId) ? [view(sha256, row)] : []
  })
}

const isThere = (row: ImageRow, ownerId: string) => row.ownerId === ownerId && row.status !== 'purged'

const view = (sha256: string, { id, name, receivedAt }: ImageRow): KnownImage => ({
  sha256,
  id,
  ...(name !== undefined && { name }),
  received_at: new Date(receivedAt).toISOString(),
})
