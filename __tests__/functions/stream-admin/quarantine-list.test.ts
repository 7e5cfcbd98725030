import { describe, expect, it } from 'vitest'
import { headerNames, imageEvent, serializeEvent } from '../../../functions/shared/event.ts'
import { imagePath } from '../../../functions/shared/keys.ts'
import { requireRole, roleOf } from '../../../functions/stream-admin/actor.ts'
import { holds, messageView, type PlacedMessage } from '../../../functions/stream-admin/messages.ts'
import { gather, whyNot } from '../../../functions/stream-admin/quarantine-list.ts'
import { consoleLimits } from '../../../platform.ts'
import { imageRow } from '../../support/images.ts'

const row = imageRow({ status: 'quarantined' })
const event = serializeEvent(imageEvent(row.receivedAt, imagePath(row.key)))
const message = (offset: number, at: number, code: string, value: string | Buffer = event): PlacedMessage => ({
  partition: 0,
  offset: String(offset),
  timestamp: String(at),
  key: Buffer.from(row.id),
  value: Buffer.from(value),
  headers: {
    [headerNames.reasonCode]: Buffer.from(code),
    [headerNames.reason]: Buffer.from(`because ${code}`),
    [headerNames.failedAt]: Buffer.from(new Date(at).toISOString()),
  },
})

describe('the list', () => {
  const messages = [message(0, 1_000, 'truncated'), message(1, 5_000, 'too-slow'), message(2, 3_000, 'x', 'no event')]

  it('gathers the records of an image: how often, first, last, and the last reason', () => {
    const [first, second] = gather(messages, new Set())
    expect(first).toMatchObject({
      id: row.id,
      code: 'too-slow',
      times: 2,
      firstAt: 1_000,
      lastAt: 5_000,
      positions: ['0-0', '0-1'],
    })
    expect(second).toMatchObject({ id: '0-2', imageId: undefined, times: 1 })
  })

  it('leaves out what was discarded, and shows what came back after that', () => {
    expect(gather(messages, new Set(['0-0', '0-2'])).map(({ id, times }) => [id, times])).toEqual([[row.id, 1]])
  })
})

describe('sending back', () => {
  it('is for images that are still in quarantine and have not come back too often', () => {
    expect(whyNot(row.id, row)).toBeUndefined()
    expect(whyNot(row.id, { ...row, redrives: consoleLimits.redrivesOfOneImage - 1 })).toBeUndefined()
    expect(whyNot(row.id, { ...row, redrives: consoleLimits.redrivesOfOneImage })).toContain('come back')
    expect(whyNot(undefined, undefined)).toContain('names no image')
    expect(whyNot(row.id, undefined)).toContain('deleted')
    for (const status of ['purged', 'processed', 'received', 'published'] as const) {
      expect(whyNot(row.id, { status })).toBeDefined()
    }
  })
})

describe('a record', () => {
  it('is shown as text, or as base64 where it is none', () => {
    expect(messageView(message(0, 1, 'a'))).toMatchObject({ encoding: 'text', value: event, key: row.id })
    expect(messageView(message(0, 1, 'a', Buffer.from([0xff, 0xfe])))).toMatchObject({
      encoding: 'base64',
      value: '//4=',
    })
  })

  it('is found by what is in its key, value and headers, whatever the capitals', () => {
    for (const text of [row.id.toUpperCase(), 'image_PATH', 'BECAUSE truncated', headerNames.reason]) {
      expect(holds(message(0, 1, 'truncated'), text)).toBe(true)
    }
    expect(holds(message(0, 1, 'truncated'), 'elsewhere')).toBe(false)
  })
})

describe('roles', () => {
  it('follow from groups, the highest of several', () => {
    expect(roleOf(['viewers', 'operators'])).toBe('operator')
    expect(roleOf(['engineers'])).toBe('admin')
    expect(roleOf(['uploaders', 'unheard-of'])).toBeUndefined()
    expect(roleOf([])).toBeUndefined()
  })

  it('are required, and nobody changes anything in a read-only console', () => {
    const person = (group: string) => ({ id: 'p', groups: [group] })
    const refusal = (code: string) => expect.objectContaining({ status: 403, code })
    expect(requireRole(person('operators'), 'operator', 'full')).toEqual({ id: 'p', role: 'operator' })
    expect(() => requireRole(person('viewers'), 'operator', 'full')).toThrow(refusal('role-missing'))
    expect(() => requireRole(person('uploaders'), 'viewer', 'full')).toThrow(refusal('role-missing'))
    expect(() => requireRole(person('engineers'), 'operator', 'read-only')).toThrow(refusal('console-read-only'))
    expect(requireRole(person('engineers'), 'viewer', 'read-only').role).toBe('admin')
  })
})
