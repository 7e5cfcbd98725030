/** Which of a person's images are meant, and in which order. Pure. */
import { z } from 'zod'
import { imageOrders, imageTypes } from '../../platform.ts'
import { cameraName } from '../shared/camera.ts'
import { type ImageRow, statuses } from '../shared/image.ts'

/** Comma-separated values of a closed list. */
const listOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(values)))
    .optional()

const moment = z
  .string()
  .transform((text, context) => {
    const at = Date.parse(text)
    if (Number.isNaN(at)) context.addIssue({ code: 'custom', message: 'must be a time in ISO 8601' })
    return at
  })
  .optional()

const bytes = z.coerce.number().int().min(0).optional()

/** The query parameters that say which images are meant. */
export const filterQuery = z.object({
  status: listOf(statuses),
  type: listOf(Object.keys(imageTypes) as [keyof typeof imageTypes]),
  name: z.string().max(200).optional(),
  camera: z.string().max(200).optional(),
  from: moment,
  to: moment,
  min_bytes: bytes,
  max_bytes: bytes,
})
export type ImageFilter = z.infer<typeof filterQuery>

export const orderQuery = z.enum(imageOrders).default('newest')

type Matched = Pick<ImageRow, 'status' | 'contentType' | 'name' | 'metadata' | 'receivedAt' | 'bytes'>

/** Whether an image is one of those meant: every part of the filter must hold. Closed images never are. */
export function matches(row: Matched, filter: ImageFilter): boolean {
  const { status, type, name, camera, from, to, min_bytes: least, max_bytes: most } = filter
  return (
    row.status !== 'purged' &&
    (status === undefined || status.includes(row.status)) &&
    (type === undefined || type.includes(row.contentType)) &&
    (name === undefined || folded(row.name ?? '').includes(folded(name))) &&
    (camera === undefined || cameraName(row.metadata?.camera) === camera) &&
    (from === undefined || row.receivedAt >= from) &&
    (to === undefined || row.receivedAt < to) &&
    (least === undefined || row.bytes >= least) &&
    (most === undefined || row.bytes <= most)
  )
}

/** Whether anything is asked for that the index cannot answer by its order. */
export const isFiltered = ({ from: _from, to: _to, ...rest }: ImageFilter): boolean =>
  Object.values(rest).some((value) => value !== undefined)

/** Case and the way in which accents are written make no difference. */
const folded = (text: string): string => text.normalize('NFKC').toLowerCase()

/** By what the orders sort that the index does not have; smaller comes first. */
export const sortValue = {
  largest: (row: Matched) => -row.bytes,
  smallest: (row: Matched) => row.bytes,
  name: (row: Matched) => folded(row.name ?? '\u{10ffff}'),
} as const
export type ReadAllOrder = keyof typeof sortValue
