import { describe, expect, it } from 'vitest'
import { uploadRequest } from '../../../contract/schemas.ts'
import { termOf } from '../../../functions/shared/keys.ts'
import { checkRetention } from '../../../functions/upload/check.ts'
import { retention } from '../../../platform.ts'

describe('how long an uploader wants an image kept', () => {
  it('is anything from an hour to the promise', () => {
    expect(checkRetention(undefined)).toBeUndefined()
    expect(checkRetention('3600')).toBe(retention.least)
    expect(checkRetention('604800')).toBe(retention.images)
  })

  it.each(['', '0', '3599', '604801', '-3600', '1e5', '3600.5', ' 3600', '0x1000', '９９９９', '99999999999'])(
    'is refused as %j',
    (header) => {
      expect(() => checkRetention(header)).toThrow('out of range')
    },
  )

  it.each([3599, 604_801, 3600.5, '3600'])('is refused in a body as %j', (seconds) => {
    const request = { content_type: 'image/png', bytes: 1, retention_seconds: seconds }
    expect(uploadRequest.safeParse(request).success).toBe(false)
  })

  it('never goes beyond the promise, whatever a row says', () => {
    expect(termOf({ retentionMs: 90 * 86_400_000 })).toBe(retention.images)
    expect(termOf({})).toBe(retention.images)
  })
})
