import { describe, expect, it } from 'vitest'
import { PoisonError } from '../../../functions/shared/errors.ts'
import { imageEvent, parseEvent, serializeEvent } from '../../../functions/shared/event.ts'
import { imagePath, newImageId, originalKey } from '../../../functions/shared/keys.ts'

const id = newImageId()
const path = imagePath(originalKey({ id, date: '2022-05-16' }, 'png'))

/** The code of the PoisonError that parsing ends with. */
function codeOf(value: string): string {
  try {
    parseEvent(value)
  } catch (error) {
    if (error instanceof PoisonError) return error.code
  }
  return 'accepted'
}

describe('the upload event', () => {
  it('is exactly timestamp in seconds and image_path', () => {
    const json = serializeEvent(imageEvent(1_652_699_471_999, path))
    expect(json).toBe(`{"timestamp":1652699471,"image_path":"${path}"}`)
    expect(parseEvent(json)).toMatchObject({ id, date: '2022-05-16', timestamp: 1652699471 })
  })

  it.each([
    ['no JSON', '{'],
    ['nothing', ''],
    ['an array', '[]'],
    ['null', 'null'],
    ['a field too many', JSON.stringify({ timestamp: 1, image_path: path, extra: true })],
    ['no timestamp', JSON.stringify({ image_path: path })],
    ['a timestamp as text', JSON.stringify({ timestamp: '1', image_path: path })],
    ['a negative timestamp', JSON.stringify({ timestamp: -1, image_path: path })],
    ['a fraction', JSON.stringify({ timestamp: 1.5, image_path: path })],
    ['a path as number', JSON.stringify({ timestamp: 1, image_path: 7 })],
    ['an endless path', JSON.stringify({ timestamp: 1, image_path: `/${'a'.repeat(600)}` })],
  ])('is malformed where it is or has %s', (_what, value) => {
    expect(codeOf(value)).toBe('malformed-event')
  })

  it('is foreign where its path is none of ours', () => {
    expect(codeOf(JSON.stringify({ timestamp: 1, image_path: '/path/to/image/camera.png' }))).toBe('foreign-path')
  })
})
