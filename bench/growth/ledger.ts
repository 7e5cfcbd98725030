/** How the first page of a person's images, and a purge, grow with the number of images. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import type { Stores } from '../../__tests__/support/fresh-stores.ts'
import { imageRow } from '../../__tests__/support/images.ts'
import type { LocalConfig } from '../../config.ts'
import { createLedger } from '../../functions/shared/ledger.ts'
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
  const { region, s3Credentials: credentials, urls } = config
  const dynamodb = new DynamoDBClient({ endpoint: urls.dynamodb, region, credentials })
  const documents = DynamoDBDocumentClient.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } })
  const ledger = createLedger(documents, resourceName(config.environment, tables.ledger.name))
  const ownerId = subjectOf(token)
  const points = []
  let there = 0
  for (const x of owned) {
    progress(`${x} images of one person`)
    for (; there < x; there += atOnce) {
      await ledger.insertAll(Array.from({ length: atOnce }, () => imageRow({ ownerId, status: 'processed' })))
    }
    const [result] = await contest({ list: () => askForFirstPage(urls.gateway, token) }, rounds)
    points.push({ x, value: summary(result?.rounds.map(({ wall }) => wall / requests) ?? []) })
  }
  dynamodb.destroy()
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

/** The person behind a token, as its claims say. */
const subjectOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sub: string }).sub
