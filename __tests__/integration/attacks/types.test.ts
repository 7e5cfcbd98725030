/** Files that are not what they say: refused by their bytes, before anything is stored. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImageType } from '../../../platform.ts'
import { mint, send } from './attacker.ts'
import { imageBytes, pretenders, writable } from './images.ts'

let token: string
beforeAll(async () => {
  token = await mint('uploaders', { sub: crypto.randomUUID() })
})
afterAll(async () => {
  const { text } = await send('/images', { token })
  expect(JSON.parse(text).items).toEqual([])
})

const upload = (body: Uint8Array, type: string) =>
  send('/images', {
    method: 'POST',
    token,
    headers: { 'content-type': type },
    body: body as Uint8Array<ArrayBuffer>,
  })

const lies = writable.flatMap((actual) => writable.filter((said) => said !== actual).map((said) => ({ actual, said })))
describe.each(lies)('$actual under the name of $said', ({ actual, said }) => {
  it('is 415 and says what it is', async () => {
    const { status, code, text } = await upload(await imageBytes(actual), said)
    expect([status, code]).toEqual([415, 'type-mismatch'])
    expect(text).toContain(actual)
  })
})

const pretended = Object.entries(pretenders).flatMap(([name, bytes]) =>
  (['image/jpeg', 'image/png', 'image/webp'] satisfies ImageType[]).map((type) => ({ name, bytes, type })),
)
describe.each(pretended)('$name as $type', ({ bytes, type }) => {
  it('is refused', async () => {
    const { status, code } = await upload(bytes, type)
    expect([status, code]).toEqual(
      bytes.length === 0 ? [400, 'body-missing'] : [415, expect.stringMatching(/not-an-image|type-mismatch/)],
    )
  })
})

describe.each([
  'text/html',
  'image/svg+xml',
  'application/pdf',
  'application/octet-stream',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  'image/*',
  '*/*',
  'image',
  'image/jpeg/png',
  'image/jpeg,image/png',
  'image/x-icon',
  'video/mp4',
  '',
])('a content type of "%s"', (type) => {
  it('is 415', async () => {
    const { status, code } = await upload(await imageBytes('image/jpeg'), type)
    expect([status, code]).toEqual([415, expect.stringMatching(/content-type/)])
  })
})

it.each(['gzip', 'br', 'deflate', 'zstd', 'gzip, gzip'])('a body in the encoding %s is refused', async (encoding) => {
  const answer = await send('/images', {
    method: 'POST',
    token,
    headers: { 'content-type': 'image/jpeg', 'content-encoding': encoding },
    body: (await imageBytes('image/jpeg')) as Uint8Array<ArrayBuffer>,
  })
  expect([answer.status, answer.code]).toEqual([415, 'content-encoding-not-taken'])
})
