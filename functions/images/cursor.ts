/** Page cursors: DynamoDB's start key, opaque to the client and checked when it comes back. */
import { z } from 'zod'
import { RequestError } from '../shared/errors.ts'

const startKey = z.strictObject({ id: z.string(), ownerId: z.string(), receivedAt: z.number() })

export const encodeCursor = (key: Record<string, unknown> | undefined): string | undefined =>
  key && Buffer.from(JSON.stringify(key)).toString('base64url')

/** @throws RequestError 400 for a cursor that is damaged or belongs to another person */
export function decodeCursor(text: string | undefined, ownerId: string): Record<string, unknown> | undefined {
  if (text === undefined) return undefined
  try {
    const key = startKey.parse(JSON.parse(Buffer.from(text, 'base64url').toString()))
    if (key.ownerId === ownerId) return key
  } catch {
    // Falls through: whatever is wrong with it, the answer is the same.
  }
  throw new RequestError(400, 'invalid-cursor', 'The cursor does not fit', { hint: 'Start again without a cursor.' })
}
