/** Legal holds over HTTP: who may, on what, until when; and that nobody gets around one, nor one gets around an erasure. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Hold, HoldPage } from '../../../contract/hold-schemas.ts'
import type { BulkErased, EverythingErased } from '../../../contract/personal-schemas.ts'
import type { ImageView, Problem } from '../../../contract/schemas.ts'
import { poll } from '../../../local/supervisor/poll.ts'
import { type Group, groups, retention, scopes } from '../../../platform.ts'
import { apiClient } from '../../support/api.ts'
import { mint, send, url } from './attacker.ts'
import { imageBytes } from './images.ts'

const day = 86_400_000
const headers = { 'content-type': 'application/json' }
const inDays = (days: number) => new Date(Date.now() + days * day).toISOString()
const good = () => ({ why: 'case 4711', until: inDays(30) })

let owner: ReturnType<typeof apiClient>
let engineer: string
let image: string
let before: ImageView
const placed = new Set<string>()

const hold = async (id: string, body: unknown = good(), token: string | undefined = engineer) => {
  placed.add(id)
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await send(`/retention/holds/${id}`, { method: 'PUT', headers, body: text, ...(token && { token }) })
  return { ...answer, json: JSON.parse(answer.text) as Hold & Problem }
}
const release = (id: string, token = engineer) => send(`/retention/holds/${id}`, { method: 'DELETE', token })
const held = async () =>
  (JSON.parse((await send('/retention/holds', { token: engineer })).text) as HoldPage).items.map(({ id }) => id)
const uploaded = async () => {
  const { json } = await owner.upload(await imageBytes('image/jpeg'), 'image/jpeg')
  await owner.settled(json.id, 60_000)
  return json.id
}
/** The image is as it was, and nothing holds it. */
async function expectUntouched() {
  const { json } = await owner.image(image)
  expect([json.status, json.expires_at]).toEqual([before.status, before.expires_at])
  expect(await held()).not.toContain(image)
  expect(await release(image)).toMatchObject({ status: 404, code: 'not-held' })
}

beforeAll(async () => {
  owner = apiClient(url, await mint('uploaders', { sub: crypto.randomUUID() }))
  engineer = await mint('engineers')
  image = await uploaded()
  before = (await owner.image(image)).json
})
// Others use this platform after us.
afterAll(async () => {
  for (const id of placed) await release(id)
})

const without = (Object.keys(groups) as Group[]).filter(
  (group) => !(groups[group] as readonly string[]).includes(scopes.retentionHold),
)

describe('somebody without the right', () => {
  it('is everybody but engineers', () => {
    expect(without.toSorted()).toEqual(['analysts', 'operators', 'uploaders', 'viewers'])
  })

  it.each(without)('among %s neither places a hold nor ends one', async (group) => {
    const token = await mint(group)
    expect(await hold(image, good(), token)).toMatchObject({ status: 403 })
    await expectUntouched()
    expect((await hold(image)).status).toBe(200)
    expect(await release(image, token)).toMatchObject({ status: 403 })
    expect(await held()).toContain(image)
    expect((await release(image)).status).toBe(200)
  })

  it('who owns the image is not asked either: neither to place a hold nor to end one', async () => {
    expect(
      await owner.call('PUT', `/retention/holds/${image}`, { headers, body: JSON.stringify(good()) }),
    ).toMatchObject({ status: 403 })
    expect((await owner.call('DELETE', `/retention/holds/${image}`)).status).toBe(403)
    expect((await owner.call('GET', '/retention/holds')).status).toBe(403)
    await expectUntouched()
  })

  it('among engineers is whoever has a token that lacks the scope', async () => {
    const token = await mint('engineers', { claims: { scope: `${scopes.retentionRead} ${scopes.streamWrite}` } })
    expect(await hold(image, good(), token)).toMatchObject({ status: 403 })
    await expectUntouched()
  })

  it('is whoever has no token', async () => {
    expect(
      await send(`/retention/holds/${image}`, { method: 'PUT', headers, body: JSON.stringify(good()) }),
    ).toMatchObject({ status: 401 })
    expect((await send(`/retention/holds/${image}`, { method: 'DELETE' })).status).toBe(401)
    await expectUntouched()
  })
})

