/**
 * The canary: words that occur nowhere else go through every part of a platform of the test's own, in names, pixels and
 * metadata. Then everything is purged as of eight days later, and every store is searched byte by byte. With Spark and
 * its notebooks: `canary.long.test.ts`.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { notebookRoutes } from '../../contract/notebook-routes.ts'
import { poll } from '../../local/supervisor/poll.ts'
import { topics } from '../../platform.ts'
import { apiClient } from '../support/api.ts'
import { letEventsExpire, type Place, purgeInEightDays, startPlace } from '../support/canary/place.ts'
import { type Planted, plant } from '../support/canary/plant.ts'
import { idNeedles, personalNeedles } from '../support/canary/sought.ts'
import type { Hit, Needle } from '../support/search.ts'

const minute = 60_000
const data = ['data/s3', 'data/dynamodb', 'data/kafka'] as const

let place: Place
let planted: Planted
/** Of what is due, and of what its owner has erased: names, pixels, metadata. */
let due: Needle[]
let erased: Needle[]
let held: Needle[]

beforeAll(async () => {
  place = await startPlace()
  planted = await plant(place.platform)
  due = personalNeedles(planted.due, [planted.held])
  held = personalNeedles(planted.held, [planted.due])
  erased = personalNeedles(planted.erased, [planted.due, planted.held])
}, 6 * minute)
afterAll(async () => place?.stop(), 2 * minute)

const foundIn = (hits: readonly Hit[]) => [...new Set(hits.map(({ needle }) => needle))].toSorted()
/** Stores let go of their files a little after they have deleted what is in them. */
const untilNothingIsIn = (folder: string, needles: readonly Needle[]) =>
  poll(async () => expect(await place.search(folder, needles)).toEqual([]), { limitMs: 2 * minute, everyMs: 2_000 })
const everyId = () => [planted.due, planted.held, planted.erased].flatMap(idNeedles)
const everything = () => [...due, ...held, ...erased]

describe('before the purge', () => {
  it(
    'the search finds all of it, so it would find what is left',
    async () => {
      const { images } = planted.due
      expect(images.map(({ status }) => status)).toEqual([
        'processed',
        'processed',
        'processed',
        'quarantined',
        'processed',
      ])
      const ids = idNeedles(planted.due)
      const lake = await place.search('data/s3', [...due, ...ids])
      const ledger = await place.search('data/dynamodb', [...due, ...ids])
      const stream = await place.search('data/kafka', ids)
      expect(foundIn(lake)).toEqual(
        expect.arrayContaining(['the words inside', ...planted.due.files.keys(), 'id 0', 'id 4']),
      )
      expect(lake.some(({ needle, where }) => needle === 'id 0' && where === 'name')).toBe(true)
      expect(foundIn(ledger)).toEqual(expect.arrayContaining(['the file name', 'the words inside', 'id 0', 'id 7']))
      expect(foundIn(stream)).toEqual(['id 0', 'id 1', 'id 2', 'id 3', 'id 4'])
    },
    minute,
  )

  it(
    'neither names nor pixels nor metadata are in logs, events or anywhere else',
    async () => {
      const hits = await place.search('.', everything())
      const elsewhere = hits.filter((hit) => !hit.place.startsWith('data/s3') && !hit.place.startsWith('data/dynamodb'))
      expect(elsewhere).toEqual([])
    },
    minute,
  )

  it('what its owner has erased is nowhere; only the stream and logs still name its id', {
    timeout: 3 * minute,
  }, async () => {
    await untilNothingIsIn('.', erased)
    const places = (await place.search('.', idNeedles(planted.erased))).map((hit) => hit.place)
    expect(places.filter((name) => !/^(logs|data\/kafka)\//.test(name))).toEqual([])
    // Otherwise nothing would be searched for.
    expect(places).not.toEqual([])
  })
})

describe('after a purge as of eight days later', () => {
  beforeAll(async () => {
    await purgeInEightDays(place)
    await letEventsExpire(place)
  }, 6 * minute)

  it.each(data)(
    'nothing of what was due is left in %s: no name, no pixel, no metadata, no id',
    (folder) => untilNothingIsIn(folder, [...due, ...erased, ...idNeedles(planted.due), ...idNeedles(planted.erased)]),
    3 * minute,
  )

  it(
    'what is held is whole: original, renditions, metadata and row',
    async () => {
      const { held: one, api } = planted
      expect(foundIn(await place.search('data/s3', held))).toEqual(
        expect.arrayContaining(['the words inside', ...one.files.keys()]),
      )
      expect(foundIn(await place.search('data/dynamodb', held))).toContain('the file name')
      const { json } = await api.image(one.ids[0] ?? '')
      expect(json).toMatchObject({ status: 'processed', name: `${one.words.name}.jpg` })
      for (const { url = '' } of json.renditions) expect((await fetch(url)).status).toBe(200)
    },
    minute,
  )
})

describe('after its hold has ended, and another purge', () => {
  beforeAll(async () => {
    const released = await planted.engineer.call('DELETE', `/retention/holds/${planted.held.ids[0]}`)
    expect(released.status, JSON.stringify(released.json)).toBe(200)
    await purgeInEightDays(place)
  }, 4 * minute)

  it.each(data)(
    'nothing at all is left in %s',
    (folder) => untilNothingIsIn(folder, [...everything(), ...everyId()]),
    3 * minute,
  )

  it(
    'nothing is left anywhere else, temporary folders included; logs alone still name ids, for three days',
    async () => {
      expect(await place.search('.', everything())).toEqual([])
      const places = (await place.search('.', everyId())).map((hit) => hit.place)
      expect(places.filter((name) => !name.startsWith('logs/'))).toEqual([])
    },
    minute,
  )

  it(
    'no way of asking shows it any more',
    async () => {
      const { api, engineer } = planted
      const all = [planted.due, planted.held, planted.erased]
      const ids = all.flatMap((one) => one.ids)
      const analyst = apiClient(place.platform.url, await place.platform.token('analysts'))
      const asked = [
        ...[
          '/stream',
          '/stream/quarantine',
          '/stream/topics',
          ...Object.values(topics).map(({ name }) => `/stream/topics/${name}/messages`),
          '/stream/changes',
          '/stream/changes?of=looks',
          '/stream/history',
          '/retention',
          '/retention/runs',
          '/retention/receipts',
          '/retention/holds',
        ].map((path) => [engineer, path] as const),
        ...['/images', '/images/changes', '/profile', '/profile/usage'].map((path) => [api, path] as const),
        [analyst, notebookRoutes.list] as const,
      ]
      const answers = await Promise.all(
        asked.map(async ([who, path]) => ({ path, ...(await who.call<object>('GET', path)) })),
      )
      for (const { path, status } of answers) expect([path, status]).toEqual([path, 200])
      const problems = await Promise.all(ids.map((id) => api.image(id)))
      expect(problems.map(({ status }) => status)).toEqual(ids.map(() => 404))
      const text = JSON.stringify([...answers, ...problems.map(({ json }) => ({ ...json, instance: '' }))])
      for (const secret of [...all.flatMap(({ words }) => Object.values(words)), ...ids]) {
        expect(text).not.toContain(secret)
      }
      const links = all.flatMap((one) => one.links)
      expect(links.length).toBeGreaterThan(10)
      for (const url of links) expect([url, (await fetch(url)).status]).toEqual([url, 404])
    },
    minute,
  )
})
