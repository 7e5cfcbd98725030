import { describe, expect, it } from 'vitest'
import { decodeCursor, encodeCursor } from '../../../functions/images/cursor.ts'

const key = { id: 'a', ownerId: 'me', receivedAt: 1 }

describe('cursor', () => {
  it('comes back as it went out', () => {
    expect(decodeCursor(encodeCursor(key), 'me')).toEqual(key)
  })
  it('is absent on the last page and on the first request', () => {
    expect(encodeCursor(undefined)).toBeUndefined()
    expect(decodeCursor(undefined, 'me')).toBeUndefined()
  })
  it.each([
    ['of another person', encodeCursor(key)],
    ['that is damaged', 'AAAA'],
    ['with foreign attributes', Buffer.from('{"id":"a","ownerId":"you","receivedAt":1,"x":1}').toString('base64url')],
  ])('refuses one %s', (_, cursor) => {
    expect(() => decodeCursor(cursor, 'you')).toThrow(expect.objectContaining({ status: 400, code: 'invalid-cursor' }))
  })
})
