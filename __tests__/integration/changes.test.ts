/** A page that waits is told of changes on the running platform, soon after they happened, and only of its own. */
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ImageChanges } from '../../contract/schemas.ts'
import { type Api, apiClient } from '../support/api.ts'
import { sharedPlatform } from '../support/platform.ts'
import { mint } from './attacks/attacker.ts'

const platform = sharedPlatform()
let api: Api
let other: Api
beforeAll(async () => {
  // Nobody else's tests upload as these two.
  api = apiClient(platform.url, await mint('uploaders', { sub: crypto.randomUUID() }))
  other = apiClient(platform.url, await mint('uploaders', { sub: crypto.randomUUID() }))
})

const photograph = () =>
  sharp({
    create: {
      width: 64,
      height: 64,
      channels: 3,
      background: 'white',
      noise: { type: 'gaussian', mean: 90, sigma: 40 },
    },
  })
    .jpeg()
    .toBuffer()
const changes = (as: Api, query: Record<string, string>) =>
  as.call<ImageChanges>('GET', `/images/changes?${new URLSearchParams(query)}`)

describe('somebody who waits for changes', () => {
  it('is told that an image has been processed within a second of it, without asking for the image', async () => {
    const { json: start } = await changes(api, {})
    const { json: accepted } = await api.upload(await photograph(), 'image/jpeg')
    let cursor = start.cursor
    let late = Number.POSITIVE_INFINITY
    while (late === Number.POSITIVE_INFINITY) {
      const { status, json: told } = await changes(api, { cursor, wait: '20' })
      expect(status).toBe(200)
      expect(told.images.length).toBeGreaterThan(0)
      cursor = told.cursor
      const image = told.images.find(({ id, status: now }) => id === accepted.id && now === 'processed')
      const at = image?.timeline.find(({ status: step }) => step === 'processed')?.at
      if (at) late = Date.now() - Date.parse(at)
    }
    console.log(`told ${late} ms after it was processed`)
    expect(late).toBeLessThan(1_000)
    // An image may be seen as processed before that change is: then it is told once more, and after that no more.
    const { json: rest } = await changes(api, { cursor, wait: '2' })
    expect((await changes(api, { cursor: rest.cursor })).json.images).toEqual([])
  })

  it('hears nothing of what others upload', async () => {
    const { json: start } = await changes(other, {})
    const { json: accepted } = await api.upload(await photograph(), 'image/jpeg')
    await api.settled(accepted.id)
    expect((await changes(other, { cursor: start.cursor })).json.images).toEqual([])
  })

  it('is answered with nothing when the time is over', async () => {
    const { json: start } = await changes(other, {})
    const before = performance.now()
    const { json: told } = await changes(other, { cursor: start.cursor, wait: '1' })
    expect(told.images).toEqual([])
    expect(performance.now() - before).toBeGreaterThan(700)
  })
})