describe('an image that is not there', () => {
  const unfinished = async () =>
    (
      await owner.call<{ id: string }>('POST', '/uploads', {
        headers,
        body: JSON.stringify({ content_type: 'image/jpeg', bytes: 5 }),
      })
    ).json.id
  const erased = async () => {
    const id = await uploaded()
    expect((await owner.erase(id)).status).toBe(200)
    return id
  }
  const ids: [string, () => Promise<string> | string, string?][] = [
    ['has never been', () => crypto.randomUUID(), 'unknown-image'],
    ['has been erased', erased, 'unknown-image'],
    ['is an upload that waits', unfinished, 'unknown-image'],
    ['is written in capitals', () => image.toUpperCase(), 'unknown-image'],
    ['has the id of nobody', () => '00000000-0000-0000-0000-000000000000', 'unknown-image'],
    ['is a key of the table', () => 'idempotency%23x'],
    ['is a path', () => '..%2f..%2fhealthz'],
    ['is everything', () => '*'],
    ['is too long', () => image.repeat(30)],
  ]
  it.each(ids)('because it %s cannot be held, nor a hold on it be ended', async (_, of, code) => {
    const id = await of()
    for (const answer of [await hold(id), await release(id)]) {
      if (code) expect(answer).toMatchObject({ status: 404, code })
      else expect([400, 404]).toContain(answer.status)
    }
    expect(await held()).not.toContain(decodeURIComponent(id))
  })
})

const at = (until: unknown) => ({ why: 'case 4711', until })
const refused: [string, unknown, number][] = [
  ['an end in the past', at(inDays(-1)), 422],
  ['an end before there were computers', at('0001-01-01T00:00:00Z'), 422],
  ['an end beyond the longest', at(inDays(retention.hold / day + 1)), 422],
  ['an end in the year 9999', at('9999-12-31T23:59:59Z'), 422],
  ['an end beyond years of four digits', at('+010000-01-01T00:00:00Z'), 400],
  ['a day without a time', at('2027-01-01'), 400],
  ['a time without a zone', at('2027-01-01T00:00:00'), 400],
  ['a day that no calendar has', at('2027-02-30T00:00:00Z'), 400],
  ['an hour that no clock has', at('2027-01-01T25:00:00Z'), 400],
  ['a word', at('tomorrow'), 400],
  ['a number', at(Date.now() + day), 400],
  ['nothing', at(''), 400],
  ['null', at(null), 400],
  ['a list', at([inDays(3)]), 400],
  ['no end', { why: 'case 4711' }, 400],
  ['no reason', { until: inDays(3) }, 400],
  ['a reason that is none', { ...good(), why: '' }, 400],
  ['a reason of two letters', { ...good(), why: 'no' }, 400],
  ['a reason as long as a book', { ...good(), why: 'x'.repeat(501) }, 400],
  ['a reason that is a number', { ...good(), why: 4711 }, 400],
  ['more than is asked', { ...good(), by: 'somebody else' }, 400],
  ['a placing in the past', { ...good(), placed_at: inDays(-100) }, 400],
  ['a list of holds', [good()], 400],
  ['an empty body', '', 400],
  ['half a body', '{"why":"case 4711","until"', 400],
]
describe('a request with', () => {
  it.each(refused)('%s is refused, says why, and changes nothing', async (_, body, status) => {
    const answer = await hold(image, body)
    expect([answer.status, answer.json.code, answer.json.detail]).toEqual([
      status,
      status === 422 ? 'hold-out-of-range' : expect.any(String),
      expect.any(String),
    ])
    await expectUntouched()
  })
})

