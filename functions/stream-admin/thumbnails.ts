/**
 * Thumbnails for those who keep the stream going: photographs belong to the people who uploaded them, so viewers see
 * none, each look is recorded, and a link ends within minutes and never after the image.
 */
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import pMap from 'p-map'
import type { StreamThumbnails } from '../../contract/stream-work-schemas.ts'
import { consoleLimits, thumbnailName } from '../../platform.ts'
import { isImageId } from '../shared/keys.ts'
import type { StreamAdminParts } from './parts.ts'

/** @returns a link to an object of the lake that holds for `seconds` */
export type SignThumbnail = (key: string, seconds: number) => Promise<string>

export const createThumbnailSigner =
  (s3: S3Client, bucket: string, clock: () => number): SignThumbnail =>
  (key, seconds) =>
    getSignedUrl(
      s3,
      new GetObjectCommand({ Bucket: bucket, Key: key, ResponseCacheControl: `private, max-age=${seconds}` }),
      { signingDate: new Date(clock()), expiresIn: seconds },
    )

/** Rows that are read at once. */
const concurrency = 16

/** @param ids of images; those that are gone, or have no thumbnail yet, are left out of the answer */
export async function thumbnailsOf(
  { ledger, sign, clock }: Pick<StreamAdminParts, 'ledger' | 'sign' | 'clock'>,
  ids: readonly string[],
): Promise<StreamThumbnails> {
  const now = clock()
  const lifeMs = consoleLimits.thumbnailSeconds * 1000
  const rows = await pMap([...new Set(ids)].filter(isImageId), (id) => ledger.get(id), { concurrency })
  const alive = rows.flatMap((row) => {
    const thumbnail = row?.renditions?.find(({ name }) => name === thumbnailName)
    return row && thumbnail && row.status !== 'purged' && row.expiresAt > now + 1000 ? [{ row, thumbnail }] : []
  })
  const items = await pMap(alive, async ({ row, thumbnail: { key, width, height } }) => ({
    id: row.id,
    url: await sign(key, Math.floor(Math.min(lifeMs, row.expiresAt - now) / 1000)),
    width,
    height,
  }))
  return { items, valid_until: new Date(now + lifeMs).toISOString() }
}
