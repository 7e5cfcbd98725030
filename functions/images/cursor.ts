/** Page cursors: where the next page starts, opaque to the client and checked when it comes back. */
import { z } from 'zod'
import { RequestError } from '../shared/errors.ts'

/** DynamoDB's start key, for orders that the index has. */
const startKey = z.strictObject({ id: z.string(), ownerId: z.string(), receivedAt: z.number() })

/** The last image of the page before, for orders that read everything. */
const position = z.strictObject({
  order: z.string(),
  ownerId: z.string(),
  value: z.union([z.string(), z.number()]),
  id: z.string(),
})
export type Position = z.infer<typeof position>

export const encodeCursor = (key: Record<string, unknown> | undefined): string | undefined =>
  key && Buffer.from(JSON.stringify(key)).toString('base64url')

/** @throws RequestError 400 for a cursor that is damaged or belongs to another person */
export const decodeCursor = (text: string | undefined, ownerId: string): Record<string, unknown> | undefined =>
  decode(startKey, text, (key) => key.ownerId === ownerId)

/** @throws RequestError 400 as well for a cursor of another order */
export const decodePosition = (text: string | undefined, ownerId: string, order: string): Position | undefined =>
  decode(position, text, (found) => found.ownerId === ownerId && found.order === order)

function decode<T extends z.ZodType>(
  schema: T,
  text: string | undefined,
  fits: (value: z.infer<T>) => boolean,
): z.infer<T> | undefined {
  if (text === undefined) return undefined
  try {
    const value = schema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()))
    if (fits(value)) return value
  } catch {
    // Falls through: whatever is wrong with it, the answer is the same.
  }
  throw new RequestError(400, 'invalid-cursor', 'The cursor does not fit', { hint: 'Start again without a cursor.' })
}