describe('an image under a hold', () => {
  it('goes by the newer end when it is held twice, is listed once, and ends once', async () => {
    expect((await hold(image)).json).toMatchObject({ id: image, expires_without: before.expires_at })
    const until = inDays(60)
    expect((await hold(image, { why: 'case 4712', until })).json).toMatchObject({
      why: 'case 4712',
      until,
      expires_without: before.expires_at,
    })
    expect((await held()).filter((id) => id === image)).toEqual([image])
    expect(await release(image)).toMatchObject({ status: 200 })
    await expectUntouched()
  })

  it('may be held until earlier than before, but is never due before its own time', async () => {
    await hold(image)
    const until = inDays(2)
    expect((await hold(image, at(until))).json).toMatchObject({ until, expires_without: before.expires_at })
    expect((await owner.image(image)).json.expires_at).toBe(before.expires_at)
    expect((await release(image)).status).toBe(200)
    await expectUntouched()
  })

  it('stays whatever its owner does: one by one, among many, with everything', async () => {
    const id = await uploaded()
    expect((await hold(id)).status).toBe(200)
    expect(await owner.erase(id)).toMatchObject({ status: 409, json: { code: 'held' } })
    const ids = { headers, body: JSON.stringify({ ids: [id] }) }
    const many = await owner.call<BulkErased>('POST', '/erasures', ids)
    expect(many.json).toMatchObject({ erased: [], failed: [{ id, code: 'held' }] })
    const somebody = apiClient(url, await mint('uploaders', { sub: crypto.randomUUID() }))
    const { json: own } = await somebody.upload(await imageBytes('image/jpeg'), 'image/jpeg')
    await somebody.settled(own.id, 60_000)
    expect((await hold(own.id)).status).toBe(200)
    const everything = await somebody.call<EverythingErased>('DELETE', '/profile?confirm=everything')
    expect(everything.json).toMatchObject({ erased: 0, left: 1, failed: [{ id: own.id, code: 'held' }] })
    for (const [who, kept] of [
      [owner, id],
      [somebody, own.id],
    ] as const) {
      const { json } = await who.image(kept)
      expect(json.status).toBe('processed')
      for (const { url: link = '' } of json.renditions) expect((await fetch(link)).status).toBe(200)
    }

    expect((await release(id)).status).toBe(200)
    expect((await owner.erase(id)).status).toBe(200)
    expect(await hold(id)).toMatchObject({ status: 404, code: 'unknown-image' })
    await release(own.id)
    expect((await somebody.erase(own.id)).status).toBe(200)
  })

  it('is its owner’s again when the hold comes to its end by itself', async () => {
    const id = await uploaded()
    expect((await hold(id, at(new Date(Date.now() + 3_000).toISOString()))).status).toBe(200)
    expect((await owner.erase(id)).json).toMatchObject({ code: 'held' })
    await poll(async () => expect((await owner.erase(id)).status).toBe(200), { limitMs: 30_000, everyMs: 250 })
    expect(await held()).not.toContain(id)
  })

  it('or erased, never both: when the two come at the same moment, one of them is refused', async () => {
    for (let round = 0; round < 5; round++) {
      const id = await uploaded()
      const [kept, erased] = await Promise.all([hold(id), owner.erase(id)])
      const standing = (await owner.image(id)).status === 200
      expect([kept.status === 200, erased.status === 200]).toEqual([standing, !standing])
      expect((await held()).includes(id)).toBe(standing)
      if (!standing) continue
      expect((await release(id)).status).toBe(200)
      expect((await owner.erase(id)).status).toBe(200)
    }
  })

  it('is named to nobody but those who may see holds, and the record of it names no image', async () => {
    expect((await hold(image)).status).toBe(200)
    expect((await release(image)).status).toBe(200)
    const { text } = await send('/retention/holds?limit=10', { token: await mint('viewers') })
    const { changes } = JSON.parse(text) as HoldPage
    expect(changes.slice(0, 2).map(({ action }) => action)).toEqual(['released', 'placed'])
    expect(JSON.stringify(changes)).not.toContain(image)
  })
})
