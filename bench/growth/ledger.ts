/** How the first page of a person's images, and a purge, grow with the number of images. */
import { decodeJwt } from 'jose'
import type { Stores } from '../../__tests__/support/fresh-stores.ts'
import { imageRow } from '../../__tests__/support/images.ts'
import type { LocalConfig } from '../../config.ts'
import { createLedger } from '../../functions/shared/ledger.ts'
import { createDocuments } from '../../local/services/dynamodb.ts'
import { resourceName, tables } from '../../platform.ts'
import { contest, summary } from '../contest.ts'
import { fillForPurge, purgeAll } from '../measurements/purge.ts'
import { startPlatform } from '../platform.ts'
import { type Grow, type Panel, rounds } from './panel.ts'

const owned = [100, 1_000, 10_000]
const requests = 20
const purged = [50, 150, 500]
/** Rows of one transaction. */
const atOnce = 100

export const growLedger: Grow = async (progress) => {
  const platform = await startPlatform(['kafka', 's3', 'dynamodb', 'identity', 'gateway'])
  try {
    return [await listing(platform, progress), await purging(platform.config, progress)]
  } finally {
    await platform.stop()
  }
}

async function listing(
  { config, token }: Awaited<ReturnType<typeof startPlatform>>,
  progress: (text: string) => void,
): Promise<Panel> {
  const documents = createDocuments(config)
  const ledger = createLedger(documents, resourceName(config.environment, tables.ledger.name))
  const ownerId = decodeJwt(token).sub ?? ''
  const points = []
  let there = 0
  for (const x of owned) {
    progress(`${x} images of one person`)
    for (; there < x; there += atOnce) {
      await ledger.insertAll(Array.from({ length: atOnce }, () => imageRow({ ownerId, status: 'processed' })))
    }
    const [result] = await contest({ list: () => askForFirstPage(config.urls.gateway, token) }, rounds)
    points.push({ x, value: summary(result?.rounds.map(({ wall }) => wall / requests) ?? []) })
  }
  documents.destroy()
  return { of: 'images of one person', what: 'GET /images, first page, ms', points, logarithmic: true }
}

async function askForFirstPage(gateway: string, token: string): Promise<void> {
  for (let n = 0; n < requests; n += 1) {
    const answer = await fetch(`${gateway}/images`, { headers: { authorization: `Bearer ${token}` } })
    const { items } = (await answer.json()) as { items?: unknown[] }
    if (!items?.length) throw new Error(`GET /images answered ${answer.status} without images`)
  }
}

async function purging(config: LocalConfig, progress: (text: string) => void): Promise<Panel> {
  const points = []
  for (const x of purged) {
    progress(`a purge of ${x} images`)
    const filled = []
    for (let round = 0; round <= rounds; round += 1) filled.push(await fillForPurge(config, x))
    const untouched = filled.values()
    const [result] = await contest({ purge: () => purgeAll(untouched.next().value as Stores, x) }, rounds)
    points.push({ x, value: summary(result?.rounds.map(({ wall }) => (x * 1000) / wall) ?? []) })
    for (const stores of filled) await stores.close()
  }
  return { of: 'images that are due', what: 'purged a second', points, logarithmic: true }
}
